/* src/cpu/x_int.h - handlers of the integer instructions that are not written out in the interpreter. See insn.h.
 * 32-bit mode: CA and OV come from the low 32 bits, but for the doubleword multiplies and divides. */
#ifndef SRC_CPU_X_INT_H
#define SRC_CPU_X_INT_H

#include "src/cpu/engine.h"

static inline void x_set_ov(struct ppc_context *c, bool ov)
{
	c->ov = ov;
	c->so |= ov;
}

/** Ones from bit @mb to bit @me, numbered from the left, wrapping around. */
static inline uint64_t x_mask(unsigned mb, unsigned me)
{
	uint64_t from = UINT64_MAX >> mb, to = UINT64_MAX << (63 - me);
	return mb <= me ? from & to : from | to;
}

static inline uint64_t x_rotl64(uint64_t v, unsigned n)
{
	return v << (n & 63) | v >> (-n & 63);
}

static inline uint32_t x_rotl32(uint32_t v, unsigned n)
{
	return v << (n & 31) | v >> (-n & 31);
}

/** A word rotated and doubled, as rlw* see it. */
static inline uint64_t x_rotl_word(uint64_t v, unsigned n)
{
	uint32_t r = x_rotl32((uint32_t)v, n);
	return (uint64_t)r << 32 | r;
}

static inline uint64_t x_rlwimi(uint64_t target, uint64_t source, uint32_t word)
{
	uint64_t mask = x_mask((word >> 6 & 31) + 32, (word >> 1 & 31) + 32);
	return (x_rotl_word(source, word >> 11 & 31) & mask) | (target & ~mask);
}

static inline uint64_t x_rlwinm(uint64_t source, unsigned n, uint32_t word)
{
	return x_rotl_word(source, n) & x_mask((word >> 6 & 31) + 32, (word >> 1 & 31) + 32);
}

/* ---- add and subtract: everything is a + b + carry in ---------------------------------------------------------- */

static inline void x_sum(struct ppc_context *c, const struct ppc_op *op, uint64_t a, uint64_t b, unsigned ci, bool set_ca)
{
	uint64_t r = a + b + ci;
	uint32_t ra = (uint32_t)a, rb = (uint32_t)b, rr = (uint32_t)r;
	if (set_ca)
		c->ca = (uint8_t)(((uint64_t)ra + rb + ci) >> 32);
	x_set_ov(c, (~(ra ^ rb) & (ra ^ rr)) >> 31);
	c->gpr[op->d] = r;
}

#define X_SUM(name, a, b, ci, set_ca) \
	static inline void x_##name(struct ppc_context *c, const struct ppc_op *op) { x_sum(c, op, a, b, ci, set_ca); }
X_SUM(addo, c->gpr[op->a], c->gpr[op->b], 0, false)
X_SUM(addco, c->gpr[op->a], c->gpr[op->b], 0, true)
X_SUM(addeo, c->gpr[op->a], c->gpr[op->b], c->ca, true)
X_SUM(addmeo, c->gpr[op->a], UINT64_MAX, c->ca, true)
X_SUM(addzeo, c->gpr[op->a], 0, c->ca, true)
X_SUM(subfo, ~c->gpr[op->a], c->gpr[op->b], 1, false)
X_SUM(subfco, ~c->gpr[op->a], c->gpr[op->b], 1, true)
X_SUM(subfeo, ~c->gpr[op->a], c->gpr[op->b], c->ca, true)
X_SUM(subfmeo, ~c->gpr[op->a], UINT64_MAX, c->ca, true)
X_SUM(subfzeo, ~c->gpr[op->a], 0, c->ca, true)
X_SUM(nego, ~c->gpr[op->a], 0, 1, false)
#undef X_SUM

/* ---- multiply and divide. Undefined quotients are 0 (captured hardware). ---------------------------------------- */

static inline void x_mulhd(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = (uint64_t)((__int128)(int64_t)c->gpr[op->a] * (int64_t)c->gpr[op->b] >> 64);
}

static inline void x_mulhdu(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = (uint64_t)((unsigned __int128)c->gpr[op->a] * c->gpr[op->b] >> 64);
}

