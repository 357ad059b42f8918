/* tests/t_vmx.c - the laws of AltiVec and VMX128 that no captured vector covers: fused rounding, the estimates' tables, the forms that
 * read their target, Direct3D formats; and that no result hangs on what the host's processor has. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/cpu/vmx.h"
#include "src/cpu/x_vmx.h"
#include "src/cpu/x_vmx128.h"

static uint32_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)((*seed * UINT64_C(0x2545f4914f6cdd1d)) >> 32);
}

static float single(uint32_t bits)
{
	float f;
	memcpy(&f, &bits, 4);
	return f;
}

static uint32_t bits_of(float f)
{
	uint32_t bits;
	memcpy(&bits, &f, 4);
	return bits;
}

/* Operands that meet each other: exponents near a common one, short fractions, specials, all there is. */
static uint32_t some_single(uint64_t *seed)
{
	static const uint32_t special[] = {
		0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00123,
		0xff801234, 0x3f800000, 0xbf800000, 0x4b000000, 0x4f000000, 0xcf000000,
	};
	uint32_t r = next(seed), fraction = next(seed) & 0x7fffff;
	if (r % 8 == 0)
		return special[r / 8 % ARRAY_LEN(special)];
	if (r % 8 == 1)
		return next(seed);
	if (r % 8 < 5)
		fraction = fraction >> (r / 8 % 23) << (r / 8 % 23);
	return (r & 0x80000000) | (r % 8 < 7 ? 127 + (r >> 16) % 32 - 16 : (r >> 16) % 255) << 23 | fraction;
}

static union ppc_vr some_floats(uint64_t *seed)
{
	union ppc_vr v;
	for (unsigned i = 0; i < 4; i++)
		v.w[i] = some_single(seed);
	return v;
}

static union ppc_vr some_bits(uint64_t *seed)
{
	union ppc_vr v;
	for (unsigned i = 0; i < 4; i++)
		v.w[i] = next(seed);
	return v;
}

/* ---- fused multiply and add ------------------------------------------------------------------------------------------ */

static void fused_rounds_once(void **state)
{
	uint64_t seed = 1;
	for (unsigned i = 0; i < 500000; i++) {
		uint32_t a = some_single(&seed), b = some_single(&seed), c = some_single(&seed);
		float want = fmaf(single(a), single(c), single(b)), have = vmx_fused(single(a), single(c), single(b));
		if (isnan(want))
			assert_true(isnan(have));
		else
			assert_int_equal(bits_of(have), bits_of(want));
	}
}

/* (1 + 2^-12)^2 lies halfway between two singles. What is added is too little for a double to hold, and still decides. */
static void fused_ties_are_broken_by_what_a_double_loses(void **state)
{
	const float root = 1 + 0x1p-12f;
	assert_int_equal(bits_of(vmx_fused(root, root, 0)), 0x3f801000); /* to even */
	for (int n = -149; n < -60; n++) {
		assert_int_equal(bits_of(vmx_fused(root, root, ldexpf(1, n))), 0x3f801001);
		assert_int_equal(bits_of(vmx_fused(root, root, ldexpf(-1, n))), 0x3f801000);
		assert_int_equal(bits_of(vmx_fused(-root, root, ldexpf(1, n))), 0xbf801000);
		assert_int_equal(bits_of(vmx_fused(-root, root, ldexpf(-1, n))), 0xbf801001);
	}
}

static void what_the_host_has_never_shows(void **state)
{
	uint64_t seed = 2;
	for (unsigned i = 0; i < 300000; i++) {
		union ppc_vr a = some_floats(&seed), b = some_floats(&seed), c = some_floats(&seed), r, s;
		uint32_t vscr = i & 1 ? PPC_VSCR_NJ : 0;
		vmx_maddfp(&r, &a, &b, &c, &vscr);
		vmx_maddfp_portable(&s, &a, &b, &c, &vscr);
		assert_memory_equal(&r, &s, 16);
		vmx_nmsubfp(&r, &a, &b, &c, &vscr);
		vmx_nmsubfp_portable(&s, &a, &b, &c, &vscr);
		assert_memory_equal(&r, &s, 16);
		vmx_perm(&r, &a, &b, &c, &vscr);
		vmx_perm_portable(&s, &a, &b, &c, &vscr);
		assert_memory_equal(&r, &s, 16);
	}
}

