/* tests/t_xma.c - the laws of the XMA decoder: contexts, calls, registers, packets, frames, loops, the ring of silence, time. */
#include "config.h"

#include "kernel/deadline.h"
#include "kernel/mm.h"
#include "kernel/rows.h"
#include "kernel/xma.h"
#include "kernel/xma_guest.h"
#include "tests/testkit.h"

#define FRAME_TICKS 2083u /* 512 samples of 48 kHz, 256 channels at once */
#define PACKETS 4u        /* of each input buffer */
#define LONG_TIME TICKS_PER_SECOND

/* A context with two buffers for packets and a ring. */
struct rig {
	struct tk *t;
	uint32_t x, in[2], in_physical[2], out, out_physical;
	uint8_t packet[XMA_PACKET_BYTES]; /* the one that is being made */
	uint32_t at;                      /* its next bit */
};

static uint32_t memory(struct tk *t, uint32_t bytes, uint32_t *phys)
{
	uint32_t ga = (uint32_t)CALL(t, t->main, "MmAllocatePhysicalMemory", 0, bytes, PAGE_READWRITE);
	assert_int_not_equal(ga, 0);
	*phys = (uint32_t)CALL(t, t->main, "MmGetPhysicalAddress", ga);
	return ga;
}

static uint32_t made(struct tk *t)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "XMACreateContext", out), 0);
	return tk_get32(t, out);
}

static uint32_t number(const struct rig *r)
{
	uint32_t n;
	assert_true(xma_number(r->t->m, r->x, &n));
	return n;
}

static uint32_t field(const struct rig *r, enum xma_field f)
{
	struct xma_context x;
	assert_true(xma_read(r->t->m, number(r), &x));
	return xma_get(&x, f);
}

static uint32_t state_of(const struct rig *r)
{
	return xma_count(r->t->m, number(r))->state;
}

static void set(const struct rig *r, enum xma_field f, uint32_t v)
{
	struct xma_context x;
	assert_true(xma_read(r->t->m, number(r), &x));
	xma_set(&x, f, v);
	tk_put32(r->t, r->x + 4 * xma_dword(f), x.dword[xma_dword(f)]);
}

#define DO(r, name, ...) CALL((r)->t, (r)->t->main, name, (r)->x, ##__VA_ARGS__)

/* @blocks of output, @channels 0 = one, 1 = two; both inputs there, none valid. */
static struct rig rig_new(void **state, uint32_t blocks, uint32_t channels)
{
	struct rig r = { .t = TK(state) };
	uint32_t at = tk_memory(r.t, sizeof(struct g_xma_context_init));
	r.x = made(r.t);
	for (unsigned i = 0; i < 2; i++)
		r.in[i] = memory(r.t, PACKETS * XMA_PACKET_BYTES, &r.in_physical[i]);
	r.out = memory(r.t, 31 * XMA_BLOCK_BYTES, &r.out_physical);
	const struct g_xma_context_init init = { .in0 = be32_of(r.in[0]),
		.in0_packets = be32_of(PACKETS),
		.in1 = be32_of(r.in[1]),
		.in1_packets = be32_of(PACKETS),
		.in_read = be32_of(XMA_HEADER_BITS),
		.out = be32_of(r.out),
		.out_blocks = be32_of(blocks),
		.subframes_at_once = be32_of(1),
		.channels = be32_of(channels),
		.rate = be32_of(3) };
	assert_int_equal(mem_poke(&r.t->m->mem, at, &init, sizeof init), MEM_OK);
	assert_int_equal(DO(&r, "XMAInitializeContext", at), 0);
	DO(&r, "XMASetOutputBufferValid");
	return r;
}

/* ---- packets ------------------------------------------------------------------------------------------------------------------- */

static void bits(struct rig *r, uint32_t v, uint32_t count)
{
	for (; count; count--, r->at++)
		if (r->at < XMA_PACKET_BITS && v >> (count - 1) & 1)
			r->packet[r->at / 8] |= (uint8_t)(0x80 >> r->at % 8);
}

/* Its first frame begins @first bits behind the header; @skip packets of others follow. */
static void packet(struct rig *r, uint32_t frames, uint32_t first, uint32_t skip)
{
	memset(r->packet, 0, sizeof r->packet);
	r->at = 0;
	bits(r, frames, 6);
	bits(r, first, 15);
	bits(r, 1, 3);
	bits(r, skip, 8);
	r->at += first;
}

static void frame(struct rig *r, uint32_t size, bool more)
{
	uint32_t begin = r->at;
	bits(r, size, 15);
	r->at = begin + size - 1;
	bits(r, more, 1);
}

