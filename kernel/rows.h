/* kernel/rows.h - rows of the world arena for writing (the kernel's own), and the layout of the kernel's guest addresses. */
#ifndef KERNEL_ROWS_H
#define KERNEL_ROWS_H

#include "kernel/guest.h"
#include "kernel/machine.h"

/* The kernel's part of guest memory: 60000000-6FFFFFFF, inside the 64 KiB heap; NtAllocateVirtualMemory stays out of it.
 *   60000000  a page for each hardware thread's KPCR
 *   60010000  trap page (read, execute): word i is the `sc 3` to which guest code called by the kernel returns (enum trap)
 *             and behind them the audio workers' code
 *   60020000  variables that xboxkrnl exports (kernel/vars.c)
 *   60030000  entries of the system's modules (kernel/xex.c; made when first asked for, like the next)
 *   60040000  thunks of exports that were asked for by ordinal, a window for each module
 *   60060000  the headers of the title's XEX2 image (read)
 *   60100000  the pool: KTHREADs, object bodies, TLS blocks, ExAllocatePool
 *   6C000000  pages of the file system's cache (kernel/cache.c)
 *   6F000000  never mapped: addresses of variables whose contents are not known (kernel/vars.c) */
#define KERNEL_LOW 0x60000000u
#define KERNEL_HIGH 0x70000000u
#define KPCR_BASE 0x60000000u
#define TRAP_BASE 0x60010000u
#define VARS_BASE 0x60020000u
#define MODULES_BASE 0x60030000u
#define THUNKS_BASE 0x60040000u
#define XEX_HEADER_BASE 0x60060000u
#define POOL_BASE 0x60100000u
#define POOL_END 0x6C000000u
#define CACHE_BASE 0x6C000000u
#define CACHE_END 0x6F000000u
#define UNKNOWN_VARS_BASE 0x6F000000u
#define STACK_LOW 0x70000000u
#define STACK_HIGH 0x7F000000u

/** Words of the trap page: what returned. */
enum trap { TRAP_THREAD, TRAP_APC, TRAP_RUNDOWN, TRAP_DPC, TRAP_AUDIO, TRAP_LOADER = TRAP_AUDIO + 4, TRAP_REQUEST, TRAPS }; /* the audio workers\' code lies behind TRAP_AUDIO */
/** Behind them in the trap page: the code of audio workers (kernel/audio.c); it begins with TRAP_AUDIO. */
#define AUDIO_CODE (TRAP_BASE + TRAP_AUDIO * 4)
#define AUDIO_CODE_BYTES 16u

/** And behind that: a call, so that stacks are walked through; where handlers of exceptions return to; the sc. */
#define SEH_CODE (TRAP_BASE + 0x40u)
#define SEH_RETURN (SEH_CODE + 4u)
#define TRAP_SEH ((SEH_CODE + 8u - TRAP_BASE) / 4u)

/** Far behind them, for those codes' sake: a routine for the title's end has returned. */
#define TRAP_TERMINATION 0x100u

#define HANDLES_ROW 1u

static inline struct w_machine *machine_row_mut(struct machine *m) { return arena_row(&m->world, m->t_machine, 1); }
static inline struct w_hw *hw_row(struct machine *m, uint32_t hw) { return arena_row(&m->world, m->t_hw, hw + 1); }
static inline struct w_thread *thread_row(struct machine *m, uint32_t row) { return arena_row(&m->world, m->t_thread, row); }
static inline struct ppc_context *context_row(struct machine *m, uint32_t row) { return arena_row(&m->world, m->t_context, row); }
static inline struct w_object *object_row(struct machine *m, uint32_t row) { return arena_row(&m->world, m->t_object, row); }
static inline struct w_slot *slot_row(struct machine *m, uint32_t row) { return arena_row(&m->world, m->t_slot, row); }
static inline struct w_wait *wait_row(struct machine *m, uint32_t row) { return arena_row(&m->world, m->t_wait, row); }
static inline struct w_deadline *deadline_row(struct machine *m, uint32_t row) { return arena_row(&m->world, m->t_deadline, row); }
static inline const struct w_deadline *deadline_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_deadline, row);
}
static inline const struct w_handles *handles_peek(const struct machine *m) { return arena_peek(&m->world, m->t_handles, HANDLES_ROW); }
static inline struct w_handles *handles_row(struct machine *m) { return arena_row(&m->world, m->t_handles, HANDLES_ROW); }

#endif