static void non_java_mode_has_no_denormals(void **state)
{
	static void (*const ops[])(union ppc_vr *, const union ppc_vr *, const union ppc_vr *, uint32_t *) = {
		vmx_addfp, vmx_subfp, vmx_mulfp, vmx_maxfp, vmx_minfp, vmx_msum3fp, vmx_msum4fp,
	};
	uint64_t seed = 3;
	uint32_t vscr = PPC_VSCR_NJ, java = 0;
	for (unsigned i = 0; i < 100000; i++) {
		union ppc_vr a = some_floats(&seed), b = some_floats(&seed), fa, fb, r, s;
		if (i & 1)
			a.w[i / 2 & 3] &= 0x807fffff;
		fa = a;
		fb = b;
		for (unsigned k = 0; k < 4; k++) {
			fa.w[k] &= fa.w[k] & 0x7f800000 ? UINT32_MAX : 0x80000000;
			fb.w[k] &= fb.w[k] & 0x7f800000 ? UINT32_MAX : 0x80000000;
		}
		/* = the Java mode on flushed operands, its result flushed */
		ops[i % ARRAY_LEN(ops)](&r, &a, &b, &vscr);
		ops[i % ARRAY_LEN(ops)](&s, &fa, &fb, &java);
		for (unsigned k = 0; k < 4; k++)
			s.w[k] &= s.w[k] & 0x7f800000 ? UINT32_MAX : 0x80000000;
		assert_memory_equal(&r, &s, 16);
	}
}

/* ---- dot products ---------------------------------------------------------------------------------------------------- */

static void dot_product_of_three_ignores_the_last_word(void **state)
{
	union ppc_vr a = { .f = { NAN, 3, 2, 1 } }, b = { .f = { 1, 6, 5, 4 } }, r;
	uint32_t vscr = 0;
	vmx_msum3fp(&r, &a, &b, &vscr);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(r.w[i], bits_of(32));
	vmx_msum4fp(&r, &a, &b, &vscr);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(r.w[i], 0x7fc00000);
	a.w[0] = 0xff800055;
	vmx_msum4fp(&r, &a, &b, &vscr);
	assert_int_equal(r.w[0], 0xffc00055);
	b.w[2] = 0x7f800066; /* comes first */
	vmx_msum4fp(&r, &a, &b, &vscr);
	assert_int_equal(r.w[0], 0x7fc00066);
	a = (union ppc_vr){ .f = { 0, 0, INFINITY, INFINITY } };
	b = (union ppc_vr){ .f = { 0, 0, -1, 1 } };
	vmx_msum3fp(&r, &a, &b, &vscr);
	assert_int_equal(r.w[3], 0x7fc00000);
}

/* ---- estimates -------------------------------------------------------------------------------------------------------- */

static double re(double x) { return 2 / x; }
static double rsqrte(double x) { return 2 / sqrt(x); }

/* Half of the greatest distance between @f and its chord over [x, x + h]. (f is convex: the distance has one maximum.) */
static double half_sagitta(double (*f)(double), double x, double h)
{
	double low = x, high = x + h, slope = (f(x) - f(x + h)) / h;
	for (unsigned i = 0; i < 100; i++) {
		double p = low + (high - low) / 3, q = high - (high - low) / 3;
		if (f(x) - slope * (p - x) - f(p) < f(x) - slope * (q - x) - f(q))
			low = p;
		else
			high = q;
	}
	return (f(x) - slope * (low - x) - f(low)) / 2;
}

/* The rule of vmx_est.c: a line over [x, x + h], its base a multiple of @grain; slope per @step, in 1/@parts. */
static struct vmx_line line_of(double (*f)(double), double x, double h, double grain, double step, double parts)
{
	double base = (f(x) - half_sagitta(f, x, h)) * 0x1p23, slope = (f(x) - f(x + h)) / h * 0x1p23 * step * parts;
	return (struct vmx_line){ (uint32_t)(floor(base / grain + 0.5) * grain), (uint32_t)floor(slope + 0.5) };
}

static void reciprocal_lines_are_lowered_chords(void **state)
{
	for (unsigned i = 0; i < 32; i++) {
		unsigned first = i < 22 ? i : i & ~1u; /* from 1.6875 on two by two */
		struct vmx_line want = line_of(re, 1 + first / 32.0, i < 22 ? 1 / 32.0 : 1 / 16.0, 512, 0x1p-14, 1);
		want.base -= want.slope * 512 * (i - first);
		if (i == 31)
			want.slope = (want.base - 0x800000) / 512;
		assert_int_equal(vmx_re_lines[i].base, want.base);
		assert_int_equal(vmx_re_lines[i].slope, want.slope);
	}
}

