/* src/cpu/fp.c - floating point operations by integer arithmetic: exact in every rounding mode, every FPSCR bit set.
 *
 * DEBT(fp-uncaptured): every vector starts from FPSCR = 0. Rounding modes other than to nearest are IEEE's; what enabled exceptions
 * and NI do, and a double denormal's FPRF in single operations, is by PowerISA 2.03 or, where that leaves it open, a guess.
 */
#include "config.h"

#include "src/cpu/fp.h"

typedef unsigned __int128 u128;

enum { RN_NEAREST, RN_ZERO, RN_UP, RN_DOWN };

/* FPRF: C, FL, FG, FE, FU. */
#define FPRF_NAN 0x11u
#define FPRF_INF(sign) ((sign) ? 0x09u : 0x05u)
#define FPRF_NORMAL(sign) ((sign) ? 0x08u : 0x04u)
#define FPRF_DENORMAL(sign) ((sign) ? 0x18u : 0x14u)
#define FPRF_ZERO(sign) ((sign) ? 0x12u : 0x02u)

enum num_class { NUM_ZERO, NUM_FINITE, NUM_INF, NUM_NAN };

/* A finite number is mant * 2^(exp - 63), bit 63 of mant set. */
struct num {
	enum num_class cls;
	bool sign;
	int exp;
	uint64_t mant;
};

/* The same with room for a product: mant * 2^(exp - 126), bit 126 set; the lowest bit also stands for all below it. */
struct wide {
	u128 mant;
	int exp;
	bool sign;
};

static struct num unpack(uint64_t bits)
{
	struct num n = { .cls = NUM_FINITE, .sign = bits >> 63, .exp = (int)(bits >> 52 & 0x7ff) - 1023, .mant = bits << 12 >> 1 };

	if (n.exp == 1024) {
		n.cls = n.mant ? NUM_NAN : NUM_INF;
	} else if (n.exp > -1023) {
		n.mant |= FP_SIGN;
	} else if (!n.mant) {
		n.cls = NUM_ZERO;
	} else {
		int shift = __builtin_clzll(n.mant);
		n.mant <<= shift;
		n.exp = -1022 - shift;
	}
	return n;
}

static bool is_nan(uint64_t bits) { return bits << 1 > UINT64_C(0xffe0000000000000); }
static bool is_snan(uint64_t bits) { return is_nan(bits) && !(bits & FP_QUIET); }

static uint64_t infinity(bool sign) { return (uint64_t)sign << 63 | UINT64_C(0x7ff0000000000000); }
static uint64_t zero(bool sign) { return (uint64_t)sign << 63; }

/* ---- FPSCR ---------------------------------------------------------------------------------------------------------- */

uint32_t fp_summary(uint32_t f)
{
	f &= ~(FPSCR_VX | FPSCR_FEX);
	if (f & FPSCR_VX_ALL)
		f |= FPSCR_VX;
	/* VX OX UX ZX XX lie 22 bits above VE OE UE ZE XE. */
	if (f >> 22 & f & 0xf8)
		f |= FPSCR_FEX;
	return f;
}

uint32_t fp_scr_raise(uint32_t f, uint32_t bits)
{
	if (bits & ~f & FPSCR_STICKY)
		f |= FPSCR_FX;
	return fp_summary(f | (bits & ~(FPSCR_VX | FPSCR_FEX)));
}

uint32_t fp_scr_write(uint32_t f, uint32_t mask, uint32_t value)
{
	return fp_summary((f & ~mask) | (value & mask));
}

uint8_t fp_scr_take_field(uint32_t *f, unsigned n)
{
	unsigned shift = 28 - 4 * n;
	uint8_t field = *f >> shift & 15;

	*f = fp_summary(*f & ~((FPSCR_FX | FPSCR_STICKY) & 15u << shift));
	return field;
}

static void raise(uint32_t *f, uint32_t bits) { *f = fp_scr_raise(*f, bits); }

