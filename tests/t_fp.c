/* tests/t_fp.c - the laws of scalar floating point: the exact way against the host's FPU, the handlers against the exact way. */
#include "config.h"

#include <float.h>
#include <math.h>

#include <emmintrin.h>

#include "src/cpu/fp.h"
#include "src/cpu/x_fp.h"
#include "tests/small.h"

/* MXCSR */
#define HOST_INVALID 0x01u
#define HOST_OVERFLOW 0x08u
#define HOST_INEXACT 0x20u
#define HOST_FLAGS 0x3fu

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* Operands that meet each other: exponents near a common one, short fractions, specials. */
static uint64_t some_double(uint64_t *seed)
{
	static const uint64_t special[] = {
		0, FP_SIGN, 1, UINT64_C(0xfffffffffffff), UINT64_C(0x10000000000000), UINT64_C(0x7fefffffffffffff),
		UINT64_C(0x7ff0000000000000), UINT64_C(0xfff0000000000000), UINT64_C(0x7ff8000000000123), UINT64_C(0xfff4000000000001),
		UINT64_C(0x3ff0000000000000), UINT64_C(0xbff0000000000000), UINT64_C(0x47efffffe0000000), UINT64_C(0x3810000000000000),
	};
	uint64_t r = next(seed), frac = next(seed) & (UINT64_MAX >> 12), exponent;

	if (r % 8 == 0)
		return special[r / 8 % ARRAY_LEN(special)];
	if (r % 8 == 1)
		return next(seed);
	if (r % 8 < 5)
		frac = frac >> (r / 8 % 52) << (r / 8 % 52);
	exponent = r % 8 < 7 ? 1023 + (r >> 16) % 64 - 32 : (r >> 16) % 2047;
	return (r & FP_SIGN) | exponent << 52 | frac;
}

static uint64_t some_single(uint64_t *seed)
{
	uint64_t r;
	do
		r = fp_from_single((uint32_t)next(seed) & 0xbfffffff);
	while ((r >> 52 & 0x7ff) < 897);
	return r;
}

static bool is_nan(uint64_t v) { return v << 1 > UINT64_C(0xffe0000000000000); }

/* ---- the host, one operation under a given mode; kept from being moved across it by the volatiles ----------------- */

static const uint32_t host_modes[4] = { 0x1f80, 0x7f80, 0x5f80, 0x3f80 }; /* nearest, zero, up, down: in FPSCR[RN]'s order */

static uint64_t host_double(unsigned op, unsigned rn, const uint64_t v[3], uint32_t *flags)
{
	volatile double a = fp_double(v[0]), b = fp_double(v[1]), c = fp_double(v[2]), r = 0;

	_mm_setcsr(host_modes[rn]);
	switch (op) {
	case FP_add: r = a + b; break;
	case FP_sub: r = a - b; break;
	case FP_mul: r = a * c; break;
	case FP_div: r = a / b; break;
	case FP_sqrt: r = fp_root(b); break;
	case FP_madd: r = fma(a, c, b); break;
	case FP_cfid: r = (double)(int64_t)v[1]; break;
	default: r = (float)b; break;
	}
	*flags = _mm_getcsr() & HOST_FLAGS;
	_mm_setcsr(FP_HOST_MODE);
	return fp_bits(r);
}

static uint64_t host_single(unsigned op, unsigned rn, const uint64_t v[3], uint32_t *flags)
{
	volatile float a = (float)fp_double(v[0]), b = (float)fp_double(v[1]), c = (float)fp_double(v[2]), r = 0;

	_mm_setcsr(host_modes[rn]);
	switch (op) {
	case FP_add: r = a + b; break;
	case FP_sub: r = a - b; break;
	case FP_mul: r = a * c; break;
	case FP_div: r = a / b; break;
	default: r = fmaf(a, c, b); break;
	}
	*flags = _mm_getcsr() & HOST_FLAGS;
	_mm_setcsr(FP_HOST_MODE);
	return fp_bits((double)r);
}