/* Even exponents: bases in 512ths and slopes in halves; odd ones twice as fine. All slopes are kept in quarters. */
static void reciprocal_root_lines_are_lowered_chords(void **state)
{
	for (unsigned i = 0; i < 32; i++) {
		bool odd = i >= 16;
		double scale = odd ? 2 : 1;
		struct vmx_line want = line_of(rsqrte, scale * (1 + (i & 15) / 16.0), scale / 16, odd ? 256 : 512, scale * 0x1p-14, odd ? 4 : 2);
		want.slope *= odd ? 1 : 2;
		if (i == 31)
			want.slope = (want.base - 0x800000) * 4 / 1024;
		assert_int_equal(vmx_rsqrte_lines[i].base, want.base);
		assert_int_equal(vmx_rsqrte_lines[i].slope, want.slope);
	}
}

typedef void estimate(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr);

static float estimate_of(estimate *op, float x)
{
	union ppc_vr v = { .f = { x, x, x, x } };
	uint32_t vscr = 0;
	op(&v, &v, &vscr);
	return v.f[0];
}

/* The AltiVec PEM's bounds. */
static void estimates_keep_the_architecture_s_bounds(void **state)
{
	uint64_t seed = 4;
	for (unsigned i = 0; i < 200000; i++) {
		float x = single(0x3f800000 + (next(&seed) & 0x00ffffff)); /* [1, 4) */
		float y = (float)((int32_t)next(&seed) >> 8) * 0x1p-17f;   /* [-64, 64) */
		assert_true(fabs((double)estimate_of(vmx_refp, x) * (double)x - 1) <= 1 / 4096.0);
		assert_true(fabs((double)estimate_of(vmx_rsqrtefp, x) * sqrt((double)x) - 1) <= 1 / 4096.0);
		assert_true(fabs((double)estimate_of(vmx_logefp, x) - log2((double)x)) <= 1 / 32.0);
		assert_true(fabs((double)estimate_of(vmx_exptefp, y) / exp2((double)y) - 1) <= 1 / 16.0);
	}
}

static void logarithm_and_power_are_monotonic_and_exact_at_powers_of_two(void **state)
{
	float log_before = 0, power_before = 1;
	for (uint32_t f = 0; f < 0x800000; f += 0x400) {
		float log_now = estimate_of(vmx_logefp, single(0x3f800000 + f));
		float power_now = estimate_of(vmx_exptefp, (float)f * 0x1p-23f);
		assert_true(log_now >= log_before && power_now >= power_before);
		log_before = log_now;
		power_before = power_now;
	}
	for (int n = -126; n < 128; n++) {
		assert_int_equal(bits_of(estimate_of(vmx_logefp, ldexpf(1, n))), bits_of((float)n));
		assert_int_equal(bits_of(estimate_of(vmx_exptefp, (float)n)), bits_of(ldexpf(1, n)));
	}
	assert_int_equal(bits_of(estimate_of(vmx_exptefp, 128)), 0x7f800000);
	assert_int_equal(bits_of(estimate_of(vmx_exptefp, -127)), 0x00400000);
	assert_int_equal(bits_of(estimate_of(vmx_exptefp, -200)), 0);
}

/* ---- shifts ------------------------------------------------------------------------------------------------------------- */

#define CHECK_SHIFT(name, member, T, expr) \
	do { \
		union ppc_vr r; \
		vmx_##name(&r, &a, &b, &vscr); \
		for (unsigned i = 0; i < ARRAY_LEN(r.member); i++) { \
			unsigned n = b.member[i] & (8 * sizeof(T) - 1); \
			T x = (T)a.member[i]; \
			assert_int_equal((T)r.member[i], (T)(expr)); \
		} \
	} while (0)
