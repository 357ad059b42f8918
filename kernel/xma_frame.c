/* kernel/xma_frame.c - see xma.h: one frame of a context, from its packets to its blocks of silence.
 *
 * A packet (2048 bytes) begins with a dword: how many frames begin in it (6 bits), where the first one does (15 bits, behind the dword), metadata (3), and how
 * many packets of other streams stand between it and its stream's next (8). A frame begins with its length in bits (15 bits); its last bit says whether
 * another one begins in this packet; the last one may go on in the stream's next packet (facts: Xenia, apu/xma_context*; FFmpeg; xma2defs.h).
 */
#include "config.h"

#include "kernel/xma.h"

#define WINDOW_PHYSICAL 0xA0000000u
#define LENGTH_BITS 15u
#define LENGTH_NONE 0x7FFFu /* no more frames */
#define SKIP_NO_FRAME 0xFFu
#define ERROR_UNREADABLE 4u /* the number that Xenia gives what it cannot read; the console's is not known */

/** What is at hand in a step. */
struct work {
	struct machine *m;
	struct xma_context x;
	struct w_xma_context *c;
	struct h_xma *h;
};

struct packet {
	uint32_t first; /* bit from its begin at which the first frame does; not below XMA_PACKET_BITS: none */
	uint32_t skip;  /* packets of other streams behind it */
	uint32_t metadata;
};

static bool peek(const struct work *k, uint32_t physical, uint8_t *bytes, uint32_t size)
{
	return physical && mem_peek(&k->m->mem, WINDOW_PHYSICAL | (physical & (MEM_PHYSICAL_BYTES - 1)), bytes, size) == MEM_OK;
}

static uint32_t of_current(const struct work *k, enum xma_field of_0)
{
	return xma_get(&k->x, xma_of(of_0, xma_get(&k->x, XMA_CURRENT)));
}

/* Of packet @index of the current buffer. */
static bool header(const struct work *k, uint32_t index, struct packet *p)
{
	uint8_t b[4];
	if (!of_current(k, XMA_IN0) || !peek(k, of_current(k, XMA_IN0) + index * XMA_PACKET_BYTES, b, sizeof b))
		return false;
	p->first = XMA_HEADER_BITS + ((uint32_t)(b[0] & 3) << 13 | (uint32_t)b[1] << 5 | b[2] >> 3);
	p->metadata = b[2] & 7;
	p->skip = b[3] == SKIP_NO_FRAME ? 0 : b[3];
	if (b[3] == SKIP_NO_FRAME)
		p->first = XMA_PACKET_BITS;
	return true;
}

/* @count (up to 15) bits at bit @at of the current buffer; they lie in one packet. */
static bool bits(const struct work *k, uint32_t at, uint32_t count, uint32_t *v)
{
	uint8_t b[3] = { 0 };
	if (!peek(k, of_current(k, XMA_IN0) + at / 8, b, (at % 8 + count + 7) / 8))
		return false;
	*v = ((uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2]) >> (24 - at % 8 - count) & ((1u << count) - 1);
	return true;
}

static bool any_input(const struct work *k)
{
	return xma_get(&k->x, XMA_IN0_VALID) || xma_get(&k->x, XMA_IN1_VALID);
}

/* ---- from packet to packet ----------------------------------------------------------------------------------------------------- */

/* The current buffer is consumed; the other one is the current one from now on. */
static void swap(struct work *k)
{
	uint32_t current = xma_get(&k->x, XMA_CURRENT);
	xma_set(&k->x, xma_of(XMA_IN0_VALID, current), 0);
	xma_set(&k->x, XMA_CURRENT, !current);
	xma_set(&k->x, XMA_IN_READ, XMA_HEADER_BITS);
}

/* Goes on at packet @index of the current buffer; behind its end: with the other buffer, when it is valid, and there as many packets later. */
static void go_to(struct work *k, uint32_t index)
{
	struct packet p;
	uint32_t count = of_current(k, XMA_IN0_PACKETS);
	if (index >= count) {
		swap(k);
		k->c->skip = index - count;
		index = 0;
		if (k->c->skip || !of_current(k, XMA_IN0_VALID))
			return;
	}
	xma_set(&k->x, XMA_IN_READ, index * XMA_PACKET_BITS + XMA_HEADER_BITS);
	if (header(k, index, &p) && p.first < XMA_PACKET_BITS)
		xma_set(&k->x, XMA_IN_READ, index * XMA_PACKET_BITS + p.first);
}