static void check_against_host(unsigned op, bool single, uint64_t *seed)
{
	uint64_t v[3], got, want;
	uint32_t flags, f = (uint32_t)next(seed) & FPSCR_RN, rn = f;

	for (unsigned i = 0; i < 3; i++)
		v[i] = single ? some_single(seed) : some_double(seed);
	want = single ? host_single(op, rn, v, &flags) : host_double(op, rn, v, &flags);
	assert_true(fp_exec(&f, op | (single ? FP_SINGLE : 0), v, &got));
	if (is_nan(want)) { /* which NaN is PowerPC's own rule */
		assert_true(is_nan(got));
	} else if (got != want) {
		fail_msg("op %u rn %u: %016llx %016llx %016llx gave %016llx, host %016llx", op, rn, (unsigned long long)v[0],
			 (unsigned long long)v[1], (unsigned long long)v[2], (unsigned long long)got, (unsigned long long)want);
	}
	assert_int_equal(!!(f & FPSCR_VX), !!(flags & HOST_INVALID));
	assert_int_equal(!!(f & FPSCR_OX), !!(flags & HOST_OVERFLOW));
	assert_int_equal(!!(f & FPSCR_XX), !!(flags & HOST_INEXACT));
	assert_int_equal(!!(f & FPSCR_FI), !!(flags & HOST_INEXACT));
}

static void fp_double_results_are_the_hosts_in_every_rounding_mode(void **state)
{
	static const unsigned ops[] = { FP_add, FP_sub, FP_mul, FP_div, FP_sqrt, FP_madd, FP_cfid, FP_rsp };
	uint64_t seed = 1;

	for (unsigned i = 0; i < 40000 * ARRAY_LEN(ops); i++)
		check_against_host(ops[i % ARRAY_LEN(ops)], false, &seed);
}

static void fp_single_results_are_the_hosts_in_every_rounding_mode(void **state)
{
	static const unsigned ops[] = { FP_add, FP_sub, FP_mul, FP_div, FP_madd };
	uint64_t seed = 2;

	for (unsigned i = 0; i < 40000 * ARRAY_LEN(ops); i++)
		check_against_host(ops[i % ARRAY_LEN(ops)], true, &seed);
}

/* ---- handlers ---------------------------------------------------------------------------------------------------------- */

struct handler {
	bool (*quick)(struct ppc_context *, const struct ppc_op *);
	unsigned op;
};
#define HANDLER(name) { x_##name, x_##name##_op }
static const struct handler handlers[] = {
	HANDLER(fadd), HANDLER(fsub), HANDLER(fmul), HANDLER(fdiv), HANDLER(fsqrt), HANDLER(fmadd), HANDLER(fmsub),
	HANDLER(fnmadd), HANDLER(fnmsub), HANDLER(fadds), HANDLER(fsubs), HANDLER(fmuls), HANDLER(fdivs), HANDLER(fsqrts),
	HANDLER(fmadds), HANDLER(fmsubs), HANDLER(fnmadds), HANDLER(fnmsubs), HANDLER(frsp), HANDLER(fctiw), HANDLER(fctiwz),
	HANDLER(fctid), HANDLER(fctidz), HANDLER(fcfid), HANDLER(fres), HANDLER(frsqrte),
};

/* As the engine does it. */
static void run(struct ppc_context *c, const struct ppc_op *op, bool (*quick)(struct ppc_context *, const struct ppc_op *), unsigned fp_op)
{
	if (!quick(c, op))
		fp_slow(c, op, fp_op);
}

