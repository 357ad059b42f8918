/* kernel/vd.c - Vd*: the display and the GPU's ring (facts: Null GPU). One display: 1280 x 720, 60 Hz, progressive, wide. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/gpu.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"
#include "kernel/mm.h"

#define REFRESH_RATE 0x42700000u /* 60.0f */
#define GAMMA_POWER 0x400E38E4u  /* 2.22222233f */
#define ASIC_ID 0x11u            /* from 10 on the title retrains the EDRAM */
#define RING_LOG2_MAX 26u        /* 512 MiB: all of physical memory */
#define NOP_PACKET 0x80000000u
#define SWAP_DWORDS 64u
#define DISPLAY_BYTES 0x1000u /* of VdPersistDisplay's block: its contents are not known */

#define ANSWERS(name, value) \
	void k_##name(struct machine *m, struct call *c) \
	{ \
		(void)m; \
		call_return(c, value); \
	}
ANSWERS(VdInitializeEngines, 1)
ANSWERS(VdShutdownEngines, 0)
ANSWERS(VdGetGraphicsAsicID, ASIC_ID)
ANSWERS(VdIsHSIOTrainingSucceeded, 1)
ANSWERS(VdRetrainEDRAM, 0)
ANSWERS(VdRetrainEDRAMWorker, 0)
ANSWERS(VdEnableDisableClockGating, 0)
ANSWERS(VdSetDisplayMode, 0)
ANSWERS(VdQueryVideoFlags, 3) /* wide, and at least 1024 wide */
ANSWERS(VdCallGraphicsNotificationRoutines, 0)

/* ---- the display ------------------------------------------------------------------------------------------------------------- */

static void video_mode(struct machine *m, struct call *c)
{
	const struct g_video_mode mode = { .display_width = be32_of(GPU_DISPLAY_WIDTH),
		.display_height = be32_of(GPU_DISPLAY_HEIGHT),
		.is_widescreen = be32_of(1),
		.is_hi_def = be32_of(1),
		.refresh_rate = be32_of(REFRESH_RATE),
		.video_standard = be32_of(1),
		.unknown_1c = be32_of(0x4A),
		.unknown_20 = be32_of(1) };
	out_bytes(m, c, arg32(c, 0), &mode, sizeof mode);
}

void k_VdQueryVideoMode(struct machine *m, struct call *c)
{
	video_mode(m, c);
}

void k_XGetVideoMode(struct machine *m, struct call *c)
{
	video_mode(m, c);
}

void k_VdGetCurrentDisplayInformation(struct machine *m, struct call *c)
{
	const be16 width = be16_of(GPU_DISPLAY_WIDTH), height = be16_of(GPU_DISPLAY_HEIGHT), side = be16_of(320), top = be16_of(180);
	const struct g_display_info info = { .front_buffer_width = width,
		.front_buffer_height = height,
		.scaler_source_rect = { be32_of(0), be32_of(0), be32_of(GPU_DISPLAY_WIDTH), be32_of(GPU_DISPLAY_HEIGHT) },
		.scaled_output_width = be32_of(GPU_DISPLAY_WIDTH),
		.scaled_output_height = be32_of(GPU_DISPLAY_HEIGHT),
		.vertical_filter_type = be32_of(1),
		.horizontal_filter_type = be32_of(1),
		.display_window_overscan = { side, top, side, top },
		.display_width = width,
		.display_height = height,
		.display_refresh_rate = be32_of(REFRESH_RATE),
		.actual_display_width = width };
	out_bytes(m, c, arg32(c, 0), &info, sizeof info);
}

void k_VdGetCurrentDisplayGamma(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 0), 2);
	out32(m, c, arg32(c, 1), GAMMA_POWER);
}

/* The title frees the block with MmFreePhysicalMemory. */
void k_VdPersistDisplay(struct machine *m, struct call *c)
{
	if (arg32(c, 1))
		out32(m, c, arg32(c, 1), mm_physical_alloc(m, DISPLAY_BYTES, PAGE_READWRITE));
	call_return(c, 1);
}

/* ---- the ring ---------------------------------------------------------------------------------------------------------------- */

/* (physical, log2 of its size in quadwords) */
void k_VdInitializeRingBuffer(struct machine *m, struct call *c)
{
	if (arg32(c, 1) > RING_LOG2_MAX)
		call_fault(m, c, arg32(c, 0), MEM_PHYSICAL_BYTES, true, MEM_FAULT_UNMAPPED);
	else
		gpu_ring_set(m, arg32(c, 0), 2u << arg32(c, 1));
}

/* (physical, log2 of how many dwords are read before it is told: here always at once) */
void k_VdEnableRingBufferRPtrWriteBack(struct machine *m, struct call *c)
{
	gpu_writeback_set(m, arg32(c, 0));
}

void k_VdSetGraphicsInterruptCallback(struct machine *m, struct call *c)
{
	gpu_callback_set(m, arg32(c, 0), arg32(c, 1));
}

void k_VdGetSystemCommandBuffer(struct machine *m, struct call *c)
{
	static const uint8_t zeros[0x94];
	if (out_bytes(m, c, arg32(c, 0), zeros, sizeof zeros)) {
		out32(m, c, arg32(c, 0), 0xBEEF0000u);
		out32(m, c, arg32(c, 1), 0xBEEF0001u);
	}
}

/* (..., buffer, dwords): nothing is scaled. Returns the dwords used. */
void k_VdInitializeScalerCommandBuffer(struct machine *m, struct call *c)
{
	uint32_t at = arg32(c, 10), n = arg32(c, 11);
	for (uint32_t i = 0; i < n && !c->faulted; i++)
		out32(m, c, at + 4 * i, NOP_PACKET);
	call_return(c, n);
}

/* (buffer, fetch constant, ..., front buffer *, format *, colour space *, width *, height *): the title has kept 64 dwords of its ring for what shows
 * the frame. */
void k_VdSwap(struct machine *m, struct call *c)
{
	be32 dword[SWAP_DWORDS];
	uint32_t n = 0, front = in32(m, c, arg32(c, 5)), physical;
	if (!mem_physical(&m->mem, front, &physical))
		physical = front & (MEM_PHYSICAL_BYTES - 1);
	dword[n++] = be32_of(5u << 16 | GPU_CONSTANTS_FETCH);
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t v = in32(m, c, arg32(c, 1) + 4 * i);
		dword[n++] = be32_of(i == 1 ? (v & 0xFFF) | (physical & ~0xFFFu) : v); /* its base address */
	}
	dword[n++] = be32_of(3u << 30 | 3u << 16 | GPU_XE_SWAP << 8);
	dword[n++] = be32_of(0x53574150u); /* "SWAP" */
	dword[n++] = be32_of(physical);
	dword[n++] = be32_of(in32(m, c, arg32(c, 8)));
	dword[n++] = be32_of(in32(m, c, arg32(c, 9)));
	while (n < SWAP_DWORDS)
		dword[n++] = be32_of(NOP_PACKET);
	if (!c->faulted)
		out_bytes(m, c, arg32(c, 0), dword, sizeof dword);
}
