/* src/cpu/vmx.h - AltiVec and VMX128: what the vector instructions compute. Values in, values out; VSCR by pointer.
 *
 * All functions take any overlap of target and sources. Element order is that of union ppc_vr: an operation that works on each
 * element by itself does not see it, one that names elements counts from the host's end (big-endian element i is n-1-i).
 * The host's rounding mode must be to nearest, as it is inside of cpu_run.
 *
 * Arithmetic is written with the compilers' portable vector types, which become SSE2 on x86-64. Where a function asks for more of the
 * processor (SSSE3 shuffles, FMA), the result is the same bit for bit.
 *
 * Sources: AltiVec PEM, PowerISA 2.03 chapter 5; facts "VMX128 instruction forms"; captured and hand-written vectors
 * (tests/conformance) where they say more or otherwise.
 */
#ifndef SRC_CPU_VMX_H
#define SRC_CPU_VMX_H

#include "src/base/base.h"
#include "src/cpu/cpu.h"

typedef uint8_t vu8 __attribute__((vector_size(16), may_alias));
typedef int8_t vs8 __attribute__((vector_size(16), may_alias));
typedef uint16_t vu16 __attribute__((vector_size(16), may_alias));
typedef int16_t vs16 __attribute__((vector_size(16), may_alias));
typedef uint32_t vu32 __attribute__((vector_size(16), may_alias));
typedef int32_t vs32 __attribute__((vector_size(16), may_alias));
typedef uint64_t vu64 __attribute__((vector_size(16), may_alias));
typedef float vf32 __attribute__((vector_size(16), may_alias));

/** The register at @p (const union ppc_vr *) as a vector of type T; and the same to be written. */
#define VMX_GET(T, p) (*(const T *)(p))
#define VMX_PUT(T, p) (*(T *)(p))

/** Where @mask's bits are set @yes, else @no; as bits. */
#define VMX_SELECT(T, mask, yes, no) ((T)(((vu64)(yes) & (vu64)(mask)) | ((vu64)(no) & ~(vu64)(mask))))

/** d = a op b. (vscr: SAT may be set, NJ is obeyed.) */
#define VMX_AB(F) \
	F(addsbs) F(addshs) F(addsws) F(addubs) F(adduhs) F(adduws) F(subsbs) F(subshs) F(subsws) F(sububs) F(subuhs) F(subuws) \
	F(muleub) F(muleuh) F(mulesb) F(mulesh) F(muloub) F(mulouh) F(mulosb) F(mulosh) \
	F(sumsws) F(sum2sws) F(sum4ubs) F(sum4sbs) F(sum4shs) \
	F(rlb) F(rlh) F(rlw) F(slb) F(slh) F(slw) F(srb) F(srh) F(srw) F(srab) F(srah) F(sraw) F(sl) F(sr) F(slo) F(sro) \
	F(pkpx) F(pkshss) F(pkshus) F(pkswss) F(pkswus) F(pkuhus) F(pkuwus) \
	F(addfp) F(subfp) F(mulfp) F(maxfp) F(minfp) F(cmpbfp) F(cmpeqfp) F(cmpgefp) F(cmpgtfp) F(msum3fp) F(msum4fp)

/** d = op(a, b, c), in the order of the manual's VA, VB, VC. */
#define VMX_ABC(F) \
	F(mhaddshs) F(mhraddshs) F(mladduhm) F(msumubm) F(msummbm) F(msumuhm) F(msumuhs) F(msumshm) F(msumshs) F(perm) \
	F(maddfp) F(nmsubfp)

/** d = op(b). */
#define VMX_B(F) \
	F(upkhpx) F(upkhsb) F(upkhsh) F(upklpx) F(upklsb) F(upklsh) F(rfim) F(rfin) F(rfip) F(rfiz) \
	F(refp) F(rsqrtefp) F(exptefp) F(logefp)

/** d = op(b, uimm). */
#define VMX_BU(F) F(ctsxs) F(ctuxs) F(cfsx) F(cfux)

#define F(name) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, uint32_t *vscr);
VMX_AB(F)
#undef F
#define F(name) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, uint32_t *vscr);
VMX_ABC(F)
#undef F
#define F(name) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *b, uint32_t *vscr);
VMX_B(F)
#undef F
#define F(name) \
	void vmx_##name(union ppc_vr *d, const union ppc_vr *b, unsigned uimm, uint32_t *vscr);
VMX_BU(F)
#undef F

/** Bytes @shb..@shb+15 of a and b laid side by side (big-endian count). */
void vmx_sldoi(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, unsigned shb);
/** Words of b turned left by @z places, into those words of d that @mask names: 8 is the first. */
void vmx_rlimi(union ppc_vr *d, const union ppc_vr *b, unsigned mask, unsigned z);
/** Packs b as Direct3D vertex format @type (0-6, vmx_d3d.c) and puts the 32 or 64 bits into words of d, as @mask and @shift say. */
void vmx_pkd3d(union ppc_vr *d, const union ppc_vr *b, unsigned type, unsigned mask, unsigned shift);
void vmx_upkd3d(union ppc_vr *d, const union ppc_vr *b, unsigned type);

/** A line of an estimate (vmx_est.c): where it begins, in 2^-24, and how much it falls per step. For tests. */
struct vmx_line {
	uint32_t base, slope;
};
extern const struct vmx_line vmx_re_lines[32], vmx_rsqrte_lines[32];

/** a * c + b of single floats, rounded once. The slow one that every fast one must equal. */
float vmx_fused(float a, float c, float b);

/** vmx_maddfp, vmx_nmsubfp and vmx_perm as they are on processors without FMA and SSSE3. */
#define F(name) \
	void vmx_##name##_portable(union ppc_vr *d, const union ppc_vr *a, const union ppc_vr *b, const union ppc_vr *c, uint32_t *vscr);
F(maddfp) F(nmsubfp) F(perm)
#undef F

#endif