/* Sequences of handlers with compares between, from a random FPSCR: registers and the settled FPSCR as by fp_exec alone. */
static void fp_handlers_give_what_the_exact_way_gives(void **state)
{
	uint64_t seed = 3;

	for (unsigned round = 0; round < 60000; round++) {
		struct ppc_context c = { 0 };
		uint32_t f = fp_summary(next(&seed) % 4 ? FPSCR_XX : (uint32_t)next(&seed) & ~FPSCR_FEX & ~FPSCR_VX & ~0x800u);
		uint64_t fpr[32];
		for (unsigned i = 0; i < 8; i++)
			fpr[i] = c.fpr[i] = next(&seed) % 2 ? some_double(&seed) : some_single(&seed);
		c.fpscr = f;
		fp_renew(&c);
		for (unsigned i = 0; i < 6; i++) {
			uint64_t r = next(&seed), result;
			const struct handler *h = &handlers[r % ARRAY_LEN(handlers)];
			struct ppc_op op = { .d = r >> 8 & 7, .a = r >> 11 & 7, .b = r >> 14 & 7, .c = r >> 17 & 7 };
			if ((r >> 20 & 3) == 0) {
				bool ordered = r >> 22 & 1;
				run(&c, &op, x_fcmpu, ordered ? x_fcmpo_op : x_fcmpu_op);
				assert_int_equal(c.cr[op.d], fp_compare(&f, fpr[op.a], fpr[op.b], ordered));
				continue;
			}
			run(&c, &op, h->quick, h->op);
			if (fp_exec(&f, h->op, (const uint64_t[3]){ fpr[op.a], fpr[op.b], fpr[op.c] }, &result))
				fpr[op.d] = result;
			assert_true(c.fpr[op.d] == fpr[op.d]);
			assert_int_equal(c.fpscr >> 28, f >> 28); /* what a record form copies needs no settling */
		}
		fp_settle(&c);
		if (c.fpscr != f)
			fail_msg("round %u: FPSCR %08x, exact %08x", round, c.fpscr, f);
		assert_int_equal(c.fp_owed, 0);
		assert_true(!c.fp_operand[0] && !c.fp_operand[1] && !c.fp_operand[2]);
	}
}

static void fp_single_rounds_once(void **state)
{
	/* 1 + 2^-24 lies between two singles; a trace above it must round up, though the double nearest to the sum is the tie. */
	const uint64_t v[3] = { fp_bits(1 + 0x1p-24), fp_bits(0x1p-80), 0 };
	struct ppc_context c = { .fpscr = FPSCR_XX, .fpr = { v[0], v[1] } };
	struct ppc_op op = { .d = 2, .a = 0, .b = 1 };

	fp_renew(&c);
	run(&c, &op, x_fadds, x_fadds_op);
	assert_true(c.fpr[2] == fp_bits(1 + 0x1p-23));
}

/* ---- in the engine ----------------------------------------------------------------------------------------------------- */

#define SEQUENCE 24u /* instructions */

/* A-form arithmetic on f0-f7 alone, so that most read what the one before wrote. */
static uint32_t some_arithmetic(uint64_t *seed)
{
	static const uint8_t sub[] = { 21, 20, 25, 18, 29, 28, 31, 30 };
	uint64_t r = next(seed);
	return (r & 1 ? 0xec000000u : 0xfc000000u) | (uint32_t)sub[r >> 1 & 7] << 1 | (uint32_t)(r >> 4 & 3) << 21 |
	       (uint32_t)(r >> 6 & 3) << 16 | (uint32_t)(r >> 8 & 3) << 11 | (uint32_t)(r >> 10 & 3) << 6;
}

/* Runs the sequence from @c in slices of @slice instructions. */
static void run_slices(struct cpu *cpu, struct ppc_context *c, unsigned slice)
{
	c->pc = SMALL_CODE;
	for (unsigned done = 0; done < SEQUENCE;) {
		struct cpu_slice s = { .ctx = c, .budget = slice < SEQUENCE - done ? slice : SEQUENCE - done, .cpi = 4, .skip_break = true };
		enum cpu_exit exit = cpu_run(cpu, &s);
		assert_true(exit == CPU_BUDGET || exit == CPU_BREAK);
		assert_true(s.used > 0);
		done += (unsigned)s.used;
		assert_int_equal(c->pc, SMALL_CODE + 4 * done);
	}
}

