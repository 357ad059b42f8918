/* tests/guest/ring.h - what the guests that render share: a ring for the command processor, set up as the XDK's D3D does it, its interrupt
 * routine, fences and swaps. One thread renders. */
#ifndef RING_H
#define RING_H

#include "kit.h"

#define RING_LOG2 12u                 /* 32 KiB */
#define RING_DWORDS 8192u
#define PAGE_READWRITE 4u
#define GPU_WPTR ((volatile uint32_t *)0x7FC80714u)
#define PACKET0(reg, n) (((n)-1u) << 16 | (reg))
#define PACKET3(opcode, n) (3u << 30 | ((n)-1u) << 16 | (opcode) << 8)
#define DRAW_INDX_2 0x36u
#define WAIT_REG_MEM 0x3Cu
#define INDIRECT_BUFFER 0x3Fu
#define ME_INIT 0x48u
#define INTERRUPT 0x54u
#define EVENT_WRITE_SHD 0x58u
#define WAIT_EQUAL_MEMORY 0x13u
#define BIG_ENDIAN_DWORD 2u           /* in the low bits of an address: as the CPU has it */

static struct {
	uint32_t *ring;
	uint32_t at;                  /* next dword */
	volatile uint32_t *fence;     /* written by the command processor */
	uint32_t fence_physical, fences;
	volatile uint32_t vblanks, done;
	struct kit_event vblank, frame_done;
} gpu;

static inline uint32_t *physical_memory(uint32_t bytes, uint32_t *physical)
{
	uint32_t *p = (uint32_t *)MmAllocatePhysicalMemory(0, bytes, PAGE_READWRITE);
	*physical = MmGetPhysicalAddress(p);
	return p;
}

/* source 0: a vertical blank; 1: an INTERRUPT packet */
static void gpu_interrupt(uint32_t source, void *data)
{
	(void)data;
	if (source == 0) {
		gpu.vblanks++;
		KeSetEvent(&gpu.vblank, 1, 0);
	} else {
		gpu.done++;
		KeSetEvent(&gpu.frame_done, 1, 0);
	}
}

static inline void gpu_put(uint32_t dword)
{
	gpu.ring[gpu.at] = dword;
	gpu.at = (gpu.at + 1) % RING_DWORDS;
}

static inline void gpu_kick(void)
{
	*GPU_WPTR = gpu.at;
}

/* Returns the fence's number: *gpu.fence reaches it when the command processor is here. */
static inline uint32_t gpu_fence(void)
{
	gpu_put(PACKET3(EVENT_WRITE_SHD, 3));
	gpu_put(0x14);
	gpu_put(gpu.fence_physical | BIG_ENDIAN_DWORD);
	gpu_put(++gpu.fences);
	return gpu.fences;
}

static inline void gpu_draw(unsigned n)
{
	while (n--) {
		gpu_put(PACKET0(0x2200, 2));
		gpu_put(n);
		gpu_put(0);
		gpu_put(PACKET3(DRAW_INDX_2, 1));
		gpu_put(4);
	}
}

/* VdSwap writes 64 dwords, which must lie in one piece. */
static inline void gpu_swap(uint32_t *front)
{
	static uint32_t fetch[6], width = 1280, height = 720, format, space;
	while (gpu.at + 64 > RING_DWORDS)
		gpu_put(0x80000000u);
	VdSwap(gpu.ring + gpu.at, fetch, NULL, NULL, NULL, &front, &format, &space, &width, &height);
	gpu.at = (gpu.at + 64) % RING_DWORDS;
}

static inline void gpu_init(void)
{
	uint32_t physical, told;
	KeInitializeEvent(&gpu.vblank, EVENT_AUTO, 0);
	KeInitializeEvent(&gpu.frame_done, EVENT_AUTO, 0);
	VdInitializeEngines(0x4F810000, NULL, NULL, NULL, NULL);
	gpu.fence = physical_memory(4096, &gpu.fence_physical);
	(void)physical_memory(4096, &told);
	gpu.ring = physical_memory(4 * RING_DWORDS, &physical);
	VdInitializeRingBuffer(physical, RING_LOG2);
	VdEnableRingBufferRPtrWriteBack(told, 6);
	VdSetGraphicsInterruptCallback(gpu_interrupt, &gpu);
	gpu_put(PACKET3(ME_INIT, 18));
	for (unsigned i = 0; i < 18; i++)
		gpu_put(0);
	gpu_kick();
}

#endif
