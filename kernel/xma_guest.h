/* kernel/xma_guest.h - what XMAInitializeContext and XMASetLoopData read (layouts: Xenia, xboxkrnl_audio_xma.cc). */
#ifndef KERNEL_XMA_GUEST_H
#define KERNEL_XMA_GUEST_H

#include "kernel/guest.h"

struct g_xma_loop_data {
	be32 start, end;       /* bits from the buffer's begin: the frames with the loop's first and last subframe */
	uint8_t count;         /* 255 = for ever */
	uint8_t subframe_end;  /* the last one of the end's frame */
	uint8_t subframe_skip; /* left out of the start's frame */
	uint8_t pad;
};
GUEST_AT(g_xma_loop_data, start, 0x0);
GUEST_AT(g_xma_loop_data, end, 0x4);
GUEST_AT(g_xma_loop_data, count, 0x8);
GUEST_AT(g_xma_loop_data, subframe_end, 0x9);
GUEST_AT(g_xma_loop_data, subframe_skip, 0xA);
GUEST_SIZE(g_xma_loop_data, 0xC);

struct g_xma_context_init {
	be32 in0, in0_packets, in1, in1_packets;
	be32 in_read; /* bits */
	be32 out, out_blocks;
	be32 work; /* not used */
	be32 subframes_at_once;
	be32 channels; /* 0 = one, 1 = two */
	be32 rate;     /* 0 24 kHz, 1 32 kHz, 2 44.1 kHz, 3 48 kHz */
	struct g_xma_loop_data loop;
};
GUEST_AT(g_xma_context_init, in0, 0x00);
GUEST_AT(g_xma_context_init, in0_packets, 0x04);
GUEST_AT(g_xma_context_init, in1, 0x08);
GUEST_AT(g_xma_context_init, in1_packets, 0x0C);
GUEST_AT(g_xma_context_init, in_read, 0x10);
GUEST_AT(g_xma_context_init, out, 0x14);
GUEST_AT(g_xma_context_init, out_blocks, 0x18);
GUEST_AT(g_xma_context_init, work, 0x1C);
GUEST_AT(g_xma_context_init, subframes_at_once, 0x20);
GUEST_AT(g_xma_context_init, channels, 0x24);
GUEST_AT(g_xma_context_init, rate, 0x28);
GUEST_AT(g_xma_context_init, loop, 0x2C);
GUEST_SIZE(g_xma_context_init, 0x38);

#endif