/* Whether an operation takes its operand from the one before or from its register must not show, wherever the run stops. */
static void fp_sequences_may_stop_behind_any_instruction(void **state)
{
	struct small *m = calloc(1, sizeof *m);
	uint64_t seed = 6;

	assert_non_null(m);
	small_init(m);
	small_map(m);
	struct cpu *cpu = cpu_new(&m->mem, 0);
	for (unsigned round = 0; round < 300; round++) {
		struct ppc_context start = { .fpscr = round % 3 ? FPSCR_XX : 0 }, whole, c;
		for (unsigned i = 0; i < SEQUENCE; i++)
			small_put(m, SMALL_CODE + 4 * i, some_arithmetic(&seed));
		for (unsigned i = 0; i < 4; i++)
			start.fpr[i] = fp_bits(0.5 + (double)(next(&seed) >> 40) / 0x1p23);
		whole = start;
		run_slices(cpu, &whole, SEQUENCE);
		for (unsigned slice = 1; slice < SEQUENCE; slice++) {
			c = start;
			run_slices(cpu, &c, slice);
			assert_memory_equal(&c, &whole, sizeof c);
		}
		uint32_t at = SMALL_CODE + 4 * (uint32_t)(next(&seed) % SEQUENCE);
		cpu_break_set(cpu, at);
		c = start;
		run_slices(cpu, &c, SEQUENCE);
		assert_memory_equal(&c, &whole, sizeof c);
		cpu_break_clear(cpu, at);
		c = start;
		run_slices(cpu, &c, SEQUENCE);
		assert_memory_equal(&c, &whole, sizeof c);
	}
	cpu_free(cpu);
	small_fini(m);
	free(m);
}

/* ---- enabled exceptions ---------------------------------------------------------------------------------------------- */

static void fp_enabled_invalid_and_zero_divide_keep_the_target(void **state)
{
	const uint64_t inf = UINT64_C(0x7ff0000000000000), one = fp_bits(1);
	uint64_t result = 42;
	uint32_t f = FPSCR_VE | 0x4000;

	assert_false(fp_exec(&f, FP_sub, (const uint64_t[3]){ inf, inf, 0 }, &result));
	assert_true(result == 42);
	assert_int_equal(f, FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXISI | FPSCR_VE | 0x4000);
	f = FPSCR_ZE;
	assert_false(fp_exec(&f, FP_div, (const uint64_t[3]){ one, 0, 0 }, &result));
	assert_int_equal(f, FPSCR_FX | FPSCR_FEX | FPSCR_ZX | FPSCR_ZE);
}

static void fp_enabled_overflow_and_underflow_wrap_the_exponent(void **state)
{
	const uint64_t v[3] = { fp_bits(DBL_MAX), 0, fp_bits(4) };
	const uint64_t w[3] = { fp_bits(DBL_MIN), fp_bits(8), 0 };
	const uint64_t s[3] = { fp_bits(FLT_MAX), 0, fp_bits(FLT_MAX) };
	uint64_t result;
	uint32_t f = FPSCR_OE;

	assert_true(fp_exec(&f, FP_mul, v, &result));
	assert_true(result == v[0] + (UINT64_C(2) << 52) - (UINT64_C(1536) << 52));
	assert_int_equal(f & (FPSCR_FEX | FPSCR_OX | FPSCR_XX), FPSCR_FEX | FPSCR_OX);
	f = FPSCR_UE;
	assert_true(fp_exec(&f, FP_div, w, &result));
	assert_true(result == w[0] - (UINT64_C(3) << 52) + (UINT64_C(1536) << 52));
	assert_int_equal(f & (FPSCR_FEX | FPSCR_UX | FPSCR_XX), FPSCR_FEX | FPSCR_UX);
	f = FPSCR_OE;
	assert_true(fp_exec(&f, FP_mul | FP_SINGLE, s, &result));
	assert_true(fp_double(result) == 0x1p64 * 0x1.fffffcp-1);
}

