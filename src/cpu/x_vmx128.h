/* src/cpu/x_vmx128.h - handlers of VMX128 that AltiVec has no like of; see insn.h. The target is a source, too, where it is
 * named twice in the row's operands. */
#ifndef SRC_CPU_X_VMX128_H
#define SRC_CPU_X_VMX128_H

#include "src/cpu/insn.h"
#include "src/cpu/vmx.h"
#include "src/cpu/x_vmx.h"

/* VD = VA * VB + VD */
X_HANDLER(maddfp128)
{
	vmx_maddfp(&c->vr[op->d], &c->vr[op->a], &c->vr[op->d], &c->vr[op->b], &c->vscr);
}

/* VD = VA * VD + VB */
X_HANDLER(maddcfp128)
{
	vmx_maddfp(&c->vr[op->d], &c->vr[op->a], &c->vr[op->b], &c->vr[op->d], &c->vscr);
}

/* VD = -(VA * VB - VD) */
X_HANDLER(nmsubfp128)
{
	vmx_nmsubfp(&c->vr[op->d], &c->vr[op->a], &c->vr[op->d], &c->vr[op->b], &c->vscr);
}

X_HANDLER(sel128)
{
	VMX_PUT(vu64, &c->vr[op->d]) =
		VMX_SELECT(vu64, VMX_GET(vu64, &c->vr[op->d]), VMX_GET(vu64, &c->vr[op->b]), VMX_GET(vu64, &c->vr[op->a]));
}

/* Any four words of VB: two bits each, the first word's uppermost. */
X_HANDLER(permwi128)
{
	const uint32_t *w = c->vr[op->b].w;
	unsigned how = ~(unsigned)op->c;
	VMX_PUT(vu32, &c->vr[op->d]) = (vu32){ w[how & 3], w[how >> 2 & 3], w[how >> 4 & 3], w[how >> 6 & 3] };
}

X_HANDLER(rlimi128)
{
	vmx_rlimi(&c->vr[op->d], &c->vr[op->b], op->a, op->c);
}

X_HANDLER(pkd3d128)
{
	vmx_pkd3d(&c->vr[op->d], &c->vr[op->b], op->a >> 2, op->a & 3, op->c);
}

X_HANDLER(upkd3d128)
{
	vmx_upkd3d(&c->vr[op->d], &c->vr[op->b], op->a >> 2);
}

#endif