static inline void x_mullwo(struct ppc_context *c, const struct ppc_op *op)
{
	int64_t r = (int64_t)(int32_t)c->gpr[op->a] * (int32_t)c->gpr[op->b];
	x_set_ov(c, r != (int32_t)r);
	c->gpr[op->d] = (uint64_t)r;
}

static inline void x_mulldo(struct ppc_context *c, const struct ppc_op *op)
{
	__int128 r = (__int128)(int64_t)c->gpr[op->a] * (int64_t)c->gpr[op->b];
	x_set_ov(c, r != (int64_t)r);
	c->gpr[op->d] = (uint64_t)r;
}

/** Quotient of the form that @name stands for: false, with *q = 0, if there is none. */
#define X_DIVIDE(name, T, overflows) \
	static inline bool x_quotient_##name(uint64_t a, uint64_t b, uint64_t *q) \
	{ \
		T n = (T)a, d = (T)b; \
		bool ok = d != 0 && !(overflows); \
		*q = ok ? X_UNSIGNED_##name(n / d) : 0; \
		return ok; \
	} \
	static inline void x_##name(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		uint64_t q; \
		x_quotient_##name(c->gpr[op->a], c->gpr[op->b], &q); \
		c->gpr[op->d] = q; \
	} \
	static inline void x_##name##o(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		uint64_t q; \
		x_set_ov(c, !x_quotient_##name(c->gpr[op->a], c->gpr[op->b], &q)); \
		c->gpr[op->d] = q; \
	}
#define X_UNSIGNED_divw(v) (uint32_t)(v)
#define X_UNSIGNED_divwu(v) (v)
#define X_UNSIGNED_divd(v) (uint64_t)(v)
#define X_UNSIGNED_divdu(v) (v)
X_DIVIDE(divw, int32_t, n == INT32_MIN && d == -1)
X_DIVIDE(divwu, uint32_t, false)
X_DIVIDE(divd, int64_t, n == INT64_MIN && d == -1)
X_DIVIDE(divdu, uint64_t, false)
#undef X_DIVIDE

/* ---- rotate and shift ------------------------------------------------------------------------------------------------ */

static inline void x_rlwnm(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = x_rlwinm(c->gpr[op->a], (unsigned)c->gpr[op->b], (uint32_t)op->imm);
}

static inline void x_rldic(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = x_rotl64(c->gpr[op->a], op->b) & x_mask(op->c, 63u - op->b);
}

static inline void x_rldimi(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t mask = x_mask(op->c, 63u - op->b);
	c->gpr[op->d] = (x_rotl64(c->gpr[op->a], op->b) & mask) | (c->gpr[op->d] & ~mask);
}

static inline void x_rldcl(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = x_rotl64(c->gpr[op->a], (unsigned)c->gpr[op->b]) & x_mask(op->c, 63);
}

static inline void x_rldcr(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = x_rotl64(c->gpr[op->a], (unsigned)c->gpr[op->b]) & x_mask(0, op->c);
}

/** Arithmetic right shift by @n of 0..63 (words: of their sign-extended value) or more; CA: a negative number lost ones. */
static inline uint64_t x_shift_right(struct ppc_context *c, int64_t v, unsigned n, unsigned width)
{
	if (n >= width) {
		c->ca = v < 0;
		return v < 0 ? UINT64_MAX : 0;
	}
	c->ca = v < 0 && ((uint64_t)v & ((UINT64_C(1) << n) - 1));
	return (uint64_t)(v >> n);
}

static inline void x_srad(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = x_shift_right(c, (int64_t)c->gpr[op->a], c->gpr[op->b] & 127, 64);
}

static inline void x_sradi(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = x_shift_right(c, (int64_t)c->gpr[op->a], op->b, 64);
}

/* ---- trap ------------------------------------------------------------------------------------------------------------ */

static inline bool x_trap(struct ppc_exec *x, unsigned to, int64_t a, int64_t b, uint64_t ua, uint64_t ub)
{
	unsigned cond = (a < b) << 4 | (a > b) << 3 | (a == b) << 2 | (ua < ub) << 1 | (ua > ub);
	if (!(to & cond))
		return true;
	x->exit = CPU_TRAP;
	return false;
}