/* ---- FPSCR ---------------------------------------------------------------------------------------------------------- */

static void fpscr_summaries_follow_their_bits(void **state)
{
	uint32_t f = fp_scr_write(0, UINT32_MAX, FPSCR_VX | FPSCR_FEX);

	assert_int_equal(f, 0);
	f = fp_scr_write(f, 0x000000f0, 0xff);
	assert_int_equal(f, 0x000000f0);
	f = fp_scr_raise(f, FPSCR_VXCVI);
	assert_int_equal(f, FPSCR_FX | FPSCR_FEX | FPSCR_VX | FPSCR_VXCVI | 0xf0);
	f = fp_scr_write(f, FPSCR_FX, 0);
	f = fp_scr_raise(f, FPSCR_VXCVI); /* it was set already */
	assert_false(f & FPSCR_FX);
	assert_int_equal(fp_scr_take_field(&f, 5), 1);
	assert_int_equal(f, 0xf0);
}

static void mcrfs_clears_exceptions_only(void **state)
{
	for (unsigned n = 0; n < 8; n++) {
		uint32_t f = fp_summary(UINT32_MAX), was = f;
		assert_int_equal(fp_scr_take_field(&f, n), 15);
		assert_int_equal(f, fp_summary(was & ~((FPSCR_FX | FPSCR_STICKY) & 0xf0000000u >> 4 * n)));
		if (n >= 4 && n != 5)
			assert_int_equal(f, was);
	}
}

static void fpscr_instructions_settle_first(void **state)
{
	struct ppc_context c = { .fpscr = FPSCR_XX, .fpr = { fp_bits(1), fp_bits(3) } };
	struct ppc_op op = { .d = 2, .a = 0, .b = 1 };

	fp_renew(&c);
	run(&c, &op, x_fdiv, x_fdiv_op);
	assert_int_equal(c.fp_owed, FP_div);
	x_mffs(&c, &(struct ppc_op){ .d = 3 });
	assert_true(c.fpr[3] == (FPSCR_XX | FPSCR_FI | 0x4000));
	run(&c, &op, x_fdiv, x_fdiv_op);
	x_mtfsb0(&c, &(struct ppc_op){ .d = 14 }); /* FI */
	assert_int_equal(c.fpscr, FPSCR_XX | 0x4000);
	x_mtfsfi(&c, &(struct ppc_op){ .imm = 7 << 23 | 3 << 12 });
	x_mcrfs(&c, &(struct ppc_op){ .d = 4 << 2, .a = 7 << 2 });
	assert_int_equal(c.cr[4], 3);
	c.fpr[5] = UINT64_C(0x82000001);
	x_mtfsf(&c, &(struct ppc_op){ .b = 5, .imm = 0xc1 << 17 });
	assert_int_equal(c.fpscr, FPSCR_FX | FPSCR_XX | 0x4001);
}

/* ---- conversions and estimates ------------------------------------------------------------------------------------- */

static void lfs_and_stfs_keep_every_single(void **state)
{
	uint64_t seed = 4;

	for (unsigned i = 0; i < 400000; i++) {
		uint32_t s = (uint32_t)next(&seed) >> (i % 3 ? 0 : i % 9);
		uint64_t d = fp_from_single(s);
		assert_int_equal(fp_to_single(d), s);
		if (!is_nan(d)) {
			float f;
			memcpy(&f, &s, 4);
			assert_true(d == fp_bits((double)f));
		}
	}
	/* Truncation, not rounding; and what is smaller than the least denormal is gone. */
	assert_int_equal(fp_to_single(fp_bits(1 + 0x1.8p-23)), 0x3f800001);
	assert_int_equal(fp_to_single(fp_bits(-0x1.8p-149)), 0x80000001);
	assert_int_equal(fp_to_single(fp_bits(0x1.8p-150)), 0);
}