static void set_fprf(uint32_t *f, unsigned fprf)
{
	*f = (*f & ~FPSCR_FPRF) | fprf << 12;
}

/* ---- results -------------------------------------------------------------------------------------------------------- */

static uint64_t shift_jam(uint64_t m, int n)
{
	if (n >= 64)
		return m != 0;
	return n ? m >> n | ((m << (64 - n)) != 0) : m;
}

static u128 shift_jam_wide(u128 m, int n)
{
	if (n >= 128)
		return m != 0;
	return n ? m >> n | ((m << (128 - n)) != 0) : m;
}

static bool rounds_up(uint32_t f, bool sign, uint64_t low, uint64_t half, bool odd)
{
	switch (f & FPSCR_RN) {
	case RN_NEAREST: return low > half || (low == half && odd);
	case RN_UP: return low && !sign;
	case RN_DOWN: return low && sign;
	default: return false;
	}
}

/* What an overflow leaves when it is not enabled. */
static uint64_t overflow(uint32_t *f, bool sign, bool single)
{
	unsigned rn = *f & FPSCR_RN;
	bool to_inf = rn == RN_NEAREST || rn == (sign ? RN_DOWN : RN_UP);

	raise(f, FPSCR_OX | FPSCR_XX);
	*f |= FPSCR_FI | (to_inf ? FPSCR_FR : 0);
	set_fprf(f, to_inf ? FPRF_INF(sign) : FPRF_NORMAL(sign));
	if (to_inf)
		return infinity(sign);
	return zero(sign) | (single ? UINT64_C(0x47efffffe0000000) : UINT64_C(0x7fefffffffffffff));
}

/* Rounds mant * 2^(exp - 63), jammed, to double or single, in double format. FR and FI are clear on entry. */
static uint64_t round_pack(uint32_t *f, bool sign, int exp, uint64_t mant, bool single)
{
	const int bits = single ? 24 : 53, exp_min = single ? -126 : -1022, exp_max = single ? 127 : 1023;
	const int adjust = single ? 192 : 1536, drop = 64 - bits;
	bool tiny = exp < exp_min, up;
	uint64_t low, m;

	if (tiny && *f & FPSCR_UE && exp + adjust >= -1022) {
		exp += adjust;
	} else if (tiny) {
		mant = shift_jam(mant, exp_min - exp);
		exp = exp_min;
	}
	low = mant << bits >> bits;
	up = rounds_up(*f, sign, low, UINT64_C(1) << (drop - 1), mant >> drop & 1);
	m = (mant >> drop) + up;
	if (m >> bits) {
		m >>= 1;
		exp++;
	}
	if (exp > exp_max && !(*f & FPSCR_OE))
		return overflow(f, sign, single);
	if (exp > exp_max) {
		exp -= adjust;
		raise(f, FPSCR_OX);
	}
	*f |= (low ? FPSCR_FI : 0) | (up ? FPSCR_FR : 0);
	if (low)
		raise(f, FPSCR_XX);
	if (tiny && (low || *f & FPSCR_UE))
		raise(f, FPSCR_UX);
	if (!m) {
		set_fprf(f, FPRF_ZERO(sign));
		return zero(sign);
	}
	if (m >> (bits - 1)) {
		set_fprf(f, FPRF_NORMAL(sign));
	} else {
		set_fprf(f, FPRF_DENORMAL(sign));
		if (!single)
			return zero(sign) | m;
		int shift = __builtin_clzll(m) - (64 - bits);
		m <<= shift;
		exp -= shift;
	}
	return zero(sign) | (((uint64_t)(exp + 1022) << 52) + (m << (53 - bits)));
}

static bool give(uint64_t *result, uint64_t bits)
{
	*result = bits;
	return true;
}

static bool give_zero(uint32_t *f, uint64_t *result, bool sign)
{
	set_fprf(f, FPRF_ZERO(sign));
	return give(result, zero(sign));
}

