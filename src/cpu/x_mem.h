/* src/cpu/x_mem.h - handlers of the loads and stores that are not written out in the interpreter. See insn.h.
 * An access is made before any register changes, so that a fault leaves the context as it was. */
#ifndef SRC_CPU_X_MEM_H
#define SRC_CPU_X_MEM_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "src/cpu/engine.h"
#include "src/cpu/vmx.h"

/* The slow path (mem.h), out of line; interp.c has them. The context's pc is made true first, for devices and watchpoints. */
bool exec_load(struct ppc_exec *x, const struct ppc_op *op, uint32_t ea, unsigned size, void *bytes);
bool exec_store(struct ppc_exec *x, const struct ppc_op *op, uint32_t ea, unsigned size, const void *bytes);

static inline bool x_load(struct ppc_exec *x, const struct ppc_op *op, uint32_t ea, unsigned size, void *bytes)
{
	if (!mem_load_is_fast(x->mem, ea, size))
		return exec_load(x, op, ea, size, bytes);
	memcpy(bytes, x->mem->base + ea, size);
	return true;
}

static inline bool x_store(struct ppc_exec *x, const struct ppc_op *op, uint32_t ea, unsigned size, const void *bytes)
{
	if (!mem_store_is_fast(x->mem, ea, size))
		return exec_store(x, op, ea, size, bytes);
	memcpy(x->mem->base + ea, bytes, size);
	return true;
}

/** (RA|0) + RB. */
static inline uint32_t x_ea(const struct ppc_context *c, const struct ppc_op *op)
{
	return (uint32_t)(op->a ? c->gpr[op->a] : 0) + (uint32_t)c->gpr[op->b];
}

/** (RA|0) + d. */
static inline uint32_t x_ea_d(const struct ppc_context *c, const struct ppc_op *op)
{
	return (uint32_t)(op->a ? c->gpr[op->a] : 0) + (uint32_t)op->imm;
}

/* ---- vectors: reversed on the way in and out ---------------------------------------------------------------------- */

static inline void x_reverse(const void *from, void *to)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128(from);
	v = _mm_or_si128(_mm_srli_epi16(v, 8), _mm_slli_epi16(v, 8));
	v = _mm_shufflehi_epi16(_mm_shufflelo_epi16(v, 0x1b), 0x1b);
	_mm_storeu_si128(to, _mm_shuffle_epi32(v, 0x4e));
#else
	uint64_t high = load_be64(from), low = load_be64((const uint8_t *)from + 8);
	memcpy(to, &low, 8);
	memcpy((uint8_t *)to + 8, &high, 8);
#endif
}

/* A register as one number: the quadword's first byte is the uppermost. */
typedef unsigned __int128 x_quadword;

static inline x_quadword x_number(const void *bytes)
{
	return (x_quadword)load_be64(bytes) << 64 | load_be64((const uint8_t *)bytes + 8);
}

static inline void x_number_store(void *bytes, x_quadword v)
{
	store_be64(bytes, (uint64_t)(v >> 64));
	store_be64((uint8_t *)bytes + 8, (uint64_t)v);
}

static inline void x_set_number(union ppc_vr *d, x_quadword v)
{
	VMX_PUT(vu64, d) = (vu64){ (uint64_t)v, (uint64_t)(v >> 64) };
}

static inline x_quadword x_get_number(const union ppc_vr *a)
{
	return (x_quadword)a->d[1] << 64 | a->d[0];
}

/* Left: from the address to the quadword's end; right: from its beginning up to the address. The bytes of the fast path lie in one page with
 * those that the instruction names. */
static inline bool x_lvlx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t ea = x_ea(c, op), n = ea & 15;
	uint8_t bytes[16] = { 0 };
	if (mem_load_is_fast(x->mem, ea - n, 16)) {
		x_set_number(&c->vr[op->d], x_number(x->mem->base + (ea - n)) << 8 * n);
		return true;
	}
	if (!exec_load(x, op, ea, 16 - n, bytes))
		return false;
	x_reverse(bytes, &c->vr[op->d]);
	return true;
}

/** With an aligned address nothing is loaded. */
static inline bool x_lvrx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t ea = x_ea(c, op), n = ea & 15;
	uint8_t bytes[16] = { 0 };
	if (n && mem_load_is_fast(x->mem, ea - n, 16)) {
		x_set_number(&c->vr[op->d], x_number(x->mem->base + (ea - n)) >> (128 - 8 * n));
		return true;
	}
	if (n && !exec_load(x, op, ea - n, n, bytes + 16 - n))
		return false;
	x_reverse(bytes, &c->vr[op->d]);
	return true;
}

static inline bool x_stvlx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t ea = x_ea(c, op), n = ea & 15;
	uint8_t bytes[16];
	if (mem_store_is_fast(x->mem, ea - n, 16)) {
		uint8_t *to = x->mem->base + (ea - n);
		x_number_store(to, (x_number(to) & ~(~(x_quadword)0 >> 8 * n)) | x_get_number(&c->vr[op->d]) >> 8 * n);
		return true;
	}
	x_reverse(&c->vr[op->d], bytes);
	return exec_store(x, op, ea, 16 - n, bytes);
}

static inline bool x_stvrx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t ea = x_ea(c, op), n = ea & 15;
	uint8_t bytes[16];
	if (n && mem_store_is_fast(x->mem, ea - n, 16)) {
		uint8_t *to = x->mem->base + (ea - n);
		x_number_store(to, (x_number(to) & (~(x_quadword)0 >> 8 * n)) | x_get_number(&c->vr[op->d]) << (128 - 8 * n));
		return true;
	}
	x_reverse(&c->vr[op->d], bytes);
	return !n || exec_store(x, op, ea - n, n, bytes + 16 - n);
}

