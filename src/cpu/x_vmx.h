/* src/cpu/x_vmx.h - handlers of AltiVec; see insn.h. What is one vector expression is written here, the rest is in vmx*.c. */
#ifndef SRC_CPU_X_VMX_H
#define SRC_CPU_X_VMX_H

#include "src/cpu/insn.h"
#include "src/cpu/vmx.h"

#define X_HANDLER(name) static inline void x_v##name(struct ppc_context *c, const struct ppc_op *op)

/* ---- what vmx.h has functions for ------------------------------------------------------------------------------------ */

#define F(name) X_HANDLER(name) { vmx_##name(&c->vr[op->d], &c->vr[op->a], &c->vr[op->b], &c->vscr); }
VMX_AB(F)
#undef F
#define F(name) X_HANDLER(name) { vmx_##name(&c->vr[op->d], &c->vr[op->a], &c->vr[op->b], &c->vr[op->c], &c->vscr); }
VMX_ABC(F)
#undef F
#define F(name) X_HANDLER(name) { vmx_##name(&c->vr[op->d], &c->vr[op->b], &c->vscr); }
VMX_B(F)
#undef F
#define F(name) X_HANDLER(name) { vmx_##name(&c->vr[op->d], &c->vr[op->b], op->a, &c->vscr); }
VMX_BU(F)
#undef F

X_HANDLER(sldoi)
{
	vmx_sldoi(&c->vr[op->d], &c->vr[op->a], &c->vr[op->b], op->c & 15);
}

/* ---- one expression of x = VA and y = VB ------------------------------------------------------------------------------- */

#define X_AB(name, T, expr) \
	X_HANDLER(name) \
	{ \
		const T x = VMX_GET(T, &c->vr[op->a]), y = VMX_GET(T, &c->vr[op->b]); \
		VMX_PUT(T, &c->vr[op->d]) = (T)(expr); \
	}
#define X_AB_UNSIGNED(name, expr) X_AB(name##b, vu8, expr) X_AB(name##h, vu16, expr) X_AB(name##w, vu32, expr)
#define X_AB_SIGNED(name, expr) X_AB(name##b, vs8, expr) X_AB(name##h, vs16, expr) X_AB(name##w, vs32, expr)
X_AB(addubm, vu8, x + y)
X_AB(adduhm, vu16, x + y)
X_AB(adduwm, vu32, x + y)
X_AB(sububm, vu8, x - y)
X_AB(subuhm, vu16, x - y)
X_AB(subuwm, vu32, x - y)
X_AB(addcuw, vu32, (vu32)(x + y < x) & 1)
X_AB(subcuw, vu32, (vu32)(x >= y) & 1)
X_AB_UNSIGNED(avgu, (x | y) - ((x ^ y) >> 1))
X_AB_SIGNED(avgs, (x | y) - ((x ^ y) >> 1))
X_AB_UNSIGNED(maxu, VMX_SELECT(vu64, x > y, x, y))
X_AB_SIGNED(maxs, VMX_SELECT(vu64, x > y, x, y))
X_AB_UNSIGNED(minu, VMX_SELECT(vu64, x < y, x, y))
X_AB_SIGNED(mins, VMX_SELECT(vu64, x < y, x, y))
X_AB_UNSIGNED(cmpequ, x == y)
X_AB_UNSIGNED(cmpgtu, x > y)
X_AB_SIGNED(cmpgts, x > y)
X_AB(and, vu64, x & y)
X_AB(andc, vu64, x & ~y)
X_AB(or, vu64, x | y)
X_AB(xor, vu64, x ^ y)
X_AB(nor, vu64, ~(x | y))

/* Merges: big-endian even elements from VA, odd from VB; high is the host's upper half. */
X_AB(mrghb, vu8, __builtin_shufflevector(y, x, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31))
X_AB(mrghh, vu16, __builtin_shufflevector(y, x, 4, 12, 5, 13, 6, 14, 7, 15))
X_AB(mrghw, vu32, __builtin_shufflevector(y, x, 2, 6, 3, 7))
X_AB(mrglb, vu8, __builtin_shufflevector(y, x, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23))
X_AB(mrglh, vu16, __builtin_shufflevector(y, x, 0, 8, 1, 9, 2, 10, 3, 11))
X_AB(mrglw, vu32, __builtin_shufflevector(y, x, 0, 4, 1, 5))

/* Packs that cut. */
X_AB(pkuhum, vu8, __builtin_shufflevector(y, x, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30))
X_AB(pkuwum, vu16, __builtin_shufflevector(y, x, 0, 2, 4, 6, 8, 10, 12, 14))

X_HANDLER(sel)
{
	VMX_PUT(vu64, &c->vr[op->d]) =
		VMX_SELECT(vu64, VMX_GET(vu64, &c->vr[op->c]), VMX_GET(vu64, &c->vr[op->b]), VMX_GET(vu64, &c->vr[op->a]));
}

/* ---- splats: of an element (big-endian count; too high a number wraps), of five signed bits --------------------------------- */

#define X_SPLAT(name, T, member, last) \
	X_HANDLER(splt##name) \
	{ \
		VMX_PUT(T, &c->vr[op->d]) = (T){ 0 } + c->vr[op->b].member[~op->a & last]; \
	}
X_SPLAT(b, vu8, b, 15)
X_SPLAT(h, vu16, h, 7)
X_SPLAT(w, vu32, w, 3)

#define X_SPLAT_IMMEDIATE(name, T, E) \
	X_HANDLER(splt##name) \
	{ \
		VMX_PUT(T, &c->vr[op->d]) = (T){ 0 } + (E)((op->a ^ 16) - 16); \
	}
X_SPLAT_IMMEDIATE(isb, vs8, int8_t)
X_SPLAT_IMMEDIATE(ish, vs16, int16_t)
X_SPLAT_IMMEDIATE(isw, vs32, int32_t)

/* ---- status and control ------------------------------------------------------------------------------------------------------- */

static inline void x_mfvscr(struct ppc_context *c, const struct ppc_op *op)
{
	c->vr[op->d].d[1] = 0;
	c->vr[op->d].d[0] = c->vscr;
}

static inline void x_mtvscr(struct ppc_context *c, const struct ppc_op *op)
{
	c->vscr = c->vr[op->b].w[0] & (PPC_VSCR_NJ | PPC_VSCR_SAT);
}

#endif