static void put(struct rig *r, uint32_t buffer, uint32_t index)
{
	assert_int_equal(mem_poke(&r->t->m->mem, r->in[buffer] + index * XMA_PACKET_BYTES, r->packet, sizeof r->packet), MEM_OK);
}

/* A packet of @n frames, of 1000 bits each. */
static void plain(struct rig *r, uint32_t buffer, uint32_t index, uint32_t n)
{
	packet(r, n, 0, 0);
	for (uint32_t i = 0; i < n; i++)
		frame(r, 1000, i + 1 < n);
	put(r, buffer, index);
}

/* Kicks it, and lets it work until it is done. */
static void play(struct rig *r)
{
	DO(r, "XMAEnableContext");
	tk_pass(r->t, LONG_TIME);
	assert_int_equal(deadline_of_source(r->t->m, SOURCE_XMA), DEADLINE_NEVER);
}

/* Plays to the end, reading the whole ring again and again; blocks that came. */
static uint32_t play_all(struct rig *r)
{
	do {
		set(r, XMA_OUT_READ, field(r, XMA_OUT_WRITE));
		DO(r, "XMASetOutputBufferValid");
		play(r);
	} while (state_of(r) == XMA_FULL);
	return (uint32_t)xma_count(r->t->m, number(r))->blocks;
}

/* ---- contexts ------------------------------------------------------------------------------------------------------------------ */

static uint32_t read_register(struct tk *t, uint32_t reg)
{
	be32 v;
	assert_int_equal(mem_read(&t->m->mem, XMA_WINDOW + 4 * reg, &v, sizeof v), MEM_OK);
	return __builtin_bswap32(be32_get(v));
}

static void write_register(struct tk *t, uint32_t reg, uint32_t value)
{
	be32 v = be32_of(__builtin_bswap32(value));
	assert_int_equal(mem_write(&t->m->mem, XMA_WINDOW + 4 * reg, &v, sizeof v), MEM_OK);
}

static void there_are_320_contexts_and_a_released_one_is_the_next_one_made(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), first = made(t);
	assert_int_equal(CALL(t, t->main, "MmGetPhysicalAddress", first), read_register(t, XMA_REG_ARRAY));
	for (uint32_t i = 1; i < XMA_CONTEXTS; i++)
		assert_int_equal(made(t), first + i * XMA_CONTEXT_BYTES);
	assert_int_equal(CALL(t, t->main, "XMACreateContext", out), NT_NO_MEMORY);
	assert_int_equal(tk_get32(t, out), 0);
	tk_put32(t, first + 77 * XMA_CONTEXT_BYTES, 0x12345678);
	for (unsigned i = 0; i < 2; i++) /* twice: nothing more happens */
		assert_int_equal(CALL(t, t->main, "XMAReleaseContext", first + 77 * XMA_CONTEXT_BYTES), 0);
	assert_int_equal(tk_get32(t, first + 77 * XMA_CONTEXT_BYTES), 0);
	assert_int_equal(made(t), first + 77 * XMA_CONTEXT_BYTES);
	assert_int_equal(CALL(t, t->main, "XMACreateContext", out), NT_NO_MEMORY);
}

static bool faults(struct tk *t, const char *name, uint32_t a, uint32_t b)
{
	bool faulted = tk_call_on(t, t->main, name, TK_ARGS(a, b)).faulted;
	assert_int_equal(t->m->pending.kind == STOP_FAULT, faulted);
	t->m->pending = (struct stop){ 0 };
	return faulted;
}

static void what_is_no_context_faults(void **state)
{
	static const char *const names[] = { "XMAReleaseContext", "XMAEnableContext", "XMADisableContext", "XMABlockWhileInUse" };
	struct tk *t = TK(state);
	uint32_t x = made(t), init = tk_memory(t, sizeof(struct g_xma_context_init));
	const uint32_t bad[] = { 0, init, x + 4, x + XMA_CONTEXTS * XMA_CONTEXT_BYTES, x - XMA_CONTEXT_BYTES, 0xFFFFFFFF };
	for (unsigned b = 0; b < ARRAY_LEN(bad); b++) {
		for (unsigned i = 0; i < ARRAY_LEN(names); i++)
			assert_true(faults(t, names[i], bad[b], 0));
		assert_true(faults(t, "XMAInitializeContext", bad[b], init));
	}
	assert_true(faults(t, "XMAInitializeContext", x, 4));
	assert_true(faults(t, "XMASetLoopData", x, 4));
	assert_true(faults(t, "XMAIsInputBuffer0Valid", 4, 0));
	assert_true(faults(t, "XMASetInputBuffer0Valid", 4, 0));
	assert_true(faults(t, "XMACreateContext", 4, 0));
	assert_true(faults(t, "XMACreateContext", 0, 0));
	assert_int_equal(made(t), x + XMA_CONTEXT_BYTES); /* what could not be told is free again */
}

