/* ui/inspect/fill_gpu.c - the tables of the devices: the null GPU, the audio driver, the XMA decoder. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/audio.h"
#include "kernel/gpu.h"
#include "kernel/xma.h"
#include "ui/inspect/inspect.h"

static void put_wait(struct table *t, const struct machine *m)
{
	const struct w_gpu *g = gpu_peek(m);
	char text[120];
	if (!g->waiting) {
		put_none(t);
		put_none(t);
		return;
	}
	gpu_wait_text(m, text, sizeof text);
	put_str(t, text);
	put_cycles(t, g->wait_since);
}

static void put_rate(struct table *t, const struct h_gpu *c)
{
	uint64_t ticks = (c->last_swap - c->first_swap) / CYCLES_PER_TICK;
	if (c->swaps < 2 || !ticks) {
		put_none(t);
		return;
	}
	uint64_t hundredths = (c->swaps - 1) * 100 * TICKS_PER_SECOND / ticks;
	put_strf(t, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

void fill_gpu(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	const struct w_gpu *g = gpu_peek(m);
	const struct h_gpu *c = gpu_count(m);
	if (!g->ring_dwords && !g->callback) {
		table_note(t, "the title has set up no ring and no interrupt routine");
		return;
	}
	put_hex(t, g->ring);
	put_u64(t, g->ring_dwords);
	put_u64(t, g->rptr);
	put_u64(t, g->wptr);
	put_u64(t, g->depth);
	put_wait(t, m);
	put_bool(t, g->hung);
	put_u64(t, c->kicks);
	put_u64(t, c->packets);
	put_u64(t, c->draws);
	put_u64(t, c->unknown);
	if (c->unknown)
		put_hex(t, c->unknown_opcode);
	else
		put_none(t);
	put_u64(t, c->waits);
	if (g->callback)
		put_code(t, m, g->callback);
	else
		put_none(t);
	put_u64(t, c->interrupts);
	put_u64(t, c->lost);
	put_u64(t, c->vblanks);
	put_u64(t, c->swaps);
	put_rate(t, c);
	if (!c->swaps) {
		for (unsigned i = 0; i < 3; i++)
			put_none(t);
		return;
	}
	put_cycles(t, c->last_swap);
	put_hex(t, c->front);
	put_strf(t, "%u x %u", c->width, c->height);
}

void fill_gpupackets(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	uint64_t last = gpu_count(m)->packets, first = last > GPU_PACKETS_KEPT ? last - GPU_PACKETS_KEPT : 0;
	for (uint64_t i = first; i < last; i++) {
		const struct h_gpu_packet *p = arena_peek(&m->history, m->t_gpu_packet, (uint32_t)(i % GPU_PACKETS_KEPT) + 1);
		const char *name = gpu_packet_name(p->header);
		uint32_t count = gpu_packet_dwords(p->header);
		char words[60] = "";
		size_t n = 0;
		for (uint32_t k = 0; k < count && k < ARRAY_LEN(p->dword); k++)
			n += (size_t)snprintf(words + n, sizeof words - n, "%s%08X", k ? " " : "", p->dword[k]);
		put_cycles(t, p->cycle);
		put_hex(t, p->at);
		put_u64(t, p->depth);
		if (name)
			put_str(t, name);
		else
			put_strf(t, "opcode %02X", p->header >> 8 & 0x7F);
		put_bool(t, p->skipped);
		put_u64(t, count);
		put_words(t, words);
	}
}

void fill_gpufences(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->history, m->t_gpu_fence); row++) {
		const struct h_gpu_fence *f = arena_peek(&m->history, m->t_gpu_fence, row);
		put_hex(t, f->at);
		put_hex(t, f->value);
		put_u64(t, f->times);
		put_cycles(t, f->cycle);
	}
}

void fill_audio(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row <= AUDIO_CLIENTS; row++) {
		const struct w_audio *a = audio_peek(m, row);
		const struct h_audio *c = audio_count(m, row);
		be32 argument;
		if (!a->callback)
			continue;
		put_hex(t, AUDIO_DRIVER | (row - 1));
		put_code(t, m, a->callback);
		if (mem_peek(&m->mem, a->cell_ga, &argument, sizeof argument) == MEM_OK)
			put_hex(t, be32_get(argument));
		else
			put_none(t);
		put_tid(t, thread_peek(m, a->thread)->tid);
		put_handle(t, slot_peek(m, a->slot)->handle, slot_peek(m, a->slot)->generation);
		put_s64(t, object_signal_state(m, a->object));
		put_u64(t, a->queued);
		put_u64(t, c->submitted);
		put_u64(t, c->played);
		put_u64(t, c->empty);
		put_str(t, a->queued ? "plays" : object_signal_state(m, a->object) ? "is asked" : "starves");
		if (audio_next(m, row) != DEADLINE_NEVER)
			put_cycles(t, audio_next(m, row) * CYCLES_PER_TICK);
		else
			put_none(t);
	}
}

/* "1F001000+4 valid": where, how many packets. */
static void put_input(struct table *t, const struct xma_context *x, uint32_t n)
{
	if (xma_get(x, xma_of(XMA_IN0, n)))
		put_strf(t, "%08X+%u%s", xma_get(x, xma_of(XMA_IN0, n)), xma_get(x, xma_of(XMA_IN0_PACKETS, n)),
			xma_get(x, xma_of(XMA_IN0_VALID, n)) ? " valid" : "");
	else
		put_none(t);
}

/* "0:2+32": the buffer, the packet, the bit in it. */
static void put_place(struct table *t, const struct xma_context *x)
{
	uint32_t at = xma_get(x, XMA_IN_READ);
	put_strf(t, "%u:%u+%u", xma_get(x, XMA_CURRENT), at / XMA_PACKET_BITS, at % XMA_PACKET_BITS);
}

static void put_loop(struct table *t, const struct xma_context *x)
{
	uint32_t n = xma_get(x, XMA_LOOP_COUNT);
	if (!n)
		put_none(t);
	else if (n == XMA_LOOP_FOR_EVER)
		put_str(t, "for ever");
	else
		put_strf(t, "%u", n);
}

void fill_xma(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t n = 0; n < XMA_CONTEXTS; n++) {
		const struct h_xma *h = xma_count(m, n);
		struct xma_context x = { 0 };
		if (!xma_taken(m, n))
			continue;
		(void)xma_read(m, n, &x);
		put_u64(t, n);
		put_hex(t, XMA_ARRAY + n * XMA_CONTEXT_BYTES);
		put_str(t, xma_state_text(h->state));
		put_cycles(t, h->since);
		put_input(t, &x, 0);
		put_input(t, &x, 1);
		put_place(t, &x);
		put_strf(t, "%08X+%u%s", xma_get(&x, XMA_OUT), xma_get(&x, XMA_OUT_BLOCKS), xma_get(&x, XMA_OUT_VALID) ? " valid" : "");
		put_u64(t, xma_get(&x, XMA_OUT_WRITE));
		put_u64(t, xma_get(&x, XMA_OUT_READ));
		put_loop(t, &x);
		put_u64(t, h->kicks);
		put_u64(t, h->packets);
		put_u64(t, h->frames);
		put_u64(t, h->blocks);
		if (h->frames)
			put_cycles(t, h->last);
		else
			put_none(t);
	}
}
