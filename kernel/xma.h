/* kernel/xma.h - the XMA decoder: contexts that consume their input and complete, in silence (facts: Guest interrupts, XMA; struct layouts).
 *
 * A context is 64 bytes of guest memory: two input buffers of packets, a ring of output blocks, and where it stands in each; titles write it
 * themselves or through the XMA calls. A kick sets it to work: it takes frames of its input until both buffers are consumed or the ring is full, and
 * leaves. Each frame becomes 512 samples of silence. Of the bitstream only what says where frames begin is read: the packets' headers, and each
 * frame's length and last bit; so time, offsets and flags are those of a decoder.
 *
 * The contexts lie in the last 64 KiB of physical memory, which are the system's; the pages come with the first context that is made.
 *
 * What decides the future is struct w_xma and its contexts, in the world arena. The rows below lie in the history arena.
 */
#ifndef KERNEL_XMA_H
#define KERNEL_XMA_H

#include "kernel/machine.h"

#define XMA_WINDOW 0x7FEA0000u /* registers: index = offset / 4; dwords with the lowest byte first */
#define XMA_REG_ARRAY 0x600u   /* the contexts' physical address */
#define XMA_REG_CURRENT 0x606u /* goes round when read */
#define XMA_REG_NEXT 0x607u
#define XMA_REG_KICK 0x650u /* + n: bit i is context 32n + i */
#define XMA_REG_LOCK 0x690u
#define XMA_REG_CLEAR 0x6A0u
#define XMA_ARRAY_PHYSICAL (MEM_PHYSICAL_BYTES - 0x10000u)
#define XMA_ARRAY (0xA0000000u + XMA_ARRAY_PHYSICAL) /* where titles see it */
#define XMA_CONTEXT_BYTES 64u
#define XMA_PACKET_BYTES 2048u
#define XMA_PACKET_BITS (8 * XMA_PACKET_BYTES)
#define XMA_HEADER_BITS 32u
#define XMA_BLOCK_BYTES 256u /* of output: a subframe, 128 samples, of one channel */
#define XMA_FRAME_SAMPLES 512u
#define XMA_SUBFRAMES 4u /* of a frame */
#define XMA_LOOP_FOR_EVER 255u

/** Fields of a context (facts: struct layouts, XMA_CONTEXT_DATA). FIELD(id, dword, lowest bit, bits) */
#define XMA_FIELDS(FIELD) \
	FIELD(IN0_PACKETS, 0, 0, 12) FIELD(LOOP_COUNT, 0, 12, 8) FIELD(IN0_VALID, 0, 20, 1) FIELD(IN1_VALID, 0, 21, 1) \
	FIELD(OUT_BLOCKS, 0, 22, 5) FIELD(OUT_WRITE, 0, 27, 5) \
	FIELD(IN1_PACKETS, 1, 0, 12) FIELD(LOOP_SUBFRAME_END, 1, 14, 3) FIELD(LOOP_SUBFRAME_SKIP, 1, 17, 3) \
	FIELD(SUBFRAMES_AT_ONCE, 1, 20, 4) FIELD(RATE, 1, 27, 2) FIELD(STEREO, 1, 29, 1) FIELD(OUT_VALID, 1, 31, 1) \
	FIELD(IN_READ, 2, 0, 26) FIELD(ERROR, 2, 26, 5) FIELD(LOOP_START, 3, 0, 26) FIELD(LOOP_END, 4, 0, 26) \
	FIELD(METADATA, 4, 26, 5) FIELD(CURRENT, 4, 31, 1) FIELD(IN0, 5, 0, 32) FIELD(IN1, 6, 0, 32) FIELD(OUT, 7, 0, 32) \
	FIELD(OUT_READ, 9, 0, 5)
enum xma_field {
#define FIELD(id, dword, bit, bits) XMA_##id,
	XMA_FIELDS(FIELD)
#undef FIELD
};
#define XMA_DWORDS 10u