static inline bool x_tw(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t a = (uint32_t)c->gpr[op->a], b = (uint32_t)c->gpr[op->b];
	return x_trap(x, op->d, (int32_t)a, (int32_t)b, a, b);
}

static inline bool x_twi(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t a = (uint32_t)c->gpr[op->a];
	return x_trap(x, op->d, (int32_t)a, op->imm, a, (uint32_t)op->imm);
}

static inline bool x_td(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint64_t a = c->gpr[op->a], b = c->gpr[op->b];
	return x_trap(x, op->d, (int64_t)a, (int64_t)b, a, b);
}

static inline bool x_tdi(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint64_t a = c->gpr[op->a], b = (uint64_t)(int64_t)op->imm;
	return x_trap(x, op->d, (int64_t)a, (int64_t)b, a, b);
}

/* ---- condition register ------------------------------------------------------------------------------------------- */

static inline unsigned x_cr_bit(const struct ppc_context *c, unsigned bit)
{
	return c->cr[bit >> 2] >> (3 - (bit & 3)) & 1;
}

static inline void x_cr_put(struct ppc_context *c, unsigned bit, unsigned v)
{
	unsigned shift = 3 - (bit & 3);
	c->cr[bit >> 2] = (uint8_t)((c->cr[bit >> 2] & ~(1u << shift)) | (v & 1) << shift);
}

#define X_CR(name, expr) \
	static inline void x_##name(struct ppc_context *c, const struct ppc_op *op) \
	{ \
		unsigned a = x_cr_bit(c, op->a), b = x_cr_bit(c, op->b); \
		x_cr_put(c, op->d, expr); \
	}
X_CR(crand, a & b)
X_CR(crandc, a & ~b)
X_CR(creqv, ~(a ^ b))
X_CR(crnand, ~(a & b))
X_CR(crnor, ~(a | b))
X_CR(cror, a | b)
X_CR(crorc, a | ~b)
X_CR(crxor, a ^ b)
#undef X_CR

static inline void x_mcrf(struct ppc_context *c, const struct ppc_op *op)
{
	c->cr[op->d >> 2] = c->cr[op->a >> 2];
}

static inline void x_mcrxr(struct ppc_context *c, const struct ppc_op *op)
{
	c->cr[op->d >> 2] = (uint8_t)(c->so << 3 | c->ov << 2 | c->ca << 1);
	c->so = c->ov = c->ca = 0;
}

/** The CRM field, out of what the form XFX makes of it. */
static inline unsigned x_crm(const struct ppc_op *op)
{
	return ((unsigned)op->imm & 15) << 4 | ((unsigned)op->imm >> 6 & 15);
}

static inline void x_mfcr(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = ppc_cr(c);
}

/** mfocrf: the one field, the others zero (the architecture leaves them undefined). */
static inline void x_mfocrf(struct ppc_context *c, const struct ppc_op *op)
{
	uint32_t v = 0;
	for (unsigned i = 0; i < 8; i++)
		if (x_crm(op) & 0x80u >> i)
			v |= (uint32_t)c->cr[i] << (28 - 4 * i);
	c->gpr[op->d] = v;
}

static inline void x_mtcrf(struct ppc_context *c, const struct ppc_op *op)
{
	for (unsigned i = 0; i < 8; i++)
		if (x_crm(op) & 0x80u >> i)
			c->cr[i] = (uint8_t)(c->gpr[op->d] >> (28 - 4 * i) & 15);
}

/* ---- machine state -------------------------------------------------------------------------------------------------- */

#define X_MSR_EE_RI UINT64_C(0x8002)

static inline void x_mfmsr(struct ppc_context *c, const struct ppc_op *op)
{
	c->gpr[op->d] = c->msr;
}

/** L = 1 (bit 16): EE and RI only. mtmsr writes the low word, mtmsrd all. */
static inline void x_mtmsr(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t mask = op->a & 1 ? X_MSR_EE_RI : UINT32_MAX;
	c->msr = (c->msr & ~mask) | (c->gpr[op->d] & mask);
}

static inline void x_mtmsrd(struct ppc_context *c, const struct ppc_op *op)
{
	uint64_t mask = op->a & 1 ? X_MSR_EE_RI : UINT64_MAX;
	c->msr = (c->msr & ~mask) | (c->gpr[op->d] & mask);
}

#endif