/* Packet @index has no more frames. */
static void pass(struct work *k, uint32_t index, const struct packet *p)
{
	k->h->packets++;
	go_to(k, index + 1 + p->skip);
}

/* ---- frames ---------------------------------------------------------------------------------------------------------------------- */

/* Finds the frame at bit @at, in a packet that ends at @end. @size 0: none begins there. @last: no other one begins behind it in this packet.
 * A frame goes on in the next packet by itself, so nobody has to see its rest. */
static bool frame_at(const struct work *k, uint32_t at, uint32_t end, uint32_t *size, bool *last)
{
	uint32_t more = 0;
	*size = end - at;
	*last = true;
	if (*size < LENGTH_BITS)
		return true; /* even its length goes on there */
	if (!bits(k, at, LENGTH_BITS, size))
		return false;
	if (*size < LENGTH_BITS || *size == LENGTH_NONE)
		*size = 0;
	else if (at + *size < end && !bits(k, at + *size - 1, 1, &more))
		return false;
	*last = !more;
	return true;
}

/* Blocks of the frame at bit @at, by where a loop begins and ends (xma2defs.h: the end's frame is played up to a subframe of it). */
static uint32_t frame_blocks(struct work *k, bool loop_ends)
{
	uint32_t to = XMA_SUBFRAMES, from = 0;
	if (loop_ends && xma_get(&k->x, XMA_LOOP_SUBFRAME_END) < XMA_SUBFRAMES)
		to = xma_get(&k->x, XMA_LOOP_SUBFRAME_END) + 1;
	if (k->c->loop_begins && xma_get(&k->x, XMA_LOOP_SUBFRAME_SKIP) < to)
		from = xma_get(&k->x, XMA_LOOP_SUBFRAME_SKIP);
	k->c->loop_begins = 0;
	return (to - from) << xma_get(&k->x, XMA_STEREO);
}

static uint32_t at_least_header(uint32_t at)
{
	return at < XMA_HEADER_BITS ? XMA_HEADER_BITS : at;
}

static void loop_back(struct work *k)
{
	uint32_t count = xma_get(&k->x, XMA_LOOP_COUNT);
	if (count != XMA_LOOP_FOR_EVER)
		xma_set(&k->x, XMA_LOOP_COUNT, count - 1);
	xma_set(&k->x, XMA_IN_READ, at_least_header(xma_get(&k->x, XMA_LOOP_START)));
	k->c->loop_begins = 1;
}

/* Takes the frame that the read offset is at, or passes a packet in which none begins. False: it cannot be read.
 * DEBT(xma-decoder): a frame that goes on in the next packet is there before that packet is. */
static bool take(struct work *k)
{
	struct packet p;
	uint32_t size, read = xma_get(&k->x, XMA_IN_READ), index = read / XMA_PACKET_BITS, begin = index * XMA_PACKET_BITS;
	bool last;
	if (index >= of_current(k, XMA_IN0_PACKETS)) {
		swap(k);
		return true;
	}
	if (!header(k, index, &p))
		return false;
	xma_set(&k->x, XMA_METADATA, p.metadata); /* a guess, by the name of the call that reads it */
	if (read - begin < p.first)
		read = begin + p.first;
	if (read >= begin + XMA_PACKET_BITS) {
		pass(k, index, &p);
		return true;
	}
	if (!frame_at(k, read, begin + XMA_PACKET_BITS, &size, &last))
		return false;
	if (!size) {
		pass(k, index, &p);
		return true;
	}
	bool loop_ends = xma_get(&k->x, XMA_LOOP_COUNT) && read == at_least_header(xma_get(&k->x, XMA_LOOP_END));
	k->c->blocks = frame_blocks(k, loop_ends);
	k->h->frames++;
	k->h->last = machine_row(k->m)->cycle;
	if (loop_ends)
		loop_back(k);
	else if (last)
		pass(k, index, &p);
	else
		xma_set(&k->x, XMA_IN_READ, read + size);
	return true;
}

/* Makes a valid buffer the current one, and passes packets of other streams at its begin. False: that consumed all there was. */
static bool settle(struct work *k)
{
	for (unsigned i = 0; i < 2 && any_input(k); i++) {
		uint32_t skip = k->c->skip;
		if (!of_current(k, XMA_IN0_VALID))
			swap(k);
		if (!skip)
			return true;
		k->c->skip = 0;
		go_to(k, skip);
	}
	return any_input(k);
}