static void an_initialised_context_is_laid_out_as_the_hardware_reads_it(void **state)
{
	struct rig r = rig_new(state, 20, 1);
	struct tk *t = r.t;
	uint32_t loop = tk_memory(t, 12), init = tk_memory(t, sizeof(struct g_xma_context_init));
	const struct g_xma_loop_data l = { be32_of(0x1234), be32_of(0x5678), 7, 3, 2, 0 };
	assert_int_equal(mem_poke(&t->m->mem, loop, &l, sizeof l), MEM_OK);
	DO(&r, "XMASetLoopData", loop);
	DO(&r, "XMASetInputBuffer0Valid");
	assert_int_equal(tk_get32(t, r.x), PACKETS | 7u << 12 | 1u << 20 | 20u << 22);
	assert_int_equal(tk_get32(t, r.x + 0x04), PACKETS | 3u << 14 | 2u << 17 | 1u << 20 | 3u << 27 | 1u << 29 | 1u << 31);
	assert_int_equal(tk_get32(t, r.x + 0x08), 32);
	assert_int_equal(tk_get32(t, r.x + 0x0C), 0x1234);
	assert_int_equal(tk_get32(t, r.x + 0x10), 0x5678);
	assert_int_equal(tk_get32(t, r.x + 0x14), r.in_physical[0]);
	assert_int_equal(tk_get32(t, r.x + 0x18), r.in_physical[1]);
	assert_int_equal(tk_get32(t, r.x + 0x1C), r.out_physical);
	assert_int_equal(DO(&r, "XMAInitializeContext", init), 0); /* of zeros */
	for (uint32_t i = 0; i < XMA_CONTEXT_BYTES; i += 4)
		assert_int_equal(tk_get32(t, r.x + i), 0);
}

static void the_calls_read_and_write_their_fields(void **state)
{
	struct rig r = rig_new(state, 20, 0);
	assert_int_equal(DO(&r, "XMAIsInputBuffer0Valid"), 0);
	assert_int_equal(DO(&r, "XMAIsInputBuffer1Valid"), 0);
	DO(&r, "XMASetInputBuffer1Valid");
	assert_int_equal(DO(&r, "XMAIsInputBuffer0Valid"), 0);
	assert_int_equal(DO(&r, "XMAIsInputBuffer1Valid"), 1);
	DO(&r, "XMASetInputBuffer0Valid");
	assert_int_equal(DO(&r, "XMAIsInputBuffer0Valid"), 1);
	assert_int_equal(DO(&r, "XMAIsOutputBufferValid"), 1);
	set(&r, XMA_OUT_VALID, 0);
	assert_int_equal(DO(&r, "XMAIsOutputBufferValid"), 0);
	DO(&r, "XMASetInputBufferReadOffset", 0x3FFFFFF);
	assert_int_equal(DO(&r, "XMAGetInputBufferReadOffset"), 0x3FFFFFF);
	DO(&r, "XMASetOutputBufferReadOffset", 19);
	assert_int_equal(DO(&r, "XMAGetOutputBufferReadOffset"), 19);
	set(&r, XMA_OUT_WRITE, 5);
	assert_int_equal(DO(&r, "XMAGetOutputBufferWriteOffset"), 5);
	set(&r, XMA_METADATA, 1);
	assert_int_equal(DO(&r, "XMAGetPacketMetadata"), 1);
	DO(&r, "XMASetInputBuffer0", r.out, 3);
	DO(&r, "XMASetInputBuffer1", 0, 0);
	assert_int_equal(field(&r, XMA_IN0), r.out_physical);
	assert_int_equal(field(&r, XMA_IN0_PACKETS), 3);
	assert_int_equal(field(&r, XMA_IN1), 0);
	assert_int_equal(field(&r, XMA_IN1_PACKETS), 0);
}

/* ---- frames and packets ---------------------------------------------------------------------------------------------------------- */