static bool give_inf(uint32_t *f, uint64_t *result, bool sign)
{
	set_fprf(f, FPRF_INF(sign));
	return give(result, infinity(sign));
}

/* An invalid operation: the NaN @bits, or nothing if it is enabled. */
static bool give_invalid(uint32_t *f, uint64_t *result, uint32_t cause, uint64_t bits)
{
	raise(f, cause);
	if (*f & FPSCR_VE)
		return false;
	set_fprf(f, FPRF_NAN);
	return give(result, bits);
}

/* A NaN among the operands: the first of frA, frB, frC, made quiet. @cause: what else is invalid. */
static bool give_nan(uint32_t *f, const uint64_t v[3], uint32_t cause, uint64_t *result)
{
	uint64_t nan = is_nan(v[0]) ? v[0] : is_nan(v[1]) ? v[1] : v[2];

	if (is_snan(v[0]) || is_snan(v[1]) || is_snan(v[2]))
		cause |= FPSCR_VXSNAN;
	if (cause)
		return give_invalid(f, result, cause, nan | FP_QUIET);
	set_fprf(f, FPRF_NAN);
	return give(result, nan | FP_QUIET);
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------------ */

static struct wide widen(struct num n) { return (struct wide){ (u128)n.mant << 63, n.exp, n.sign }; }

static struct wide product(struct num a, struct num b)
{
	struct wide p = { (u128)a.mant * b.mant, a.exp + b.exp, a.sign != b.sign };

	if (p.mant >> 127) {
		p.mant >>= 1; /* 106 bits of it count: none is lost */
		p.exp++;
	}
	return p;
}

static struct num narrow(struct wide w)
{
	uint64_t below = (uint64_t)w.mant << 1;
	return (struct num){ NUM_FINITE, w.sign, w.exp, (uint64_t)(w.mant >> 63) | (below != 0) };
}

/* x + y; false: exactly zero. */
static bool wide_add(struct wide x, struct wide y, struct wide *sum)
{
	if (y.exp > x.exp || (y.exp == x.exp && y.mant > x.mant)) {
		struct wide t = x;
		x = y;
		y = t;
	}
	y.mant = shift_jam_wide(y.mant, x.exp - y.exp);
	*sum = x;
	if (x.sign == y.sign) {
		sum->mant += y.mant;
		if (sum->mant >> 127) {
			sum->mant = sum->mant >> 1 | (sum->mant & 1);
			sum->exp++;
		}
		return true;
	}
	sum->mant -= y.mant;
	if (!sum->mant)
		return false;
	uint64_t high = (uint64_t)(sum->mant >> 64);
	int shift = (high ? __builtin_clzll(high) : 64 + __builtin_clzll((uint64_t)sum->mant)) - 1;
	sum->mant <<= shift;
	sum->exp -= shift;
	return true;
}

static uint64_t round_num(uint32_t *f, struct num n, bool single)
{
	return round_pack(f, n.sign, n.exp, n.mant, single);
}

/* The sign of a sum that is exactly zero. */
static bool zero_sum_sign(uint32_t f, bool a, bool b)
{
	return a == b ? a : (f & FPSCR_RN) == RN_DOWN;
}

static bool exec_add(uint32_t *f, const uint64_t v[3], bool minus, bool single, uint64_t *result)
{
	struct num a = unpack(v[0]), b = unpack(v[1]);
	struct wide sum;

	if (a.cls == NUM_NAN || b.cls == NUM_NAN)
		return give_nan(f, v, 0, result);
	b.sign ^= minus;
	if (a.cls == NUM_INF && b.cls == NUM_INF && a.sign != b.sign)
		return give_invalid(f, result, FPSCR_VXISI, FP_DEFAULT_NAN);
	if (a.cls == NUM_INF || b.cls == NUM_INF)
		return give_inf(f, result, a.cls == NUM_INF ? a.sign : b.sign);
	if (a.cls == NUM_ZERO && b.cls == NUM_ZERO)
		return give_zero(f, result, zero_sum_sign(*f, a.sign, b.sign));
	if (a.cls == NUM_ZERO || b.cls == NUM_ZERO)
		return give(result, round_num(f, a.cls == NUM_ZERO ? b : a, single));
	if (!wide_add(widen(a), widen(b), &sum))
		return give_zero(f, result, zero_sum_sign(*f, a.sign, b.sign));
	return give(result, round_num(f, narrow(sum), single));
}

static bool exec_mul(uint32_t *f, const uint64_t v[3], bool single, uint64_t *result)
{
	struct num a = unpack(v[0]), c = unpack(v[2]);
	bool sign = a.sign != c.sign;

	if (a.cls == NUM_NAN || c.cls == NUM_NAN)
		return give_nan(f, v, 0, result);
	if ((a.cls == NUM_INF && c.cls == NUM_ZERO) || (a.cls == NUM_ZERO && c.cls == NUM_INF))
		return give_invalid(f, result, FPSCR_VXIMZ, FP_DEFAULT_NAN);
	if (a.cls == NUM_INF || c.cls == NUM_INF)
		return give_inf(f, result, sign);
	if (a.cls == NUM_ZERO || c.cls == NUM_ZERO)
		return give_zero(f, result, sign);
	return give(result, round_num(f, narrow(product(a, c)), single));
}

static bool exec_div(uint32_t *f, const uint64_t v[3], bool single, uint64_t *result)
{
	struct num a = unpack(v[0]), b = unpack(v[1]);
	bool sign = a.sign != b.sign;

	if (a.cls == NUM_NAN || b.cls == NUM_NAN)
		return give_nan(f, v, 0, result);
	if (a.cls == NUM_INF && b.cls == NUM_INF)
		return give_invalid(f, result, FPSCR_VXIDI, FP_DEFAULT_NAN);
	if (a.cls == NUM_ZERO && b.cls == NUM_ZERO)
		return give_invalid(f, result, FPSCR_VXZDZ, FP_DEFAULT_NAN);
	if (a.cls == NUM_INF)
		return give_inf(f, result, sign);
	if (a.cls == NUM_ZERO || b.cls == NUM_INF)
		return give_zero(f, result, sign);
	if (b.cls == NUM_ZERO) {
		raise(f, FPSCR_ZX);
		return !(*f & FPSCR_ZE) && give_inf(f, result, sign);
	}
	/* The quotient lies in (1/2, 2): one more bit of dividend brings it to bit 63. */
	bool less = a.mant < b.mant;
	u128 dividend = (u128)a.mant << (less ? 64 : 63);
	uint64_t q = (uint64_t)(dividend / b.mant);
	return give(result, round_pack(f, sign, a.exp - b.exp - less, q | (dividend % b.mant != 0), single));
}

static bool exec_sqrt(uint32_t *f, const uint64_t v[3], bool single, uint64_t *result)
{
	struct num b = unpack(v[1]);
	u128 rest = 0, m;
	uint64_t root = 0;

	if (b.cls == NUM_NAN)
		return give_nan(f, v, 0, result);
	if (b.cls == NUM_ZERO)
		return give_zero(f, result, b.sign);
	if (b.sign)
		return give_invalid(f, result, FPSCR_VXSQRT, FP_DEFAULT_NAN);
	if (b.cls == NUM_INF)
		return give_inf(f, result, false);
	/* m = mant * 2^63 or, for odd exponents, twice that: its root has bit 63 set. Two bits of m give one of the root. */
	m = (u128)b.mant << (63 + (b.exp & 1));
	for (int i = 0; i < 64; i++) {
		rest = rest << 2 | (m >> 126);
		m <<= 2;
		u128 trial = (u128)root << 2 | 1;
		root <<= 1;
		if (rest >= trial) {
			rest -= trial;
			root |= 1;
		}
	}
	return give(result, round_pack(f, false, (b.exp - (b.exp & 1)) / 2, root | (rest != 0), single));
}

static bool exec_madd(uint32_t *f, const uint64_t v[3], bool minus, bool single, uint64_t *result)
{
	struct num a = unpack(v[0]), b = unpack(v[1]), c = unpack(v[2]);
	bool sign = a.sign != c.sign;
	bool inf = a.cls == NUM_INF || c.cls == NUM_INF, nothing = a.cls == NUM_ZERO || c.cls == NUM_ZERO;
	uint32_t cause = inf && nothing ? FPSCR_VXIMZ : 0;
	struct wide sum;

	if (a.cls == NUM_NAN || b.cls == NUM_NAN || c.cls == NUM_NAN)
		return give_nan(f, v, a.cls == NUM_NAN || c.cls == NUM_NAN ? 0 : cause, result);
	if (cause)
		return give_invalid(f, result, cause, FP_DEFAULT_NAN);
	b.sign ^= minus;
	if (inf && b.cls == NUM_INF && sign != b.sign)
		return give_invalid(f, result, FPSCR_VXISI, FP_DEFAULT_NAN);
	if (inf || b.cls == NUM_INF)
		return give_inf(f, result, inf ? sign : b.sign);
	if (nothing && b.cls == NUM_ZERO)
		return give_zero(f, result, zero_sum_sign(*f, sign, b.sign));
	if (nothing)
		return give(result, round_num(f, b, single));
	sum = product(a, c);
	if (b.cls != NUM_ZERO && !wide_add(sum, widen(b), &sum))
		return give_zero(f, result, zero_sum_sign(*f, sign, b.sign));
	return give(result, round_num(f, narrow(sum), single));
}

/* fnmadd, fnmsub: rounded first, then negated; NaNs keep their sign. */
static bool exec_nmadd(uint32_t *f, const uint64_t v[3], bool minus, bool single, uint64_t *result)
{
	if (!exec_madd(f, v, minus, single, result))
		return false;
	if (!is_nan(*result)) {
		*result ^= FP_SIGN;
		/* FL and FG change places; a zero has its sign in C. */
		*f ^= *result << 1 ? 0x0cu << 12 : 0x10u << 12;
	}
	return true;
}

static bool exec_rsp(uint32_t *f, const uint64_t v[3], uint64_t *result)
{
	struct num b = unpack(v[1]);

	switch (b.cls) {
	case NUM_NAN:
		if (!give_nan(f, v, 0, result))
			return false;
		*result &= ~UINT64_C(0x1fffffff);
		return true;
	case NUM_INF: return give_inf(f, result, b.sign);
	case NUM_ZERO: return give_zero(f, result, b.sign);
	default: return give(result, round_num(f, b, true));
	}
}

/* ---- integers -------------------------------------------------------------------------------------------------------- */

/* fctiw, fctid and their z forms. FPRF becomes zero; the word lies sign-extended in the register (both as captured). */
static bool exec_to_int(uint32_t *f, const uint64_t v[3], bool toward_zero, unsigned width, uint64_t *result)
{
	struct num b = unpack(v[1]);
	uint64_t max = (UINT64_C(1) << (width - 1)) - !b.sign, whole = 0, frac = 0;
	bool big = b.cls == NUM_INF || b.cls == NUM_NAN, up;

	if (b.cls == NUM_FINITE) {
		big = b.exp >= 64;
		if (!big && b.exp >= 0)
			whole = b.mant >> (63 - b.exp);
		frac = b.exp < 0 ? shift_jam(b.mant, -1 - b.exp) : b.exp < 63 ? b.mant << (b.exp + 1) : 0;
	}
	up = !toward_zero && rounds_up(*f, b.sign, frac, FP_SIGN, whole & 1);
	if (big || whole > max || (whole == max && up)) {
		if (b.cls == NUM_NAN)
			max = UINT64_C(1) << (width - 1);
		raise(f, FPSCR_VXCVI | (is_snan(v[1]) ? FPSCR_VXSNAN : 0));
		if (*f & FPSCR_VE)
			return false;
		set_fprf(f, 0);
		if (b.cls == NUM_NAN || b.sign)
			max = -max;
		return give(result, max);
	}
	whole += up;
	if (frac) {
		raise(f, FPSCR_XX);
		*f |= FPSCR_FI | (up ? FPSCR_FR : 0);
	}
	set_fprf(f, 0);
	return give(result, b.sign ? -whole : whole);
}

static bool exec_from_int(uint32_t *f, const uint64_t v[3], uint64_t *result)
{
	bool sign = v[1] >> 63;
	uint64_t m = sign ? -v[1] : v[1];

	if (!m)
		return give_zero(f, result, false);
	int shift = __builtin_clzll(m);
	return give(result, round_pack(f, sign, 63 - shift, m << shift, false));
}

/* ---- estimates (tables: fp_est.c) -------------------------------------------------------------------------------------- */

/* fres: 2^-exp / 1.f by table, cut to single. An estimate is never inexact: FR, FI, XX stay clear, OX and UX are as captured. */
static bool exec_res(uint32_t *f, const uint64_t v[3], uint64_t *result)
{
	struct num b = unpack(v[1]);

	switch (b.cls) {
	case NUM_NAN: return give_nan(f, v, 0, result);
	case NUM_INF: return give_zero(f, result, b.sign);
	case NUM_ZERO:
		raise(f, FPSCR_ZX);
		return !(*f & FPSCR_ZE) && give_inf(f, result, b.sign);
	default: break;
	}
	int exp = -1 - b.exp;
	if (exp > 127) {
		raise(f, FPSCR_OX);
		return give_inf(f, result, b.sign);
	}
	uint64_t mant = (UINT64_C(0x800000) | fp_res_table[b.mant >> 56 & 127]) << 40;
	uint32_t own = RN_ZERO;
	*result = round_pack(&own, b.sign, exp, mant, true);
	raise(f, own & FPSCR_UX);
	set_fprf(f, own >> 12 & 0x1f);
	return true;
}

static bool exec_rsqrte(uint32_t *f, const uint64_t v[3], uint64_t *result)
{
	struct num b = unpack(v[1]);

	switch (b.cls) {
	case NUM_NAN: return give_nan(f, v, 0, result);
	case NUM_ZERO:
		raise(f, FPSCR_ZX);
		return !(*f & FPSCR_ZE) && give_inf(f, result, b.sign);
	default: break;
	}
	if (b.sign)
		return give_invalid(f, result, FPSCR_VXSQRT, FP_DEFAULT_NAN);
	if (b.cls == NUM_INF)
		return give_zero(f, result, false);
	bool odd = b.exp & 1;
	uint64_t frac = fp_rsqrte_table[odd << 3 | (b.mant >> 60 & 7)];
	set_fprf(f, FPRF_NORMAL(false));
	return give(result, (uint64_t)(1022 - (b.exp - odd) / 2) << 52 | frac << 32);
}

/* ---- double denormals in single operations -------------------------------------------------------------------------- */

static bool is_denormal(uint64_t bits) { return (bits << 1) - 1 < UINT64_C(0x001fffffffffffff); }
static bool is_finite(uint64_t bits) { return (bits >> 52 & 0x7ff) != 0x7ff; }

/*
 * The architecture leaves a single operation on an operand beyond a single's range undefined. As captured, a double denormal
 * (nothing else does it) turns fdivs and fsqrts into fdiv and fsqrt, and makes the result of the others, if all operands are finite, the
 * default NaN without any exception. Returns the op to do, or FP_none: *result is that NaN.
 */
static unsigned single_op(uint32_t *f, unsigned op, const uint64_t v[3], uint64_t *result)
{
	if (!is_denormal(v[0]) && !is_denormal(v[1]) && !is_denormal(v[2]))
		return op;
	if (op == (FP_div | FP_SINGLE) || op == (FP_sqrt | FP_SINGLE))
		return op & ~FP_SINGLE;
	if (!is_finite(v[0]) || !is_finite(v[1]) || !is_finite(v[2]))
		return op;
	set_fprf(f, FPRF_NAN);
	*result = FP_DEFAULT_NAN;
	return FP_none;
}

/* ---- the door -------------------------------------------------------------------------------------------------------- */

/* The operands that each operation reads: 1 = frA, 2 = frB, 4 = frC. */
static const uint8_t reads[FP_OPS_END] = {
	[FP_add] = 3, [FP_sub] = 3, [FP_mul] = 5, [FP_div] = 3, [FP_sqrt] = 2, [FP_madd] = 7, [FP_msub] = 7, [FP_nmadd] = 7,
	[FP_nmsub] = 7, [FP_rsp] = 2, [FP_ctiw] = 2, [FP_ctiwz] = 2, [FP_ctid] = 2, [FP_ctidz] = 2, [FP_cfid] = 2,
	[FP_res] = 2, [FP_rsqrte] = 2,
};

bool fp_exec(uint32_t *f, unsigned op, const uint64_t operands[3], uint64_t *result)
{
	unsigned r = reads[op & ~FP_SINGLE];
	const uint64_t v[3] = { r & 1 ? operands[0] : 0, r & 2 ? operands[1] : 0, r & 4 ? operands[2] : 0 };

	*f &= ~(FPSCR_FR | FPSCR_FI);
	if (op & FP_SINGLE)
		op = single_op(f, op, v, result);
	bool single = op & FP_SINGLE;
	switch (op & ~FP_SINGLE) {
	case FP_none: return true;
	case FP_add: return exec_add(f, v, false, single, result);
	case FP_sub: return exec_add(f, v, true, single, result);
	case FP_mul: return exec_mul(f, v, single, result);
	case FP_div: return exec_div(f, v, single, result);
	case FP_sqrt: return exec_sqrt(f, v, single, result);
	case FP_madd: return exec_madd(f, v, false, single, result);
	case FP_msub: return exec_madd(f, v, true, single, result);
	case FP_nmadd: return exec_nmadd(f, v, false, single, result);
	case FP_nmsub: return exec_nmadd(f, v, true, single, result);
	case FP_rsp: return exec_rsp(f, v, result);
	case FP_ctiw: return exec_to_int(f, v, false, 32, result);
	case FP_ctiwz: return exec_to_int(f, v, true, 32, result);
	case FP_ctid: return exec_to_int(f, v, false, 64, result);
	case FP_ctidz: return exec_to_int(f, v, true, 64, result);
	case FP_cfid: return exec_from_int(f, v, result);
	case FP_res: return exec_res(f, v, result);
	case FP_rsqrte: return exec_rsqrte(f, v, result);
	default: INVARIANT(!"an FP operation");
	}
	return false;
}

uint8_t fp_compare(uint32_t *f, uint64_t a, uint64_t b, bool ordered)
{
	uint8_t cc = 1;

	if (!is_nan(a) && !is_nan(b)) {
		/* Sign and magnitude to two's complement: the order of doubles; both zeros become 0. */
		int64_t x = a >> 63 ? -(int64_t)(a << 1 >> 1) : (int64_t)a;
		int64_t y = b >> 63 ? -(int64_t)(b << 1 >> 1) : (int64_t)b;
		cc = x < y ? 8 : x > y ? 4 : 2;
	}
	*f = (*f & ~FPSCR_FPCC) | (uint32_t)cc << 12;
	if (cc == 1) {
		bool snan = is_snan(a) || is_snan(b);
		uint32_t cause = snan ? FPSCR_VXSNAN : 0;
		if (ordered && !(snan && *f & FPSCR_VE))
			cause |= FPSCR_VXVC;
		raise(f, cause);
	}
	return cc;
}
