/* src/cpu/fp_slow.c - what the handlers of floating point leave: results that the quick way does not know, and what is owed. */
#include "config.h"

#include "src/cpu/fp_host.h"
#include "src/cpu/insn.h"

/* Residuals of products and quotients are exact from here up (exponent field; 106 bits below lies the least denormal). */
#define SAFE_EXPONENT 128u

static unsigned exponent(double d) { return fp_bits(d) >> 52 & 0x7ff; }

/* x + y, if that is exact: Knuth's error term, which is no number for infinities and NaNs. */
static bool exact_sum(double x, double y, double *r)
{
	double s = x + y, t = s - x;

	*r = s;
	return (x - (s - t)) + (y - t) == 0;
}

static bool exact_product(double x, double y, double *r)
{
	double p = x * y;

	*r = p;
	if (p == 0)
		return x == 0 || y == 0;
	return exponent(p) - SAFE_EXPONENT < 0x7ff - SAFE_EXPONENT && fp_fma(x, y, -p) == 0;
}

static bool exact_quotient(double x, double y, double *r)
{
	double q = x / y;

	*r = q;
	if (q == 0)
		return x == 0;
	return exponent(x) - SAFE_EXPONENT < 0x7ff - SAFE_EXPONENT && exponent(q) < 0x7ff && fp_fma(-q, y, x) == 0;
}

static bool exact_root(double x, double *r)
{
	double q = fp_root(x);

	*r = q;
	return exponent(x) - SAFE_EXPONENT < 0x7ff - SAFE_EXPONENT && fp_fma(-q, q, x) == 0;
}

static bool exact_integer(double x, double limit, uint64_t *r)
{
	if (!(x > -limit && x < limit))
		return false;
	int64_t i = _mm_cvttsd_si64(_mm_set_sd(x));
	*r = (uint64_t)i;
	return (double)i == x;
}

static bool exact_double(unsigned fp_op, double a, double b, double c, double *r)
{
	double p;

	switch (fp_op) {
	case FP_add: return exact_sum(a, b, r);
	case FP_sub: return exact_sum(a, -b, r);
	case FP_mul: return exact_product(a, c, r);
	case FP_div: return exact_quotient(a, b, r);
	case FP_sqrt: return exact_root(b, r);
	case FP_madd: return exact_product(a, c, &p) && exact_sum(p, b, r);
	case FP_msub: return exact_product(a, c, &p) && exact_sum(p, -b, r);
	case FP_nmadd:
	case FP_nmsub:
		if (!exact_product(a, c, &p) || !exact_sum(p, fp_op == FP_nmadd ? b : -b, r))
			return false;
		*r = -*r;
		return true;
	case FP_rsp:
		*r = b;
		return b == (double)(float)b;
	default: return false;
	}
}

/* If rounding to nearest changes nothing and no exception can come of it, the result: by far the most of what comes here. */
static bool exact(unsigned fp_op, const uint64_t v[3], uint64_t *result)
{
	double a = fp_double(v[0]), b = fp_double(v[1]), c = fp_double(v[2]), r;
	uint64_t single;

	switch (fp_op) {
	case FP_ctiw:
	case FP_ctiwz: return exact_integer(b, 0x1p31, result);
	case FP_ctid:
	case FP_ctidz: return exact_integer(b, 0x1p62, result);
	case FP_cfid:
		*result = fp_bits((double)(int64_t)v[1]);
		return (int64_t)v[1] < INT64_C(1) << 53 && (int64_t)v[1] > -(INT64_C(1) << 53);
	default: break;
	}
	if (!FP_HAS_FMA || !exact_double(fp_op & ~FP_SINGLE, a, b, c, &r))
		return false;
	*result = fp_bits(r);
	if (!(fp_op & FP_SINGLE))
		return r == 0 || fp_ordinary(*result);
	/* Operands that are not read cannot be told here; none of them does harm but by going the exact way. */
	if (fp_denormal(a) || fp_denormal(b) || fp_denormal(c))
		return false;
	return r == 0 || (fp_round_single(*result, &single) && single == *result);
}

void fp_slow(struct ppc_context *c, const struct ppc_op *op, unsigned fp_op)
{
	const uint64_t v[3] = { c->fpr[op->a], c->fpr[op->b], c->fpr[op->c] };
	uint64_t result;

	if (fp_op == FP_cmpu || fp_op == FP_cmpo) {
		c->cr[op->d] = fp_compare(&c->fpscr, v[0], v[1], fp_op == FP_cmpo);
		c->fp_owed |= FP_CC;
		return;
	}
	/* What an operation before owes is overwritten: FR, FI and FPRF are this one's. (Owed is something only while no
	 * exception is enabled, so that nothing keeps this one from setting them.) */
	c->fp_owed = 0;
	if (!(c->fpscr & FPSCR_MODE) && exact(fp_op, v, &result)) {
		c->fp_owed = (uint8_t)fp_op;
		memcpy(c->fp_operand, v, sizeof(v));
		c->fpr[op->d] = result;
		return;
	}
	if (fp_exec(&c->fpscr, fp_op, v, &result))
		c->fpr[op->d] = result;
	fp_renew(c);
}

void fp_settle(struct ppc_context *c)
{
	unsigned owed = c->fp_owed, fp_op = owed & ~FP_CC;
	uint32_t fpcc = c->fpscr & FPSCR_FPCC;
	uint64_t result;

	/* Owed only if nothing could keep the result from being written. */
	INVARIANT(!fp_op || fp_exec(&c->fpscr, fp_op, c->fp_operand, &result));
	if (owed & FP_CC)
		c->fpscr = (c->fpscr & ~FPSCR_FPCC) | fpcc;
	c->fp_owed = 0;
	memset(c->fp_operand, 0, sizeof(c->fp_operand));
}
