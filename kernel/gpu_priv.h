/* kernel/gpu_priv.h - between the files of the null GPU. */
#ifndef KERNEL_GPU_PRIV_H
#define KERNEL_GPU_PRIV_H

#include "kernel/gpu.h"
#include "kernel/rows.h"

/** One packet at its execution. */
struct gpu_packet {
	uint32_t header;
	uint32_t count;           /* dwords behind the header */
	uint32_t left;            /* not read yet */
};

static inline struct w_gpu *gpu_row(struct machine *m)
{
	arena_cover(&m->world, m->t_gpu, 1);
	return arena_row(&m->world, m->t_gpu, 1);
}
static inline struct h_gpu *gpu_count_row(struct machine *m)
{
	arena_cover(&m->history, m->t_gpu_count, 1);
	return arena_row(&m->history, m->t_gpu_count, 1);
}

/** The packet's next dword; 0 behind its end. */
uint32_t gpu_next(struct machine *m, struct gpu_packet *p);
/** Writes a register, with what that does. */
void gpu_register_put(struct machine *m, uint32_t reg, uint32_t value);
/* Dwords in physical memory as the command processor sees them: the low two bits of @at say how bytes are swapped (0 not, so that they lie with
 * the lowest first; 1 in halves; 2 in dwords, as the CPU has them; 3 halves in dwords). Where nothing is mapped: 0, and nothing. */
uint32_t gpu_load(const struct machine *m, uint32_t at);
void gpu_store(struct machine *m, uint32_t at, uint32_t value);
void gpu_store_bytes(struct machine *m, uint32_t at, const void *bytes, uint32_t size);
/** Executes the packet at hand. */
void gpu_execute(struct machine *m, struct gpu_packet *p);
/** Enters an indirect buffer. */
void gpu_enter(struct machine *m, uint32_t at, uint32_t dwords);
/** The command processor can go on no more. */
void gpu_hang(struct machine *m, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** The condition of a WAIT_REG_MEM or COND_WRITE. */
bool gpu_holds(const struct machine *m, uint32_t info, uint32_t at, uint32_t reference, uint32_t mask);
void gpu_interrupt(struct machine *m, uint32_t hw, uint32_t source);

#endif
