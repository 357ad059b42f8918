/* tests/guest/stream.h - an XMA stream made by hand, and a context for it: packets of frames that hold nothing but their lengths.
 *
 * A packet begins with a dword (frames that begin in it, where the first one does, metadata 1, packets to skip), a frame with its length in 15
 * bits; its last bit says whether another one follows in the packet.
 */
#ifndef STREAM_H
#define STREAM_H

#include "kit.h"

#define PACKET_BYTES 2048u
#define PACKET_FRAMES 8u
#define FRAME_BITS 2000u
#define FRAME_SAMPLES 512u
#define BLOCK_SAMPLES 128u /* of the ring, one channel */
#define RING_BLOCKS 24u
#define RATE_48K 3u

struct xma_init {
	void *in0;
	uint32_t in0_packets;
	void *in1;
	uint32_t in1_packets, in_read;
	void *out;
	uint32_t out_blocks, work, subframes_at_once, channels, rate;
	uint32_t loop_start, loop_end;
	uint8_t loop_count, loop_subframe_end, loop_subframe_skip, pad;
};

struct stream {
	uint32_t *context;
	uint8_t *in[2];
	int16_t *ring;
};

static inline void stream_bits(uint8_t *packet, uint32_t at, uint32_t value, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (value >> (count - 1 - i) & 1)
			packet[(at + i) / 8] |= (uint8_t)(0x80 >> (at + i) % 8);
}

static inline void stream_packet(uint8_t *packet)
{
	memset(packet, 0, PACKET_BYTES);
	stream_bits(packet, 0, PACKET_FRAMES, 6);
	stream_bits(packet, 21, 1, 3);
	for (uint32_t i = 0; i < PACKET_FRAMES; i++) {
		stream_bits(packet, 32 + i * FRAME_BITS, FRAME_BITS, 15);
		stream_bits(packet, 32 + (i + 1) * FRAME_BITS - 1, i + 1 < PACKET_FRAMES, 1);
	}
}

/* Two buffers of one packet each, a ring, and a context for them; no input is valid yet. @loops 255: the first packet plays for ever. */
static inline void stream_open(struct stream *s, uint8_t loops)
{
	uint8_t *memory = (uint8_t *)MmAllocatePhysicalMemoryEx(0, 3 * 4096 + RING_BLOCKS * 256, 4, 0, 0xFFFFFFFF, 4096);
	s->in[0] = memory;
	s->in[1] = memory + 4096;
	s->ring = (int16_t *)(memory + 8192);
	stream_packet(s->in[0]);
	stream_packet(s->in[1]);
	memset(s->ring, 0x55, RING_BLOCKS * 256);
	struct xma_init init = { .in0 = s->in[0],
		.in0_packets = 1,
		.in1 = s->in[1],
		.in1_packets = 1,
		.in_read = 32,
		.out = s->ring,
		.out_blocks = RING_BLOCKS,
		.subframes_at_once = 4,
		.rate = RATE_48K,
		.loop_start = 32,
		.loop_end = 32 + (PACKET_FRAMES - 1) * FRAME_BITS,
		.loop_count = loops,
		.loop_subframe_end = 3 };
	XMACreateContext((uint32_t *)&s->context);
	XMADisableContext(s->context, 1);
	XMABlockWhileInUse(s->context);
	XMAInitializeContext(s->context, &init);
	XMASetOutputBufferValid(s->context);
}

/* Takes all that is in the ring; blocks. */
static inline uint32_t stream_take(struct stream *s)
{
	uint32_t read = XMAGetOutputBufferReadOffset(s->context), write = XMAGetOutputBufferWriteOffset(s->context), n;
	n = (write + RING_BLOCKS - read) % RING_BLOCKS;
	if (!n && !XMAIsOutputBufferValid(s->context))
		n = RING_BLOCKS;
	XMASetOutputBufferReadOffset(s->context, write);
	XMASetOutputBufferValid(s->context);
	return n;
}

#endif
