/* src/cpu/fp.h - scalar floating point, bit by bit as the processor computes it: results, FPSCR, conversions.
 *
 * fp_exec() is the truth: every operation in every rounding mode, with every FPSCR bit, by integer arithmetic alone. It is not
 * fast. The handlers (x_fp.h) therefore compute on the host's FPU whenever that gives the same result and changes no sticky bit,
 * and only note which FPSCR bits (FR, FI, FPRF) the operation owes: the operands are kept in the context, and
 * fp_settle() redoes the last operation through fp_exec() before anybody looks at FPSCR. Outside cpu_run nothing is owed.
 *
 * A single-precision operation rounds the exact result once, whatever its operands. Source: PowerISA 2.03 chapter 4; what it leaves undefined is
 * as captured on the Cell PPE (tests/conformance).
 */
#ifndef SRC_CPU_FP_H
#define SRC_CPU_FP_H

#include <xmmintrin.h>

#include "src/base/base.h"
#include "src/cpu/cpu.h"

/* FPSCR. */
#define FPSCR_FX 0x80000000u
#define FPSCR_FEX 0x40000000u
#define FPSCR_VX 0x20000000u
#define FPSCR_OX 0x10000000u
#define FPSCR_UX 0x08000000u
#define FPSCR_ZX 0x04000000u
#define FPSCR_XX 0x02000000u
#define FPSCR_VXSNAN 0x01000000u
#define FPSCR_VXISI 0x00800000u
#define FPSCR_VXIDI 0x00400000u
#define FPSCR_VXZDZ 0x00200000u
#define FPSCR_VXIMZ 0x00100000u
#define FPSCR_VXVC 0x00080000u
#define FPSCR_FR 0x00040000u
#define FPSCR_FI 0x00020000u
#define FPSCR_FPRF 0x0001f000u  /* C and FPCC */
#define FPSCR_FPCC 0x0000f000u
#define FPSCR_VXSOFT 0x00000400u
#define FPSCR_VXSQRT 0x00000200u
#define FPSCR_VXCVI 0x00000100u
#define FPSCR_VE 0x00000080u
#define FPSCR_OE 0x00000040u
#define FPSCR_UE 0x00000020u
#define FPSCR_ZE 0x00000010u
#define FPSCR_XE 0x00000008u
#define FPSCR_NI 0x00000004u    /* kept, without effect: non-IEEE mode is optional in PowerISA, and no vector sets it */
#define FPSCR_RN 0x00000003u
#define FPSCR_VX_ALL 0x01f80700u
#define FPSCR_STICKY 0x1ff80700u /* exceptions whose coming sets FX */
#define FPSCR_MODE 0x000000ffu   /* enables, NI, RN */

#define FP_DEFAULT_NAN UINT64_C(0x7ff8000000000000)
#define FP_QUIET UINT64_C(0x0008000000000000)
#define FP_SIGN UINT64_C(0x8000000000000000)

/** Operations: OP(name). Their operands are v[0] = frA, v[1] = frB, v[2] = frC. */
#define FP_OPS(OP) \
	OP(add) OP(sub) OP(mul) OP(div) OP(sqrt) OP(madd) OP(msub) OP(nmadd) OP(nmsub) OP(rsp) \
	OP(ctiw) OP(ctiwz) OP(ctid) OP(ctidz) OP(cfid) OP(res) OP(rsqrte)
enum fp_op {
	FP_none,
#define OP(name) FP_##name,
	FP_OPS(OP)
#undef OP
	FP_OPS_END,
	FP_cmpu = FP_OPS_END, FP_cmpo   /* fp_slow() only */
};
#define FP_SINGLE 0x20u         /* or'ed to an arithmetic op: fadds for fadd */
#define FP_CC 0x40u             /* in ppc_context.fp_owed only: a compare has written FPCC since */