static void a_frame_is_512_samples_of_silence_in_each_channel(void **state)
{
	for (uint32_t channels = 0; channels < 2; channels++) {
		struct rig r = rig_new(state, 31, channels);
		uint32_t blocks = 3 * XMA_SUBFRAMES << channels;
		plain(&r, 0, 0, 2);
		plain(&r, 0, 1, 1);
		set(&r, XMA_IN0_PACKETS, 2);
		for (uint32_t i = 0; i < 31 * XMA_BLOCK_BYTES; i += 4)
			tk_put32(r.t, r.out + i, 0xAAAAAAAA);
		DO(&r, "XMASetInputBuffer0Valid");
		play(&r);
		assert_int_equal(field(&r, XMA_OUT_WRITE), blocks);
		for (uint32_t i = 0; i < 31 * XMA_BLOCK_BYTES; i += 4)
			assert_int_equal(tk_get32(r.t, r.out + i), i < blocks * XMA_BLOCK_BYTES ? 0 : 0xAAAAAAAA);
		assert_int_equal(field(&r, XMA_IN0_VALID), 0); /* consumed: the other one's turn, from its begin */
		assert_int_equal(field(&r, XMA_CURRENT), 1);
		assert_int_equal(field(&r, XMA_IN_READ), XMA_HEADER_BITS);
		assert_int_equal(field(&r, XMA_OUT_VALID), 1);
		assert_int_equal(field(&r, XMA_METADATA), 1);
		assert_int_equal(state_of(&r), XMA_CONSUMED);
		assert_int_equal(xma_count(r.t->m, number(&r))->frames, 3);
		assert_int_equal(xma_count(r.t->m, number(&r))->packets, 2);
	}
}

static void a_frame_that_goes_on_in_the_next_packet_is_one_frame(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	packet(&r, 2, 0, 0);
	frame(&r, 16000, true);
	frame(&r, 1000, false); /* 352 bits of it lie here */
	put(&r, 0, 0);
	packet(&r, 2, 1000 - 352, 0);
	frame(&r, 16352 - 648 - 7, true); /* of the next frame's length 7 bits lie here */
	frame(&r, 500, false);
	put(&r, 0, 1);
	packet(&r, 1, 493, 0);
	frame(&r, 700, false);
	put(&r, 0, 2);
	set(&r, XMA_IN0_PACKETS, 3);
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(xma_count(r.t->m, number(&r))->frames, 5);
	assert_int_equal(state_of(&r), XMA_CONSUMED);
}

static void packets_of_other_streams_are_passed_across_buffers_too(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	for (uint32_t i = 0; i < PACKETS; i++) { /* every third one is ours: 0 and 3, then 2 of the other buffer */
		packet(&r, 1, 0, i % 3 ? 0 : 2);
		frame(&r, 200, false);
		put(&r, 0, i);
		packet(&r, 1, 0, i == 2 ? 2 : 0);
		frame(&r, 200, false);
		put(&r, 1, i);
	}
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(xma_count(r.t->m, number(&r))->frames, 2);
	assert_int_equal(field(&r, XMA_CURRENT), 1);
	DO(&r, "XMASetInputBuffer1Valid"); /* its first two are passed when it comes */
	play(&r);
	assert_int_equal(xma_count(r.t->m, number(&r))->frames, 3);
	assert_int_equal(field(&r, XMA_CURRENT), 0);
	assert_int_equal(state_of(&r), XMA_CONSUMED);
}

static void packets_without_a_frame_are_passed(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	packet(&r, 0, 0x7FFF, 0); /* none begins */
	put(&r, 0, 0);
	packet(&r, 0, 0, 0xFF); /* the same, said by the number of packets to skip */
	put(&r, 0, 1);
	packet(&r, 0, 0, 0); /* a length of 0 */
	put(&r, 0, 2);
	packet(&r, 1, 0, 0);
	frame(&r, 100, true);
	bits(&r, 0x7FFF, 15); /* no more */
	put(&r, 0, 3);
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(xma_count(r.t->m, number(&r))->frames, 1);
	assert_int_equal(xma_count(r.t->m, number(&r))->packets, 4);
	assert_int_equal(state_of(&r), XMA_CONSUMED);
}

static void the_read_offset_tells_the_next_frame(void **state)
{
	struct rig r = rig_new(state, 4, 0);
	packet(&r, 2, 40, 0);
	frame(&r, 1000, true);
	frame(&r, 600, false);
	put(&r, 0, 0);
	packet(&r, 1, 77, 0);
	frame(&r, 1000, false);
	put(&r, 0, 1);
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(state_of(&r), XMA_FULL);
	assert_int_equal(field(&r, XMA_IN_READ), 32 + 40 + 1000);
	DO(&r, "XMASetOutputBufferValid");
	play(&r);
	assert_int_equal(field(&r, XMA_IN_READ), XMA_PACKET_BITS + 32 + 77);
	DO(&r, "XMASetInputBufferReadOffset", 0); /* begins anew: an offset before the first frame is that frame's */
	DO(&r, "XMASetOutputBufferValid");
	play(&r);
	assert_int_equal(field(&r, XMA_IN_READ), 32 + 40 + 1000);
}

