/* kernel/gpu_packet.c - see gpu.h: what each packet does. */
#include "config.h"

#include <stdio.h>

#include "kernel/emit.h"
#include "kernel/gpu_priv.h"
#include "kernel/standstill.h"

#define REG_SAMPLE_COUNT_ADDR 0x2325u /* RB_SAMPLE_COUNT_ADDR */
#define SAMPLES_UNKNOWN 0xFFFFFEEDu   /* put there by the title: no answer yet */
#define SAMPLES_ANSWER 1000u          /* something was seen: nothing is drawn here, and a title that gets 0 would hide it */

#define ARGS struct machine *m, struct gpu_packet *p

static void packet_skip(ARGS)
{
	(void)m, (void)p;
}

static void packet_draw(ARGS)
{
	(void)p;
	gpu_count_row(m)->draws++;
}

static void packet_reg_rmw(ARGS)
{
	uint32_t info = gpu_next(m, p), and = gpu_next(m, p), or = gpu_next(m, p), reg = info & 0x1FFF;
	if (info >> 31)
		and = gpu_register(m, and&0x1FFF);
	if (info >> 30 & 1)
		or = gpu_register(m, or &0x1FFF);
	gpu_register_put(m, reg, (gpu_register(m, reg) & and) | or);
}

/* Where the constants of a kind begin; 0 = no such kind. */
static uint32_t constants(uint32_t kind)
{
	static const uint32_t base[] = { GPU_CONSTANTS, GPU_CONSTANTS_FETCH, 0x4900, 0x4908, 0x2000 };
	return kind < ARRAY_LEN(base) ? base[kind] : 0;
}

static void packet_set_constant(ARGS)
{
	uint32_t where = gpu_next(m, p), base = constants(where >> 16 & 0xFF), reg = base + (where & 0x7FF);
	while (base && p->left)
		gpu_register_put(m, reg++, gpu_next(m, p));
}

static void packet_set_registers(ARGS)
{
	uint32_t reg = gpu_next(m, p) & 0xFFFF;
	while (p->left)
		gpu_register_put(m, reg++, gpu_next(m, p));
}

static void packet_load_constant(ARGS)
{
	uint32_t at = gpu_next(m, p) & ~3u, where = gpu_next(m, p), n = gpu_next(m, p) & 0xFFF,
		 base = constants(where >> 16 & 0xFF);
	for (uint32_t i = 0; base && i < n; i++)
		gpu_register_put(m, base + (where & 0x7FF) + i, gpu_load(m, (at + 4 * i) | 2));
}

static void packet_indirect(ARGS)
{
	uint32_t at = gpu_next(m, p), dwords = gpu_next(m, p) & 0xFFFFF;
	while (p->left)
		gpu_next(m, p);
	gpu_enter(m, at, dwords);
}

/* ---- conditions -------------------------------------------------------------------------------------------------------------- */

static bool in_memory(uint32_t info)
{
	return info >> 4 & 1;
}

static uint32_t polled(const struct machine *m, uint32_t info, uint32_t at)
{
	return in_memory(info) ? gpu_load(m, at) : gpu_register(m, at & 0x7FFF);
}

bool gpu_holds(const struct machine *m, uint32_t info, uint32_t at, uint32_t reference, uint32_t mask)
{
	uint32_t value = polled(m, info, at) & mask;
	switch (info & 7) {
	case 0: return false;
	case 1: return value < reference;
	case 2: return value <= reference;
	case 3: return value == reference;
	case 4: return value != reference;
	case 5: return value >= reference;
	case 6: return value > reference;
	default: return true;
	}
}

void gpu_wait_text(const struct machine *m, char *buf, size_t size)
{
	static const char *const relation[] = { "never holds:", "<", "<=", "==", "!=", ">=", ">", "always" };
	const struct w_gpu *g = gpu_peek(m);
	bool memory = in_memory(g->wait_info);
	snprintf(buf, size, "%s%X%s & %X %s %X, and it is %X", memory ? "[" : "register ", g->wait_at & (memory ? ~3u : 0x7FFFu),
		memory ? "]" : "", g->wait_mask, relation[g->wait_info & 7], g->wait_reference,
		polled(m, g->wait_info, g->wait_at) & g->wait_mask);
}