#define CHECK_WIDTH(suffix, member, U, S, bits) \
	CHECK_SHIFT(sl##suffix, member, U, (uint32_t)x << n); \
	CHECK_SHIFT(sr##suffix, member, U, x >> n); \
	CHECK_SHIFT(sra##suffix, member, S, x >> n); \
	CHECK_SHIFT(rl##suffix, member, U, n ? (uint32_t)x << n | x >> (bits - n) : x)

static void each_element_is_shifted_by_its_own_count(void **state)
{
	uint64_t seed = 5;
	uint32_t vscr = 0;
	for (unsigned k = 0; k < 20000; k++) {
		union ppc_vr a = some_bits(&seed), b = some_bits(&seed);
		CHECK_WIDTH(b, b, uint8_t, int8_t, 8);
		CHECK_WIDTH(h, h, uint16_t, int16_t, 16);
		CHECK_WIDTH(w, w, uint32_t, int32_t, 32);
	}
}

static void long_shifts_by_equal_counts_shift_the_whole_register(void **state)
{
	uint64_t seed = 6;
	uint32_t vscr = 0;
	for (unsigned n = 0; n < 128; n++) {
		union ppc_vr a = some_bits(&seed), count, left, right;
		unsigned __int128 v = (unsigned __int128)a.d[1] << 64 | a.d[0];
		memset(&count, (int)n, 16);
		vmx_slo(&left, &a, &count, &vscr);
		vmx_sl(&left, &left, &count, &vscr);
		vmx_sro(&right, &a, &count, &vscr);
		vmx_sr(&right, &right, &count, &vscr);
		assert_int_equal(left.d[1], (uint64_t)(v << n >> 64));
		assert_int_equal(left.d[0], (uint64_t)(v << n));
		assert_int_equal(right.d[1], (uint64_t)(v >> n >> 64));
		assert_int_equal(right.d[0], (uint64_t)(v >> n));
	}
}

/* ---- unaligned access --------------------------------------------------------------------------------------------------------- */

#define CODE 0x82000000u
#define DATA 0x40000000u

/* Copies 16 bytes from r4 to r5, r6 being 16: lvlx, lvrx, vor, stvlx, stvrx, and back to a page that is not there. */
static const uint32_t copy_code[] = { 0x7c20240e, 0x7c46244e, 0x10211484, 0x7c202d0e, 0x7c262d4e, 0x4e800020 };

static void copy_once(struct mem *m, struct cpu *cpu, uint32_t from, uint32_t to)
{
	struct ppc_context c;
	struct cpu_slice slice = { .ctx = &c, .budget = 100, .cpi = 4 };
	uint8_t before[64], after[64];
	ppc_context_reset(&c);
	c.pc = CODE;
	c.lr = DATA - 4;
	c.gpr[4] = from;
	c.gpr[5] = to;
	c.gpr[6] = 16;
	for (unsigned i = 0; i < 64; i++)
		before[i] = (uint8_t)(0x40 + i);
	assert_int_equal(mem_poke(m, DATA, before, 64), MEM_OK);
	assert_int_equal(mem_poke(m, DATA + MEM_PAGE - 64, before, 64), MEM_OK);
	memmove(before + (to & 63), before + (from & 63), 16);
	assert_int_equal(cpu_run(cpu, &slice), CPU_FETCH);
	assert_int_equal(slice.used, ARRAY_LEN(copy_code));
	assert_int_equal(mem_peek(m, to & ~63u, after, 64), MEM_OK);
	assert_memory_equal(after, before, 64);
}

static void left_and_right_parts_make_an_unaligned_whole(void **state)
{
	struct arena world;
	struct mem m;
	struct cpu *cpu;
	assert_int_equal(arena_init(&world, UINT64_C(1) << 30), ST_OK);
	assert_int_equal(mem_init(&m, &world), ST_OK);
	assert_int_equal(mem_commit(&m, CODE, 65536, MEM_PROT_R | MEM_PROT_X, MEM_OWNER_image, CODE), ST_OK);
	assert_int_equal(mem_commit(&m, DATA, MEM_PAGE, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_heap, DATA), ST_OK);
	for (unsigned i = 0; i < ARRAY_LEN(copy_code); i++) {
		be32 word = be32_of(copy_code[i]);
		assert_int_equal(mem_poke(&m, CODE + 4 * i, &word, 4), MEM_OK);
	}
	cpu = cpu_new(&m, 0);
	/* Up to the page's last byte: nothing behind it is touched. Then again with the slow path alone. */
	for (unsigned slow = 0; slow < 2; slow++) {
		for (unsigned i = 0; i < 48 * 48; i++) {
			copy_once(&m, cpu, DATA + i % 48 % 33, DATA + i / 48 % 33);
			copy_once(&m, cpu, DATA + MEM_PAGE - 64 + i % 49, DATA + MEM_PAGE - 16 - i % 48);
		}
		mem_attr_set(&m, DATA, MEM_WATCH_R | MEM_WATCH_W);
	}
	cpu_free(cpu);
	mem_fini(&m);
	arena_fini(&world);
}

/* ---- VMX128 --------------------------------------------------------------------------------------------------------------- */

static void three_operand_forms_choose_between_multiplier_and_addend(void **state)
{
	struct ppc_context c;
	const struct ppc_op op = { .d = 100, .a = 65, .b = 33 };
	static const struct {
		void (*handler)(struct ppc_context *, const struct ppc_op *);
		float want;
	} rows[] = { { x_vmaddfp128, 2 * 3 + 7 }, { x_vmaddcfp128, 2 * 7 + 3 }, { x_vnmsubfp128, -(2 * 3 - 7) } };
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		memset(&c, 0, sizeof c);
		c.vr[65].f[2] = 2;
		c.vr[33].f[2] = 3;
		c.vr[100].f[2] = 7;
		rows[i].handler(&c, &op);
		assert_int_equal(c.vr[100].w[2], bits_of(rows[i].want));
	}
	c.vr[65].d[0] = UINT64_C(0x1111111111111111);
	c.vr[33].d[0] = UINT64_C(0x2222222222222222);
	c.vr[100].d[0] = UINT64_C(0xffffffff00000000);
	x_vsel128(&c, &op);
	assert_int_equal(c.vr[100].d[0], UINT64_C(0x2222222211111111));
}

static void direct3d_formats_come_back(void **state)
{
	uint64_t seed = 7;
	for (unsigned k = 0; k < 20000; k++) {
		union ppc_vr packed = some_bits(&seed), v, again = { .b = { 0 } };
		unsigned type = k % 7;
		vmx_upkd3d(&v, &packed, type);
		/* Fields without a sign unpack beside 1.0 and pack from beside 3.0. */
		for (unsigned i = 0; type != 3 && type != 5 && i < 4; i++)
			if ((v.w[i] & 0xffffff00) == 0x3f800000)
				v.w[i] += 0x40400000 - 0x3f800000;
		bool lossy = false; /* the lowest number of a field, denormal halves */
		for (unsigned i = 0; i < 4; i++) {
			if (type == 3 || type == 5)
				lossy |= (packed.h[i] & 0x7fff) < 0x0400 && (i < 2 || type == 5);
			else
				lossy |= v.w[i] == 0x7fc00000;
		}
		vmx_pkd3d(&again, &v, type, 2, 0);
		if (lossy)
			continue;
		assert_int_equal(again.w[0], packed.w[0]);
		if (type >= 4)
			assert_int_equal(again.w[1], packed.w[1]);
		else
			assert_int_equal(again.w[1], 0);
	}
}

static void direct3d_fields_are_limited(void **state)
{
	static const float big[4] = { 1e30f, 1e30f, 1e30f, 1e30f }, small[4] = { -1e30f, -1e30f, -1e30f, -1e30f };
	static const uint64_t want[7][2] = {
		{ 0xffffffff, 0 }, { 0x7fff7fff, 0x80018001 }, { 0xdff7fdff, 0x20180601 }, { 0x7fff7fff, 0xffffffff },
		{ UINT64_C(0x7fff7fff7fff7fff), UINT64_C(0x8001800180018001) }, { UINT64_C(0x7fff7fff7fff7fff), UINT64_MAX },
		{ UINT64_C(0xf7ffff7ffff7ffff), UINT64_C(0x0800018000180001) },
	};
	for (unsigned type = 0; type < 7; type++) {
		union ppc_vr v, r = { .d = { 0, 0 } };
		memcpy(v.f, big, 16);
		vmx_pkd3d(&r, &v, type, 2, 0);
		assert_int_equal(r.d[0], want[type][0]);
		memcpy(v.f, small, 16);
		vmx_pkd3d(&r, &v, type, 2, 0);
		assert_int_equal(r.d[0], want[type][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fused_rounds_once),
		cmocka_unit_test(fused_ties_are_broken_by_what_a_double_loses),
		cmocka_unit_test(what_the_host_has_never_shows),
		cmocka_unit_test(non_java_mode_has_no_denormals),
		cmocka_unit_test(dot_product_of_three_ignores_the_last_word),
		cmocka_unit_test(reciprocal_lines_are_lowered_chords),
		cmocka_unit_test(reciprocal_root_lines_are_lowered_chords),
		cmocka_unit_test(estimates_keep_the_architecture_s_bounds),
		cmocka_unit_test(logarithm_and_power_are_monotonic_and_exact_at_powers_of_two),
		cmocka_unit_test(each_element_is_shifted_by_its_own_count),
		cmocka_unit_test(long_shifts_by_equal_counts_shift_the_whole_register),
		cmocka_unit_test(left_and_right_parts_make_an_unaligned_whole),
		cmocka_unit_test(three_operand_forms_choose_between_multiplier_and_addend),
		cmocka_unit_test(direct3d_formats_come_back),
		cmocka_unit_test(direct3d_fields_are_limited),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