/* ---- loops ----------------------------------------------------------------------------------------------------------------------- */

static void loop(struct rig *r, uint32_t start, uint32_t end, uint32_t count, uint32_t sub_end, uint32_t sub_skip)
{
	set(r, XMA_LOOP_START, start);
	set(r, XMA_LOOP_END, end);
	set(r, XMA_LOOP_COUNT, count);
	set(r, XMA_LOOP_SUBFRAME_END, sub_end);
	set(r, XMA_LOOP_SUBFRAME_SKIP, sub_skip);
}

/* Frames 0 to 3; a loop from frame 1 to frame 2. */
static void a_loop_is_played_as_often_as_it_says_from_subframe_to_subframe(void **state)
{
	struct rig r = rig_new(state, 8, 0);
	plain(&r, 0, 0, 4);
	set(&r, XMA_IN0_PACKETS, 1);
	loop(&r, 32 + 1000, 32 + 2000, 2, 1, 3);
	DO(&r, "XMASetInputBuffer0Valid");
	/* frames 0 1 2 (to subframe 1), 1 (from subframe 3) 2, 1 2, 3: the last pass through frame 2 is whole */
	assert_int_equal(play_all(&r), 4 + 4 + 2 + 1 + 2 + 1 + 4 + 4);
	assert_int_equal(field(&r, XMA_LOOP_COUNT), 0);
	assert_int_equal(state_of(&r), XMA_CONSUMED);
}

static void a_loop_for_ever_works_only_while_there_is_room(void **state)
{
	struct rig r = rig_new(state, 5, 1);
	plain(&r, 0, 0, 1);
	set(&r, XMA_IN0_PACKETS, 1);
	loop(&r, 32, 32, XMA_LOOP_FOR_EVER, 0, 4); /* and its one subframe is left out: it is not */
	DO(&r, "XMASetInputBuffer0Valid");
	for (unsigned i = 0; i < 20; i++) {
		play(&r);
		assert_int_equal(state_of(&r), XMA_FULL);
		DO(&r, "XMASetOutputBufferValid");
	}
	assert_int_equal(field(&r, XMA_LOOP_COUNT), XMA_LOOP_FOR_EVER);
	assert_int_equal(xma_count(r.t->m, number(&r))->blocks, 100);
}

/* ---- the ring ---------------------------------------------------------------------------------------------------------------------- */

static void a_full_ring_is_valid_no_more_and_goes_on_when_it_was_read(void **state)
{
	struct rig r = rig_new(state, 6, 0);
	plain(&r, 0, 0, 3);
	set(&r, XMA_IN0_PACKETS, 1);
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r); /* one frame, and half of the next */
	assert_int_equal(state_of(&r), XMA_FULL);
	assert_int_equal(field(&r, XMA_OUT_VALID), 0);
	assert_int_equal(field(&r, XMA_OUT_WRITE), field(&r, XMA_OUT_READ));
	play(&r);
	assert_int_equal(state_of(&r), XMA_NO_OUTPUT);
	DO(&r, "XMASetOutputBufferReadOffset", 3); /* half of it was read */
	DO(&r, "XMASetOutputBufferValid");
	play(&r);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 3);
	assert_int_equal(field(&r, XMA_OUT_VALID), 0);
	assert_int_equal(play_all(&r), 12);
	assert_int_equal(state_of(&r), XMA_CONSUMED);
}

static void no_frame_is_taken_while_there_is_less_room_than_is_written_at_once(void **state)
{
	struct rig r = rig_new(state, 7, 0);
	set(&r, XMA_SUBFRAMES_AT_ONCE, 4);
	plain(&r, 0, 0, 3);
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 4);
	assert_int_equal(field(&r, XMA_OUT_VALID), 1);
	assert_int_equal(field(&r, XMA_IN_READ), 32 + 1000);
	assert_int_equal(state_of(&r), XMA_FULL);
}

static void kicked_without_input_it_says_that_nothing_more_comes(void **state)
{
	struct rig r = rig_new(state, 20, 0);
	plain(&r, 0, 0, 1);
	set(&r, XMA_IN0_PACKETS, 1);
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 4);
	play(&r);
	assert_int_equal(state_of(&r), XMA_STARVED);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 0);
	assert_int_equal(field(&r, XMA_OUT_VALID), 0);
	assert_int_equal(xma_count(r.t->m, number(&r))->blocks, 4);
}