static void packet_wait(ARGS)
{
	uint32_t info = gpu_next(m, p), at = gpu_next(m, p), reference = gpu_next(m, p), mask = gpu_next(m, p);
	while (p->left)
		gpu_next(m, p);
	if (gpu_holds(m, info, at, reference, mask))
		return;
	struct w_gpu *g = gpu_row(m);
	g->waiting = 1;
	g->wait_info = info;
	g->wait_at = at;
	g->wait_reference = reference;
	g->wait_mask = mask;
	g->wait_since = machine_cycle(m);
	gpu_count_row(m)->waits++;
	emit_plain4(m, EV_GPU_WAIT, 0, (uint64_t[4]){ at, reference, mask, info });
}

static void packet_cond_write(ARGS)
{
	uint32_t info = gpu_next(m, p), at = gpu_next(m, p), reference = gpu_next(m, p), mask = gpu_next(m, p);
	uint32_t to = gpu_next(m, p), value = gpu_next(m, p);
	if (!gpu_holds(m, info, at, reference, mask))
		return;
	if (info >> 8 & 1)
		gpu_store(m, to, value);
	else
		gpu_register_put(m, to & 0x7FFF, value);
}

/* ---- stores ------------------------------------------------------------------------------------------------------------------ */

static void packet_reg_to_mem(ARGS)
{
	uint32_t reg = gpu_next(m, p) & 0x7FFF, to = gpu_next(m, p);
	gpu_store(m, to, gpu_register(m, reg));
}

static void packet_mem_write(ARGS)
{
	uint32_t to = gpu_next(m, p);
	for (; p->left; to += 4)
		gpu_store(m, to, gpu_next(m, p));
}

static void initiate(struct machine *m, uint32_t initiator)
{
	gpu_register_put(m, GPU_REG_INITIATOR, initiator & 0x3F);
}

static void packet_event_write(ARGS)
{
	initiate(m, gpu_next(m, p));
}

static void fence_note(struct machine *m, uint32_t at, uint32_t value)
{
	uint32_t row = 1;
	while (row <= GPU_FENCES_KEPT && row < arena_count(&m->history, m->t_gpu_fence) &&
		((const struct h_gpu_fence *)arena_peek(&m->history, m->t_gpu_fence, row))->at != at)
		row++;
	if (row > GPU_FENCES_KEPT)
		return;
	arena_cover(&m->history, m->t_gpu_fence, row);
	struct h_gpu_fence *f = arena_row(&m->history, m->t_gpu_fence, row);
	*f = (struct h_gpu_fence){ .cycle = machine_cycle(m), .times = f->times + 1, .at = at, .value = value };
}

static void packet_fence(ARGS)
{
	uint32_t initiator = gpu_next(m, p), to = gpu_next(m, p), value = gpu_next(m, p);
	initiate(m, initiator);
	if (initiator >> 31)
		value = gpu_peek(m)->counter;
	gpu_store(m, to, value);
	fence_note(m, to & ~3u, value);
	emit_plain4(m, EV_GPU_FENCE, 0, (uint64_t[4]){ to & ~3u, value, 0, 0 });
}

/* The rectangle that was drawn to, in units of 8 pixels: all of it. */
static void packet_extent(ARGS)
{
	static const uint16_t all[6] = { 0, 0x400, 0, 0x400, 0, 1 };
	be16 out[6];
	initiate(m, gpu_next(m, p));
	for (unsigned i = 0; i < 6; i++)
		out[i] = be16_of(all[i]);
	gpu_store_bytes(m, gpu_next(m, p) & ~3u, out, sizeof out);
}

/* DEBT(gpu-samples): the answer is invented.
 * The samples that passed: total, failed, passed, of which the title looks at those that it has marked. */
static void packet_samples(ARGS)
{
	initiate(m, gpu_next(m, p));
	uint32_t at = gpu_register(m, REG_SAMPLE_COUNT_ADDR) & ~3u;
	for (unsigned i = 0; at && i < 8; i++)
		if (gpu_load(m, at + 4 * i) == SAMPLES_UNKNOWN)
			gpu_store(m, at + 4 * i, i == 0 || i == 4 ? SAMPLES_ANSWER : 0);
}

/* ---- state ------------------------------------------------------------------------------------------------------------------- */