/* The only fraction of @bits bits or fewer such that inside() holds; fails if there are several. */
static uint32_t shortest(bool (*inside)(unsigned i, uint32_t frac), unsigned i, unsigned bits)
{
	for (unsigned n = 0; n <= bits; n++) {
		uint32_t found = 0;
		unsigned count = 0;
		for (uint32_t k = 0; k < 1u << n; k++) {
			if (inside(i, k << (bits - n))) {
				found = k << (bits - n);
				count++;
			}
		}
		if (count) {
			assert_int_equal(count, 1);
			return found;
		}
	}
	fail_msg("interval %u holds no fraction", i);
	return 0;
}

/* 255/(128+i) <= 1 + frac / 2^16 <= 257/(129+i) */
static bool inside_res(unsigned i, uint32_t frac)
{
	uint32_t m = 0x10000 + frac;
	return m * (128 + i) >= 255u << 16 && m * (129 + i) <= 257u << 16;
}

/* With m = 1 + frac / 2^8 and interval [x0, x1) in eighths: (31/16)^2 < m^2 x0 and m^2 x1 <= (33/16)^2. */
static bool inside_rsqrte(unsigned i, uint32_t frac)
{
	uint32_t m = 256 + frac, x0 = i < 8 ? 8 + i : 2 * i, x1 = i < 8 ? x0 + 1 : x0 + 2;
	return m * m * x0 > 31 * 31 * 256 * 8 && m * m * x1 <= 33 * 33 * 256 * 8;
}

static void estimates_are_the_shortest_fractions_within_bounds(void **state)
{
	for (unsigned i = 0; i < 128; i++)
		assert_int_equal(fp_res_table[i], shortest(inside_res, i, 16) << 7);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(fp_rsqrte_table[i], shortest(inside_rsqrte, i, 8) << 12);
}

static void estimates_scale_with_the_exponent(void **state)
{
	uint64_t seed = 5, result;

	for (unsigned i = 0; i < 20000; i++) {
		uint64_t v[3] = { 0, some_single(&seed) & ~FP_SIGN, 0 };
		uint32_t f = 0;
		double x = fp_double(v[1]);
		if (is_nan(v[1]) || isinf(x) || x > 0x1p125)
			continue;
		assert_true(fp_exec(&f, FP_res, v, &result));
		assert_true(fabs(fp_double(result) * x - 1) <= 1.0 / 256);
		assert_true(fp_exec(&f, FP_rsqrte, v, &result));
		assert_true(fabs(fp_double(result) * fp_root(x) - 1) <= 1.0 / 32);
		assert_int_equal(f, 0x4000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fp_double_results_are_the_hosts_in_every_rounding_mode),
		cmocka_unit_test(fp_single_results_are_the_hosts_in_every_rounding_mode),
		cmocka_unit_test(fp_handlers_give_what_the_exact_way_gives),
		cmocka_unit_test(fp_single_rounds_once),
		cmocka_unit_test(fp_sequences_may_stop_behind_any_instruction),
		cmocka_unit_test(fp_enabled_invalid_and_zero_divide_keep_the_target),
		cmocka_unit_test(fp_enabled_overflow_and_underflow_wrap_the_exponent),
		cmocka_unit_test(fpscr_summaries_follow_their_bits),
		cmocka_unit_test(mcrfs_clears_exceptions_only),
		cmocka_unit_test(fpscr_instructions_settle_first),
		cmocka_unit_test(lfs_and_stfs_keep_every_single),
		cmocka_unit_test(estimates_are_the_shortest_fractions_within_bounds),
		cmocka_unit_test(estimates_scale_with_the_exponent),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