static void what_is_not_there_is_an_error_of_the_context_alone(void **state)
{
	struct rig r = rig_new(state, 20, 0);
	plain(&r, 0, 0, 1);
	DO(&r, "XMASetInputBuffer0", 0x70000000, 4); /* of no physical memory */
	DO(&r, "XMASetInputBuffer0Valid");
	play(&r);
	assert_int_equal(state_of(&r), XMA_BAD);
	assert_int_equal(field(&r, XMA_ERROR), 4);
	assert_int_equal(field(&r, XMA_IN0_VALID), 1);
	DO(&r, "XMASetInputBuffer0", r.in[0], 1);
	set(&r, XMA_OUT, 0x1000);
	play(&r);
	assert_int_equal(state_of(&r), XMA_BAD);
	set(&r, XMA_OUT, r.out_physical);
	play(&r);
	assert_int_equal(xma_count(r.t->m, number(&r))->blocks, 4); /* the frame was kept */
}

/* ---- time, registers, waiting ------------------------------------------------------------------------------------------------------ */

static void the_decoder_does_a_frame_at_a_time_for_one_context_after_the_other(void **state)
{
	struct rig a = rig_new(state, 31, 0), b = rig_new(state, 31, 1);
	struct rig *both[] = { &a, &b };
	struct quiescence q;
	for (unsigned i = 0; i < 2; i++) {
		plain(both[i], 0, 0, 2);
		set(both[i], XMA_IN0_PACKETS, 1);
		DO(both[i], "XMASetInputBuffer0Valid");
		DO(both[i], "XMAEnableContext");
	}
	machine_quiescence(a.t->m, &q);
	assert_int_equal(q.xma, 2);
	/* b a b a; two channels take twice the time */
	static const uint32_t ticks[] = { 2 * FRAME_TICKS, FRAME_TICKS, 2 * FRAME_TICKS, FRAME_TICKS };
	tk_pass(a.t, 0);
	for (unsigned i = 0; i < 4; i++) {
		struct rig *r = both[!(i % 2)];
		uint32_t before = field(r, XMA_OUT_WRITE);
		tk_pass(a.t, ticks[i] - 1);
		assert_int_equal(field(r, XMA_OUT_WRITE), before);
		tk_pass(a.t, 1);
		assert_int_equal(field(r, XMA_OUT_WRITE), before + (XMA_SUBFRAMES << (r == &b)));
	}
	machine_quiescence(a.t->m, &q);
	assert_int_equal(q.xma, 0);
	assert_int_equal(deadline_of_source(a.t->m, SOURCE_XMA), DEADLINE_NEVER);
	assert_int_equal(tk_count(a.t, EV_XMA_KICK), 2);
	assert_int_equal(tk_count(a.t, EV_XMA_DONE), 2);
	assert_string_equal(tk_event_at(a.t, EV_XMA_DONE, 0)->object_name, "consumed");
}

static void a_disabled_context_stands_where_it_is(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	plain(&r, 0, 0, 5);
	DO(&r, "XMASetInputBuffer0Valid");
	DO(&r, "XMAEnableContext");
	tk_pass(r.t, FRAME_TICKS + 1);
	assert_int_equal(DO(&r, "XMADisableContext", 1), 0);
	assert_int_equal(state_of(&r), XMA_LOCKED);
	tk_pass(r.t, LONG_TIME);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 4);
	assert_int_equal(field(&r, XMA_IN0_VALID), 1);
	assert_int_equal(deadline_of_source(r.t->m, SOURCE_XMA), DEADLINE_NEVER);
	play(&r);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 20);
}

