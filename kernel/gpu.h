/* kernel/gpu.h - the null GPU: a command processor that draws nothing, and the vertical blank (facts: kernel semantics, "Null GPU").
 *
 * The title writes packets into a ring in physical memory and tells by CP_RB_WPTR how far. At the next round the command
 * processor reads them all, in no time, and does what a title can see of them: registers, fences, waits, interrupts, swaps. Where a
 * WAIT_REG_MEM does not hold it stands until it does; it is looked at again before each round. What it cannot read (memory that is not there,
 * indirect buffers that never end) hangs it: the run stops with STOP_GPU.
 * Sixty times a second of virtual time there is a vertical blank, as long as the title has an interrupt routine.
 *
 * What decides the future is struct w_gpu and the registers, in the world arena. The rows below lie in the history arena.
 */
#ifndef KERNEL_GPU_H
#define KERNEL_GPU_H

#include "kernel/machine.h"

#define GPU_WINDOW 0x7FC80000u        /* registers: index = offset / 4 */
#define GPU_REG_SCRATCH_UMSK 0x01DCu
#define GPU_REG_SCRATCH_ADDR 0x01DDu
#define GPU_REG_SCRATCH 0x0578u       /* to 057F */
#define GPU_REG_RB_WPTR 0x01C5u
#define GPU_REG_WRITEBACK_BASE 0x0A04u /* beyond physical memory; its stores go to MEM_WRITEBACK (another emulator) */
#define GPU_REG_WRITEBACK_SIZE 0x0A05u /* bytes */
#define GPU_REG_COHER_STATUS 0x0A31u
#define GPU_REG_INITIATOR 0x21F9u
#define GPU_VBLANKS_PER_SECOND 60u
#define GPU_VBLANK_HW 2u              /* the hardware thread that takes its interrupt */
#define GPU_CONSTANTS 0x4000u         /* of the ALU */
#define GPU_CONSTANTS_FETCH 0x4800u
#define GPU_DISPLAY_WIDTH 1280u
#define GPU_DISPLAY_HEIGHT 720u

/** GPU_XE_SWAP, ...: opcodes of type 3 packets. */
enum gpu_opcode {
#define PACKET(opcode, name, effect) GPU_##name = opcode,
#include "kernel/gpu_packet.def"
#undef PACKET
};

/** Packets kept; table "gpu.packet" of the history arena, row number % GPU_PACKETS_KEPT + 1. */
#define GPU_PACKETS_KEPT 32u
struct h_gpu_packet {
	uint64_t cycle;
	uint32_t at;              /* physical address */
	uint32_t header;
	uint32_t dword[4];        /* what follows it */
	uint32_t depth;           /* 0 = in the ring */
	uint32_t skipped;         /* 1 = predicated off */
};
ARENA_ROW_SIZE(h_gpu_packet, 40);

/** A place that fences are written to; table "gpu.fence", one row each, the first GPU_FENCES_KEPT places. */
#define GPU_FENCES_KEPT 64u
struct h_gpu_fence {
	uint64_t cycle;           /* of the last time */
	uint64_t times;
	uint32_t at, value;
};
ARENA_ROW_SIZE(h_gpu_fence, 24);

/** Counts; table "gpu.count", one row. */
struct h_gpu {
	uint64_t packets, draws, unknown, kicks, waits, interrupts, vblanks, swaps;
	uint64_t lost;            /* interrupts that nobody was there for */
	uint64_t first_swap, last_swap; /* cycles */
	uint32_t front, width, height; /* of the last swap */
	uint32_t unknown_opcode;  /* the last one */
};
ARENA_ROW_SIZE(h_gpu, 104);

void gpu_layout(struct machine *m);
/** Registers the device (once per machine). */
void gpu_attach(struct machine *m);
/** Before a round: if it waits, does it still? */
void gpu_look(struct machine *m);

/* What the Vd calls set. */
void gpu_ring_set(struct machine *m, uint32_t physical, uint32_t dwords);
void gpu_writeback_set(struct machine *m, uint32_t physical);
/** @routine 0: none any more, and no vertical blanks. */
void gpu_callback_set(struct machine *m, uint32_t routine, uint32_t data);

/* For readers. */
static inline const struct w_gpu *gpu_peek(const struct machine *m) { return arena_peek(&m->world, m->t_gpu, 1); }
static inline const struct h_gpu *gpu_count(const struct machine *m) { return arena_peek(&m->history, m->t_gpu_count, 1); }
uint32_t gpu_register(const struct machine *m, uint32_t reg);
/** Dwords behind a packet's header. */
uint32_t gpu_packet_dwords(uint32_t header);
/** "EVENT_WRITE_SHD"; NULL: not known. Static. */
const char *gpu_packet_name(uint32_t header);
/** What it waits for, in words: "[1F001000] & FFFFFFFF == 5, and it is 4". */
void gpu_wait_text(const struct machine *m, char *buf, size_t size);

#endif