/** One element of @size bytes: the one that the address, aligned to it, has in its quadword. */
static inline bool x_store_element(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x, unsigned size)
{
	uint32_t ea = x_ea(c, op) & ~(size - 1);
	uint8_t bytes[16];
	x_reverse(&c->vr[op->d], bytes);
	return x_store(x, op, ea, size, bytes + (ea & 15));
}

static inline bool x_stvebx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store_element(c, op, x, 1);
}

static inline bool x_stvehx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store_element(c, op, x, 2);
}

static inline bool x_stvewx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store_element(c, op, x, 4);
}

/* Big-endian byte i of lvsl is the address's last four bits + i, of lvsr 16 - those + i. */
#define X_ASCENDING ((vu8){ 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0 })

static inline void x_lvsl(struct ppc_context *c, const struct ppc_op *op)
{
	VMX_PUT(vu8, &c->vr[op->d]) = X_ASCENDING + (uint8_t)(x_ea(c, op) & 15);
}

static inline void x_lvsr(struct ppc_context *c, const struct ppc_op *op)
{
	VMX_PUT(vu8, &c->vr[op->d]) = X_ASCENDING + (uint8_t)(16 - (x_ea(c, op) & 15));
}

/* ---- multiple and string ----------------------------------------------------------------------------------------- */

static inline bool x_lmw(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	unsigned n = 32u - op->d;
	uint8_t bytes[128];
	if (!x_load(x, op, x_ea_d(c, op), 4 * n, bytes))
		return false;
	for (unsigned i = 0; i < n; i++)
		c->gpr[op->d + i] = load_be32(bytes + 4 * i);
	return true;
}

static inline bool x_stmw(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	unsigned n = 32u - op->d;
	uint8_t bytes[128];
	for (unsigned i = 0; i < n; i++)
		store_be32(bytes + 4 * i, (uint32_t)c->gpr[op->d + i]);
	return x_store(x, op, x_ea_d(c, op), 4 * n, bytes);
}

/** @n bytes into the low words of successive registers, wrapping from r31 to r0; the last is filled up with zeros. */
static inline bool x_load_string(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x, uint32_t ea, unsigned n)
{
	uint8_t bytes[132] = { 0 };
	if (n && !x_load(x, op, ea, n, bytes))
		return false;
	for (unsigned i = 0; 4 * i < n; i++)
		c->gpr[(op->d + i) & 31] = load_be32(bytes + 4 * i);
	return true;
}

static inline bool x_store_string(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x, uint32_t ea, unsigned n)
{
	uint8_t bytes[132];
	for (unsigned i = 0; 4 * i < n; i++)
		store_be32(bytes + 4 * i, (uint32_t)c->gpr[(op->d + i) & 31]);
	return !n || x_store(x, op, ea, n, bytes);
}

static inline bool x_lswi(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_load_string(c, op, x, (uint32_t)(op->a ? c->gpr[op->a] : 0), op->b ? op->b : 32);
}

static inline bool x_lswx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_load_string(c, op, x, x_ea(c, op), c->xer_count);
}

static inline bool x_stswi(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store_string(c, op, x, (uint32_t)(op->a ? c->gpr[op->a] : 0), op->b ? op->b : 32);
}

static inline bool x_stswx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store_string(c, op, x, x_ea(c, op), c->xer_count);
}

/* ---- reservations and cache lines --------------------------------------------------------------------------------- */

static inline bool x_lwarx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t ea = x_ea(c, op);
	uint8_t bytes[4];
	if (!x_load(x, op, ea, 4, bytes))
		return false;
	mem_reserve(x->mem, ea);
	c->gpr[op->d] = load_be32(bytes);
	return true;
}

static inline bool x_ldarx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint32_t ea = x_ea(c, op);
	uint8_t bytes[8];
	if (!x_load(x, op, ea, 8, bytes))
		return false;
	mem_reserve(x->mem, ea);
	c->gpr[op->d] = load_be64(bytes);
	return true;
}

/** The reservation ends, whether the store takes place, fails for want of it, or faults. */
static inline bool x_store_conditional(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x, unsigned size,
                                       const void *bytes)
{
	uint32_t ea = x_ea(c, op);
	bool mine = mem_reserve_take(x->mem, ea);
	if (mine && !x_store(x, op, ea, size, bytes))
		return false;
	c->cr[0] = (uint8_t)(mine << 1 | c->so);
	return true;
}

static inline bool x_stwcx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint8_t bytes[4];
	store_be32(bytes, (uint32_t)c->gpr[op->d]);
	return x_store_conditional(c, op, x, 4, bytes);
}

static inline bool x_stdcx(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	uint8_t bytes[8];
	store_be64(bytes, c->gpr[op->d]);
	return x_store_conditional(c, op, x, 8, bytes);
}

static const uint8_t x_zeros[128];

/** The Xenon's dcbz clears 32 bytes, as on the processors before it; dcbz128 (the same opcode, RT = 1) its whole cache line. */
static inline bool x_dcbz(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store(x, op, x_ea(c, op) & ~31u, 32, x_zeros);
}

static inline bool x_dcbz128(struct ppc_context *c, const struct ppc_op *op, struct ppc_exec *x)
{
	return x_store(x, op, x_ea(c, op) & ~127u, 128, x_zeros);
}

#endif