static void registers_do_what_the_calls_do(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	struct tk *t = r.t;
	while (number(&r) < 40)
		r.x += XMA_CONTEXT_BYTES;
	for (uint32_t i = 1; i <= 40; i++)
		made(t);
	for (uint32_t i = 0; i < XMA_CONTEXT_BYTES; i += 4)
		tk_put32(t, r.x + i, tk_get32(t, r.x - 40 * XMA_CONTEXT_BYTES + i));
	plain(&r, 0, 0, 5);
	DO(&r, "XMASetInputBuffer0Valid");
	write_register(t, XMA_REG_KICK + 1, 1u << 8);
	write_register(t, XMA_REG_KICK + 9, 1u << 31); /* the last one is not taken */
	assert_int_equal(xma_working(t->m), 1);
	assert_int_equal(read_register(t, XMA_REG_KICK + 1), 1u << 8);
	assert_int_equal(tk_count(t, EV_XMA_KICK), 0); /* in the middle of an instruction nobody is told */
	tk_pass(t, FRAME_TICKS + 1);
	assert_int_equal(tk_count(t, EV_XMA_KICK), 1);
	assert_int_equal(tk_event_at(t, EV_XMA_KICK, 0)->aux[0], 40);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 4);
	write_register(t, XMA_REG_LOCK + 1, UINT32_MAX);
	tk_pass(t, LONG_TIME);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 4);
	assert_int_equal(tk_count(t, EV_XMA_DONE), 1);
	assert_string_equal(tk_event_at(t, EV_XMA_DONE, 0)->object_name, "disabled");
	write_register(t, XMA_REG_CLEAR + 1, 1u << 8);
	assert_int_equal(field(&r, XMA_OUT_WRITE), 0);
	assert_int_equal(field(&r, XMA_IN_READ), XMA_HEADER_BITS);
	assert_int_equal(field(&r, XMA_IN0_VALID), 0);
	assert_int_equal(field(&r, XMA_OUT_VALID), 0);
	uint32_t current = read_register(t, XMA_REG_CURRENT);
	for (uint32_t i = 1; i <= XMA_CONTEXTS; i++)
		assert_int_equal(read_register(t, XMA_REG_CURRENT), (current + i) % XMA_CONTEXTS);
	assert_int_equal(read_register(t, XMA_REG_NEXT), (current + 1) % XMA_CONTEXTS);
	uint8_t byte;
	assert_int_equal(mem_read(&t->m->mem, XMA_WINDOW, &byte, 1), MEM_FAULT_MMIO);
	assert_int_equal(mem_write(&t->m->mem, XMA_WINDOW, &byte, 1), MEM_FAULT_MMIO);
}

static void who_blocks_waits_until_the_context_is_done(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	plain(&r, 0, 0, 7);
	DO(&r, "XMASetInputBuffer0Valid");
	DO(&r, "XMABlockWhileInUse"); /* it does not work: at once */
	set(&r, XMA_IN0_PACKETS, 1);
	uint32_t other = tk_thread(r.t, 1);
	DO(&r, "XMAEnableContext");
	PARKS(r.t, other, "XMABlockWhileInUse", r.x);
	tk_pass(r.t, TICKS_PER_SECOND / 1000 + 1);
	assert_true(xma_works(r.t->m, number(&r)) || !tk_parked(r.t, other));
	tk_pass(r.t, LONG_TIME);
	assert_int_equal(tk_wake(r.t, other), 0);
	assert_int_equal(state_of(&r), XMA_CONSUMED);
}

/* A guest that kicks by the register and counts: all at once, or an instruction at a time. */
static uint64_t kicks_in_pieces(void **state, uint64_t piece, uint64_t done_at[4])
{
	struct rig r = rig_new(state, 4, 0);
	struct tk *t = r.t;
	uint32_t data = tk_memory(t, 4);
	plain(&r, 0, 0, 8);
	DO(&r, "XMASetInputBuffer0Valid");
	tk_put32(t, data, __builtin_bswap32(1u << number(&r)));
	/* r3 the register, r4 the bit (as stw has it); kick; a while; the ring's first dwords say that it was read and is valid again */
	tk_start(t, CODE(t, I_LOAD(3, XMA_WINDOW + 4 * XMA_REG_KICK), I_LOAD(5, data), I_LWZ(4, 0, 5), I_LOAD(6, r.x),
			    I_STW(4, 0, 3), I_LI(7, 30000), I_MTCTR(7), I_BDNZ(0), I_LWZ(8, 4, 6),
			    0x65088000u /* oris r8,r8,8000 */, I_STW(8, 4, 6), I_B(-28)));
	tk_forget(t);
	for (uint64_t left = 400000; left; left -= piece < left ? piece : left)
		assert_int_equal(tk_run(t, piece < left ? piece : left), STOP_LIMIT);
	for (unsigned i = 0; i < 4; i++)
		done_at[i] = tk_event_at(t, EV_XMA_DONE, i)->cycle;
	DO(&r, "XMAReleaseContext");
	return machine_digest(t->m);
}

static void how_the_run_is_cut_does_not_show(void **state)
{
	uint64_t at[2][4];
	uint64_t whole = kicks_in_pieces(state, 400000, at[0]);
	tk_teardown(state);
	tk_setup(state);
	assert_int_equal(kicks_in_pieces(state, 7, at[1]), whole);
	assert_memory_equal(at[0], at[1], sizeof at[0]);
}