/** Does @op (with FP_SINGLE or not) exactly. False: an enabled exception keeps the target register as it was. */
MUST_CHECK bool fp_exec(uint32_t *fpscr, unsigned op, const uint64_t v[3], uint64_t *result);
/** fcmpu, fcmpo: the CR field (LT 8, GT 4, EQ 2, unordered 1). */
uint8_t fp_compare(uint32_t *fpscr, uint64_t a, uint64_t b, bool ordered);

/** The FPSCR bits still owed are filled in. Before anything reads or writes FPSCR other than an arithmetic operation. */
void fp_settle(struct ppc_context *c);
/** fp_quick: FPSCR asks for nothing but the default, and XX is set: an inexact result changes no sticky bit. After each change of those. */
static inline void fp_renew(struct ppc_context *c)
{
	c->fp_quick = (c->fpscr & (FPSCR_XX | FPSCR_MODE)) == FPSCR_XX;
}

/** Around the interpreter: the host computes in round-to-nearest, traps nothing and keeps denormals; returns what it was. */
#define FP_HOST_MODE 0x1f80u    /* MXCSR */
static inline uint32_t fp_enter(struct ppc_context *c)
{
	uint32_t host = _mm_getcsr();
	if (host != FP_HOST_MODE)
		_mm_setcsr(FP_HOST_MODE);
	fp_renew(c);
	return host;
}
static inline void fp_leave(struct ppc_context *c, uint32_t host)
{
	fp_settle(c);
	c->fp_quick = 0;
	if (_mm_getcsr() != host)
		_mm_setcsr(host);
}

/** The exact way of an instruction of the interpreter: op->a, b, c to op->d. */
struct ppc_op;
void fp_slow(struct ppc_context *c, const struct ppc_op *op, unsigned fp_op);

/** FPSCR with VX and FEX as its other bits demand. */
uint32_t fp_summary(uint32_t fpscr);
/** mtfsf and friends: the bits of @mask from @value; VX and FEX follow. */
uint32_t fp_scr_write(uint32_t fpscr, uint32_t mask, uint32_t value);
/** mtfsb1: sets bits; FX too if one is an exception that was not set. */
uint32_t fp_scr_raise(uint32_t fpscr, uint32_t bits);
/** mcrfs: returns FPSCR field @n (0-7) and clears its exception bits. */
uint8_t fp_scr_take_field(uint32_t *fpscr, unsigned n);

/** Fraction bits (23) of fres for the upper seven bits of the operand's fraction. */
extern const uint32_t fp_res_table[128];
/** Fraction bits (20) of frsqrte, by the exponent's lowest bit (8) and the upper three bits of the operand's fraction. */
extern const uint32_t fp_rsqrte_table[16];

/* ---- loads and stores: exact conversions that touch no FPSCR -------------------------------------------------------- */

static inline double fp_double(uint64_t bits) { double d; memcpy(&d, &bits, 8); return d; }
static inline uint64_t fp_bits(double d) { uint64_t bits; memcpy(&bits, &d, 8); return bits; }

/** lfs: single to double format; NaNs keep their payload, also signalling ones. */
static inline uint64_t fp_from_single(uint32_t s)
{
	float f;

	if (UNLIKELY((s << 1) >= 0xff000000u))
		return (uint64_t)(s & 0x80000000u) << 32 | UINT64_C(0x7ff0000000000000) | (uint64_t)(s & 0x7fffff) << 29;
	memcpy(&f, &s, 4);
	return fp_bits((double)f);
}

/** stfs: double to single format by dropping bits; what is too small for a single is denormalised, then gone. */
static inline uint32_t fp_to_single(uint64_t d)
{
	uint32_t e = d >> 52 & 0x7ff;

	if (LIKELY(e > 896 || !(d << 1)))
		return (d >> 32 & 0xc0000000u) | (d >> 29 & 0x3fffffff);
	if (e < 874)
		return d >> 32 & 0x80000000u;
	return (uint32_t)(d >> 32 & 0x80000000u) |
	       (uint32_t)(((d & UINT64_C(0xfffffffffffff)) | UINT64_C(0x10000000000000)) >> (29 + 897 - e));
}

#endif