/** A context's dwords as the CPU sees them. */
struct xma_context {
	uint32_t dword[XMA_DWORDS];
};
uint32_t xma_get(const struct xma_context *x, enum xma_field f);
void xma_set(struct xma_context *x, enum xma_field f, uint32_t value);
/** The dword that it lies in. */
unsigned xma_dword(enum xma_field f);
/** Of the two: the field of buffer @n that is said as buffer 0's. */
static inline enum xma_field xma_of(enum xma_field of_0, uint32_t n)
{
	return n == 0 ? of_0 : of_0 == XMA_IN0 ? XMA_IN1 : of_0 == XMA_IN0_VALID ? XMA_IN1_VALID : XMA_IN1_PACKETS;
}

/** What a context is at: never kicked; at work; why it left. XMA_STATE(id, "word")
 *   CONSUMED  no input is valid any more   STARVED    none was when it was kicked    FULL   too little room in the ring
 *   NO_OUTPUT the ring was not valid       LOCKED     XMADisableContext              BAD    memory that it was told of is not there */
#define XMA_STATES(XMA_STATE) \
	XMA_STATE(FRESH, "fresh") XMA_STATE(WORKS, "works") XMA_STATE(CONSUMED, "consumed") XMA_STATE(STARVED, "starved") \
	XMA_STATE(FULL, "full") XMA_STATE(NO_OUTPUT, "no-output") XMA_STATE(LOCKED, "disabled") XMA_STATE(BAD, "unreadable")
enum xma_state {
#define XMA_STATE(id, word) XMA_##id,
	XMA_STATES(XMA_STATE)
#undef XMA_STATE
	XMA_STATE_COUNT
};
const char *xma_state_text(unsigned state);

/** Counts of a context since it was made; table "xma.count" of the history arena, row = its number + 1. */
struct h_xma {
	uint64_t kicks, packets, frames, blocks;
	uint64_t since;           /* cycle at which it came to @state */
	uint64_t last;            /* cycle of its last frame */
	uint32_t state;           /* enum xma_state */
	uint32_t pad;
};
ARENA_ROW_SIZE(h_xma, 56);

void xma_layout(struct machine *m);
/** Registers the device (once per machine). */
void xma_attach(struct machine *m);

/** The address of a new context, zeroed; 0 = all are taken, or no memory. */
uint32_t xma_create(struct machine *m);
/** The number of the context at @ga (in any window); false: none lies there, taken or not. */
bool xma_number(const struct machine *m, uint32_t ga, uint32_t *n);
void xma_release(struct machine *m, uint32_t thread, uint32_t n);
/* What the registers do, on behalf of thread row @thread. */
/** Nothing, if the context is not taken. Emits: EV_XMA_KICK. */
void xma_kick(struct machine *m, uint32_t thread, uint32_t n);
/** It works no more. Emits: EV_XMA_DONE if it did. */
void xma_lock(struct machine *m, uint32_t thread, uint32_t n);
/** Makes its buffers invalid, and forgets what the decoder had begun. */
void xma_clear(struct machine *m, uint32_t n);

/* For readers. */
static inline const struct w_xma *xma_peek(const struct machine *m)
{
	return arena_peek(&m->world, m->t_xma, 1);
}
static inline const struct w_xma_context *xma_context_peek(const struct machine *m, uint32_t n)
{
	return arena_peek(&m->world, m->t_xma_context, n + 1);
}
static inline const struct h_xma *xma_count(const struct machine *m, uint32_t n)
{
	return arena_peek(&m->history, m->t_xma_count, n + 1);
}
static inline bool xma_bit(const uint32_t *bits, uint32_t n)
{
	return bits[n / 32] >> n % 32 & 1;
}
static inline bool xma_taken(const struct machine *m, uint32_t n)
{
	return xma_bit(xma_peek(m)->taken, n);
}
static inline bool xma_works(const struct machine *m, uint32_t n)
{
	return xma_bit(xma_peek(m)->works, n);
}
/** Contexts that are at work. */
uint32_t xma_working(const struct machine *m);
/** False: its memory is not there. */
bool xma_read(const struct machine *m, uint32_t n, struct xma_context *x);

/* Between the files of the decoder. */
/** Takes one frame, or passes one packet without one, of context @n, and writes what there is room for: XMA_WORKS, or why it leaves. */
enum xma_state xma_step(struct machine *m, uint32_t n);
struct w_xma_context *xma_context_row(struct machine *m, uint32_t n);
struct h_xma *xma_count_row(struct machine *m, uint32_t n);

#endif