static void a_released_context_works_no_more(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	plain(&r, 0, 0, 7);
	DO(&r, "XMASetInputBuffer0Valid");
	DO(&r, "XMAEnableContext");
	DO(&r, "XMAReleaseContext");
	assert_int_equal(xma_working(r.t->m), 0);
	DO(&r, "XMAEnableContext"); /* nobody's: not set to work */
	assert_int_equal(xma_working(r.t->m), 0);
	tk_pass(r.t, LONG_TIME);
	assert_int_equal(deadline_of_source(r.t->m, SOURCE_XMA), DEADLINE_NEVER);
}

/* ---- anything ---------------------------------------------------------------------------------------------------------------------- */

static uint32_t random32(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*s >> 32);
}

/* Whatever a context holds, and its packets: the decoder comes to an end, within the frames and packets that there can be. */
static void any_context_comes_to_an_end(void **state)
{
	struct rig r = rig_new(state, 31, 0);
	uint64_t seed = 1;
	uint32_t steps = 0, states[XMA_STATE_COUNT] = { 0 };
	for (unsigned i = 0; i < 2 * PACKETS * XMA_PACKET_BYTES / 4; i++)
		tk_put32(r.t, r.in[i % 2] + 4 * (i / 2), random32(&seed) & random32(&seed));
	for (unsigned round = 0; round < 20000; round++) {
		for (uint32_t i = 0; i < XMA_DWORDS; i++)
			tk_put32(r.t, r.x + 4 * i, random32(&seed));
		for (unsigned b = 0; b < 2; b++)
			if (random32(&seed) % 4)
				set(&r, xma_of(XMA_IN0, b),
					r.in_physical[b] + (random32(&seed) % 4 ? 0 : random32(&seed) % 5000));
		if (random32(&seed) % 4) {
			set(&r, XMA_OUT, r.out_physical);
			set(&r, XMA_OUT_VALID, 1);
		}
		if (random32(&seed) % 2) /* not mostly somewhere behind its end */
			set(&r, XMA_IN_READ, random32(&seed) % (PACKETS * XMA_PACKET_BITS));
		tk_put32(r.t, r.in[0] + 4 * (random32(&seed) % (PACKETS * XMA_PACKET_BYTES / 4)), random32(&seed));
		enum xma_state s;
		for (steps = 0; (s = xma_step(r.t->m, number(&r))) == XMA_WORKS; steps++)
			assert_true(steps < 2 * 4095 + 31 * 2);
		states[s]++;
	}
	assert_true(states[XMA_CONSUMED] && states[XMA_FULL] && states[XMA_BAD] && states[XMA_NO_OUTPUT] && states[XMA_STARVED]);
	assert_int_equal(tk_get32(r.t, r.out + 31 * XMA_BLOCK_BYTES), 0);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(there_are_320_contexts_and_a_released_one_is_the_next_one_made),
	TK_TEST(what_is_no_context_faults),
	TK_TEST(an_initialised_context_is_laid_out_as_the_hardware_reads_it),
	TK_TEST(the_calls_read_and_write_their_fields),
	TK_TEST(a_frame_is_512_samples_of_silence_in_each_channel),
	TK_TEST(a_frame_that_goes_on_in_the_next_packet_is_one_frame),
	TK_TEST(packets_of_other_streams_are_passed_across_buffers_too),
	TK_TEST(packets_without_a_frame_are_passed),
	TK_TEST(the_read_offset_tells_the_next_frame),
	TK_TEST(a_loop_is_played_as_often_as_it_says_from_subframe_to_subframe),
	TK_TEST(a_loop_for_ever_works_only_while_there_is_room),
	TK_TEST(a_full_ring_is_valid_no_more_and_goes_on_when_it_was_read),
	TK_TEST(no_frame_is_taken_while_there_is_less_room_than_is_written_at_once),
	TK_TEST(kicked_without_input_it_says_that_nothing_more_comes),
	TK_TEST(what_is_not_there_is_an_error_of_the_context_alone),
	TK_TEST(the_decoder_does_a_frame_at_a_time_for_one_context_after_the_other),
	TK_TEST(a_disabled_context_stands_where_it_is),
	TK_TEST(registers_do_what_the_calls_do),
	TK_TEST(who_blocks_waits_until_the_context_is_done),
	TK_TEST(how_the_run_is_cut_does_not_show),
	TK_TEST(a_released_context_works_no_more),
	TK_TEST(any_context_comes_to_an_end),
};

TK_MAIN(tests)