/* ---- output ---------------------------------------------------------------------------------------------------------------------- */

static uint32_t room(const struct work *k)
{
	uint32_t blocks = xma_get(&k->x, XMA_OUT_BLOCKS), read = xma_get(&k->x, XMA_OUT_READ) % blocks;
	uint32_t write = xma_get(&k->x, XMA_OUT_WRITE) % blocks;
	return read == write ? blocks : (read + blocks - write) % blocks;
}

/* Blocks that it writes at once, at least: it takes no frame while there is less room. */
static uint32_t at_once(const struct work *k)
{
	uint32_t n = xma_get(&k->x, XMA_SUBFRAMES_AT_ONCE);
	return n ? n : 1;
}

static bool block_out(struct work *k)
{
	static const uint8_t silence[XMA_BLOCK_BYTES];
	uint32_t blocks = xma_get(&k->x, XMA_OUT_BLOCKS), write = xma_get(&k->x, XMA_OUT_WRITE) % blocks;
	uint32_t at = (xma_get(&k->x, XMA_OUT) + write * XMA_BLOCK_BYTES) & (MEM_PHYSICAL_BYTES - 1);
	if (!xma_get(&k->x, XMA_OUT) || mem_device_write(&k->m->mem, WINDOW_PHYSICAL | at, silence, sizeof silence) != MEM_OK)
		return false;
	xma_set(&k->x, XMA_OUT_WRITE, (write + 1) % blocks);
	k->c->blocks--;
	k->h->blocks++;
	return true;
}

/* Writes what there is room for. False: the output is not there. */
static bool drain(struct work *k, uint32_t *left)
{
	*left = room(k);
	while (k->c->blocks && *left >= at_once(k))
		for (uint32_t n = at_once(k); n && k->c->blocks; n--, --*left)
			if (!block_out(k))
				return false;
	return true;
}

/* ---- a step ---------------------------------------------------------------------------------------------------------------------- */

/* It is kicked with nothing to consume: the title finds all output read, and no more coming (Xenia: titles look for that). */
static enum xma_state starved(struct work *k)
{
	if (xma_get(&k->x, XMA_OUT_WRITE) != xma_get(&k->x, XMA_OUT_READ)) {
		xma_set(&k->x, XMA_OUT_WRITE, xma_get(&k->x, XMA_OUT_READ));
		xma_set(&k->x, XMA_OUT_VALID, 0);
	}
	return XMA_STARVED;
}

static enum xma_state step(struct work *k)
{
	uint32_t left;
	if (!xma_get(&k->x, XMA_OUT_VALID) || !xma_get(&k->x, XMA_OUT_BLOCKS))
		return XMA_NO_OUTPUT;
	if (!k->c->blocks && !any_input(k))
		return starved(k);
	if (!k->c->blocks && !settle(k))
		return XMA_CONSUMED;
	bool fits = room(k) >= at_once(k);
	if (fits && !k->c->blocks && !take(k)) {
		xma_set(&k->x, XMA_ERROR, ERROR_UNREADABLE);
		return XMA_BAD;
	}
	if (!drain(k, &left))
		return XMA_BAD;
	if (!left)
		xma_set(&k->x, XMA_OUT_VALID, 0);
	if (!k->c->blocks && !any_input(k))
		return XMA_CONSUMED;
	return left < at_once(k) ? XMA_FULL : XMA_WORKS;
}

static void store(struct work *k, uint32_t n, const struct xma_context *before)
{
	for (unsigned i = 0; i < XMA_DWORDS; i++) {
		be32 v = be32_of(k->x.dword[i]);
		if (k->x.dword[i] != before->dword[i])
			(void)!mem_device_write(&k->m->mem, XMA_ARRAY + n * XMA_CONTEXT_BYTES + 4 * i, &v, sizeof v);
	}
}

enum xma_state xma_step(struct machine *m, uint32_t n)
{
	struct work k = { .m = m, .c = xma_context_row(m, n), .h = xma_count_row(m, n) };
	struct xma_context before;
	if (!xma_read(m, n, &k.x))
		return XMA_BAD;
	before = k.x;
	enum xma_state s = step(&k);
	store(&k, n, &before);
	return s;
}