static void low(uint64_t *v, uint32_t dword)
{
	*v = (*v & ~(uint64_t)UINT32_MAX) | dword;
}

static void high(uint64_t *v, uint32_t dword)
{
	*v = (*v & UINT32_MAX) | (uint64_t)dword << 32;
}

static void packet_bin_mask(ARGS)
{
	high(&gpu_row(m)->bin_mask, gpu_next(m, p));
	low(&gpu_row(m)->bin_mask, gpu_next(m, p));
}

static void packet_bin_select(ARGS)
{
	high(&gpu_row(m)->bin_select, gpu_next(m, p));
	low(&gpu_row(m)->bin_select, gpu_next(m, p));
}

static void packet_bin_mask_lo(ARGS)
{
	low(&gpu_row(m)->bin_mask, gpu_next(m, p));
}

static void packet_bin_mask_hi(ARGS)
{
	high(&gpu_row(m)->bin_mask, gpu_next(m, p));
}

static void packet_bin_select_lo(ARGS)
{
	low(&gpu_row(m)->bin_select, gpu_next(m, p));
}

static void packet_bin_select_hi(ARGS)
{
	high(&gpu_row(m)->bin_select, gpu_next(m, p));
}

static void packet_interrupt(ARGS)
{
	uint32_t mask = gpu_next(m, p);
	for (uint32_t hw = 0; hw < HW_THREADS; hw++)
		if (mask >> hw & 1)
			gpu_interrupt(m, hw, 1);
}

static void packet_swap(ARGS)
{
	struct h_gpu *c = gpu_count_row(m);
	(void)gpu_next(m, p); /* "SWAP" */
	c->front = gpu_next(m, p);
	c->width = gpu_next(m, p);
	c->height = gpu_next(m, p);
	c->last_swap = machine_cycle(m);
	if (!c->swaps++)
		c->first_swap = c->last_swap;
	gpu_row(m)->counter++;
	standstill_progress(m); /* the picture moves */
	emit_plain4(m, EV_GPU_SWAP, 0, (uint64_t[4]){ c->front, c->width, c->height, c->swaps });
}

/* ---- dispatch ---------------------------------------------------------------------------------------------------------------- */

static const struct {
	uint8_t opcode;
	const char *name;
	void (*execute)(ARGS);
} packets[] = {
#define PACKET(opcode, name, effect) { opcode, #name, packet_##effect },
#include "kernel/gpu_packet.def"
#undef PACKET
};

static int find(uint32_t header)
{
	for (unsigned i = 0; i < ARRAY_LEN(packets); i++)
		if (packets[i].opcode == (header >> 8 & 0x7F))
			return (int)i;
	return -1;
}

uint32_t gpu_packet_dwords(uint32_t header)
{
	switch (header >> 30) {
	case 0: return header ? (header >> 16 & 0x3FFF) + 1 : 0; /* a zero dword fills */
	case 1: return 2;
	case 2: return 0;
	default: return (header >> 16 & 0x3FFF) + 1;
	}
}

const char *gpu_packet_name(uint32_t header)
{
	static const char *const plain[] = { "TYPE0", "TYPE1", "TYPE2" };
	if (header >> 30 < 3)
		return plain[header >> 30];
	int i = find(header);
	return i < 0 ? NULL : packets[i].name;
}

static void registers(struct machine *m, struct gpu_packet *p)
{
	bool same = p->header >> 15 & 1;
	for (uint32_t reg = p->header & 0x7FFF; p->left; reg += !same)
		gpu_register_put(m, reg, gpu_next(m, p));
}

void gpu_execute(struct machine *m, struct gpu_packet *p)
{
	int i = p->header >> 30 == 3 ? find(p->header) : -1;
	if (p->header >> 30 == 0) {
		registers(m, p);
	} else if (p->header >> 30 == 1) {
		gpu_register_put(m, p->header & 0x7FF, gpu_next(m, p));
		gpu_register_put(m, p->header >> 11 & 0x7FF, gpu_next(m, p));
	} else if (i >= 0) {
		packets[i].execute(m, p);
	} else if (p->header >> 30 == 3) {
		gpu_count_row(m)->unknown++;
		gpu_count_row(m)->unknown_opcode = p->header >> 8 & 0x7F;
	}
}
