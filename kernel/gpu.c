/* kernel/gpu.c - see gpu.h: registers, the ring, the vertical blank. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "kernel/deadline.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/gpu_priv.h"
#include "kernel/stop.h"

#define WINDOW_SIZE 0x10000u
#define WINDOW_PHYSICAL 0xA0000000u
#define STEP_DWORDS 0x10000u /* read before one round; the rest before the next */

void gpu_layout(struct machine *m)
{
	m->t_gpu = arena_table_add(&m->world, "gpu", sizeof(struct w_gpu), 2);
	m->t_gpu_register =
		arena_table_add(&m->world, "gpu.register", sizeof(struct w_gpu_registers), GPU_REGISTERS / GPU_REGISTERS_ROW + 2);
	m->t_gpu_count = arena_table_add(&m->history, "gpu.count", sizeof(struct h_gpu), 2);
	m->t_gpu_packet = arena_table_add(&m->history, "gpu.packet", sizeof(struct h_gpu_packet), GPU_PACKETS_KEPT + 1);
	m->t_gpu_fence = arena_table_add(&m->history, "gpu.fence", sizeof(struct h_gpu_fence), GPU_FENCES_KEPT + 1);
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------ */

static uint32_t swapped(uint32_t v, unsigned how)
{
	switch (how & 3) {
	case 1: return (v << 8 & 0xFF00FF00) | (v >> 8 & 0x00FF00FF);
	case 2: return __builtin_bswap32(v);
	case 3: return v << 16 | v >> 16;
	default: return v;
	}
}

/* The guest address behind one of the command processor's. */
static uint32_t window(const struct machine *m, uint32_t at)
{
	uint32_t base = gpu_register(m, GPU_REG_WRITEBACK_BASE), size = gpu_register(m, GPU_REG_WRITEBACK_SIZE);
	if (at >= MEM_PHYSICAL_BYTES && base && (at & ~3u) - base < size && (at & ~3u) - base < MEM_LOCKED_CACHE - MEM_WRITEBACK)
		return MEM_WRITEBACK + (at & ~3u) - base;
	return WINDOW_PHYSICAL | (at & (MEM_PHYSICAL_BYTES - 1) & ~3u);
}

/* The title has said where it wants to see write-backs: it reads them there before the first one comes. */
static void writeback_commit(struct machine *m)
{
	uint32_t size = gpu_register(m, GPU_REG_WRITEBACK_SIZE), room = MEM_LOCKED_CACHE - MEM_WRITEBACK;
	if (!gpu_register(m, GPU_REG_WRITEBACK_BASE))
		return;
	for (uint32_t at = 0; at < size && at < room; at += MEM_PAGE) {
		uint32_t ga = MEM_WRITEBACK + at;
		if (mem_page_at(&m->mem, ga)->state == MEM_FREE)
			(void)!mem_commit(&m->mem, ga, MEM_PAGE, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_kernel, MEM_WRITEBACK);
	}
}

uint32_t gpu_load(const struct machine *m, uint32_t at)
{
	be32 v;
	if (mem_peek(&m->mem, window(m, at), &v, sizeof v) != MEM_OK)
		return 0;
	return swapped(__builtin_bswap32(be32_get(v)), at);
}

void gpu_store_bytes(struct machine *m, uint32_t at, const void *bytes, uint32_t size)
{
	(void)!mem_device_write(&m->mem, window(m, at), bytes, size);
}

void gpu_store(struct machine *m, uint32_t at, uint32_t value)
{
	be32 v = be32_of(__builtin_bswap32(swapped(value, at)));
	gpu_store_bytes(m, at, &v, sizeof v);
}

/* ---- registers --------------------------------------------------------------------------------------------------------------- */

uint32_t gpu_register(const struct machine *m, uint32_t reg)
{
	if (reg >= GPU_REGISTERS)
		return 0;
	const struct w_gpu_registers *r = arena_peek(&m->world, m->t_gpu_register, reg / GPU_REGISTERS_ROW + 1);
	return r->value[reg % GPU_REGISTERS_ROW];
}

static void put(struct machine *m, uint32_t reg, uint32_t value)
{
	arena_cover(&m->world, m->t_gpu_register, reg / GPU_REGISTERS_ROW + 1);
	struct w_gpu_registers *r = arena_row(&m->world, m->t_gpu_register, reg / GPU_REGISTERS_ROW + 1);
	r->value[reg % GPU_REGISTERS_ROW] = value;
}

void gpu_register_put(struct machine *m, uint32_t reg, uint32_t value)
{
	if (reg >= GPU_REGISTERS)
		return;
	if (reg == GPU_REG_COHER_STATUS)
		value = 0; /* a flush of caches takes no time: it is never seen busy */
	put(m, reg, value);
	if (reg == GPU_REG_WRITEBACK_BASE || reg == GPU_REG_WRITEBACK_SIZE)
		writeback_commit(m);
	if (reg >= GPU_REG_SCRATCH && reg < GPU_REG_SCRATCH + 8 &&
		gpu_register(m, GPU_REG_SCRATCH_UMSK) >> (reg - GPU_REG_SCRATCH) & 1)
		gpu_store(m, ((gpu_register(m, GPU_REG_SCRATCH_ADDR) & ~3u) + 4 * (reg - GPU_REG_SCRATCH)) | 2, value);
}

/* What reads as something that nobody wrote (facts). */
static const struct {
	uint32_t reg, value;
} fixed[] = {
	{ 0x0F00, 0x08100748 }, { 0x0F01, 0x0000200E }, /* EDRAM training */
	{ 0x194C, GPU_DISPLAY_HEIGHT },                         /* D1MODE_V_COUNTER */
	{ 0x1951, 1 },                                  /* D1MODE_VBLANK_VLINE_STATUS: in the vertical blank */
	{ 0x1961, GPU_DISPLAY_WIDTH << 16 | GPU_DISPLAY_HEIGHT },                         /* AVIVO_D1MODE_VIEWPORT_SIZE: 1280 x 720 */
};

static bool device_read(void *ctx, uint32_t ga, unsigned size, uint64_t *value)
{
	const struct machine *m = ctx;
	uint32_t reg = (ga - GPU_WINDOW) / 4;
	if (size != 4)
		return false;
	*value = reg == GPU_REG_RB_WPTR       ? gpu_peek(m)->wptr
		 : reg == GPU_REG_RB_WPTR - 1 ? gpu_peek(m)->rptr
					      : gpu_register(m, reg);
	for (unsigned i = 0; i < ARRAY_LEN(fixed); i++)
		if (reg == fixed[i].reg)
			*value = fixed[i].value;
	return true;
}

static bool device_write(void *ctx, uint32_t ga, unsigned size, uint64_t value)
{
	struct machine *m = ctx;
	uint32_t reg = (ga - GPU_WINDOW) / 4;
	if (size != 4)
		return false;
	if (reg != GPU_REG_RB_WPTR) {
		gpu_register_put(m, reg, (uint32_t)value);
		return true;
	}
	gpu_row(m)->wptr = (uint32_t)value;
	gpu_count_row(m)->kicks++;
	if (!gpu_peek(m)->waiting)
		deadline_set_source(m, SOURCE_GPU, machine_ticks(m));
	return true;
}

void gpu_attach(struct machine *m)
{
	mem_device_add(&m->mem, &(struct mem_device){ .base = GPU_WINDOW,
					.size = WINDOW_SIZE,
					.read = device_read,
					.write = device_write,
					.ctx = m,
					.name = "gpu" });
}

/* ---- the ring ---------------------------------------------------------------------------------------------------------------- */

void gpu_ring_set(struct machine *m, uint32_t physical, uint32_t dwords)
{
	struct w_gpu *g = gpu_row(m);
	g->ring = physical & (MEM_PHYSICAL_BYTES - 1);
	g->ring_dwords = dwords;
	g->rptr = g->wptr = g->depth = g->waiting = g->hung = 0;
	g->bin_mask = g->bin_select = UINT32_MAX; /* nothing is left out until the title says so (Xenia) */
	for (uint32_t i = 0; i < dwords; i++)
		gpu_store(m, g->ring + 4 * i, 0);
	deadline_cancel_source(m, SOURCE_GPU);
}

void gpu_writeback_set(struct machine *m, uint32_t physical)
{
	gpu_row(m)->writeback = physical & (MEM_PHYSICAL_BYTES - 1) & ~3u;
}

void gpu_hang(struct machine *m, const char *fmt, ...)
{
	char text[200], what[160];
	struct w_gpu *g = gpu_row(m);
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	snprintf(text, sizeof text, "the command processor hangs: %s", what);
	g->hung = 1;
	g->waiting = 0;
	stop_plain(m, STOP_GPU, 0, 0, text);
}

void gpu_enter(struct machine *m, uint32_t at, uint32_t dwords)
{
	struct w_gpu *g = gpu_row(m);
	if (!dwords)
		return;
	if (g->depth == GPU_BUFFERS) {
		gpu_hang(m, "indirect buffer %08X lies within %u others", at, GPU_BUFFERS);
		return;
	}
	g->buffer[g->depth++] = (struct w_gpu_buffer){ at & (MEM_PHYSICAL_BYTES - 1) & ~3u, dwords };
}

/* Where the next dword lies, and how many there are to its buffer's end; those that have ended are left. False: all is read. */
static bool place(struct w_gpu *g, uint32_t *at, uint32_t *left)
{
	while (g->depth && !g->buffer[g->depth - 1].left)
		g->depth--;
	if (g->depth) {
		*at = g->buffer[g->depth - 1].at;
		*left = g->buffer[g->depth - 1].left;
		return true;
	}
	if (!g->ring_dwords || g->rptr == g->wptr)
		return false;
	*at = g->ring + 4 * g->rptr;
	*left = g->wptr > g->rptr ? g->wptr - g->rptr : g->wptr + g->ring_dwords - g->rptr;
	return true;
}

/* The dword at hand is read. */
static void advance(struct w_gpu *g)
{
	if (g->depth) {
		g->buffer[g->depth - 1].at += 4;
		g->buffer[g->depth - 1].left--;
	} else {
		g->rptr = g->rptr + 1 == g->ring_dwords ? 0 : g->rptr + 1;
	}
}

static bool fetch(struct machine *m, uint32_t *dword)
{
	struct w_gpu *g = gpu_row(m);
	uint32_t at, left;
	be32 v;
	if (!place(g, &at, &left) || mem_peek(&m->mem, window(m, at), &v, sizeof v) != MEM_OK)
		return false;
	*dword = be32_get(v);
	advance(g);
	return true;
}

uint32_t gpu_next(struct machine *m, struct gpu_packet *p)
{
	uint32_t v = 0;
	if (p->left) {
		p->left--;
		if (!fetch(m, &v) && !gpu_peek(m)->hung)
			gpu_hang(m, "a packet's dword cannot be read");
	}
	return v;
}

static void remember(struct machine *m, uint32_t at, const struct gpu_packet *p, bool skipped)
{
	uint32_t row = (uint32_t)(gpu_count_row(m)->packets++ % GPU_PACKETS_KEPT) + 1;
	arena_cover(&m->history, m->t_gpu_packet, row);
	struct h_gpu_packet *h = arena_row(&m->history, m->t_gpu_packet, row);
	const struct w_gpu *g = gpu_peek(m);
	*h = (struct h_gpu_packet){
		.cycle = machine_cycle(m), .at = at, .header = p->header, .depth = g->depth, .skipped = skipped
	};
	for (uint32_t i = 0; i < ARRAY_LEN(h->dword) && i < p->count; i++) {
		uint32_t next = g->depth ? at + 4 + 4 * i : g->ring + 4 * ((at - g->ring) / 4 + 1 + i) % (4 * g->ring_dwords);
		h->dword[i] = gpu_load(m, next | 2);
	}
	struct event ev;
	if (emit_begin(m, &ev, EV_GPU_PACKET, 0)) {
		ev.aux[0] = p->header >> 30 == 3 ? p->header >> 8 & 0x7F : 0;
		ev.aux[1] = at;
		ev.aux[2] = p->count;
		ev.aux[3] = h->dword[0];
		const char *name = gpu_packet_name(p->header);
		if (name)
			memcpy(ev.object_name, name, strlen(name));
		event_emit(&m->events, &ev);
	}
}

/* Reads one packet and executes it. Returns its dwords; 0: there is no whole one, or it hangs. */
static uint32_t packet(struct machine *m)
{
	struct w_gpu *g = gpu_row(m);
	struct gpu_packet p = { 0 };
	uint32_t at, left;
	be32 first;
	if (g->hung || !place(g, &at, &left))
		return 0;
	if (g->wptr >= g->ring_dwords) {
		gpu_hang(m, "write pointer %X, and the ring has %X dwords", g->wptr, g->ring_dwords);
		return 0;
	}
	if (mem_peek(&m->mem, window(m, at), &first, sizeof first) != MEM_OK) {
		gpu_hang(m, "no memory at physical address %08X", at);
		return 0;
	}
	p.header = be32_get(first);
	p.count = gpu_packet_dwords(p.header);
	if (p.count >= left && !g->depth)
		return 0; /* the rest will come */
	if (p.count >= left) {
		gpu_hang(m, "packet %08X at %08X has %u dwords, and %u are left", p.header, at, p.count, left - 1);
		return 0;
	}
	bool skipped = p.header >> 30 == 3 && p.header & 1 && !(g->bin_mask & g->bin_select);
	if (p.header >> 30 != 2 && p.header) /* what only fills is no packet to speak of */
		remember(m, at, &p, skipped);
	advance(g);
	p.left = p.count;
	uint32_t depth = g->depth;
	if (!skipped)
		gpu_execute(m, &p);
	INVARIANT(g->depth == depth || !p.left); /* who enters a buffer has read its packet */
	while (p.left && !g->hung)
		gpu_next(m, &p);
	return g->hung ? 0 : p.count + 1;
}

/* DEBT(gpu-time): packets take no time, so a title never finds the command processor behind. */
void source_GPU(struct machine *m, uint64_t due)
{
	struct w_gpu *g = gpu_row(m);
	uint32_t dwords = 0, n = 1;
	(void)due;
	for (; n && !g->waiting && dwords < STEP_DWORDS; dwords += n)
		n = packet(m);
	if (g->writeback)
		gpu_store(m, g->writeback | 2, g->rptr);
	if (n && !g->waiting)
		deadline_set_source(m, SOURCE_GPU, machine_ticks(m) + 1);
}

void gpu_look(struct machine *m)
{
	const struct w_gpu *g = gpu_peek(m);
	if (LIKELY(!g->waiting) || !gpu_holds(m, g->wait_info, g->wait_at, g->wait_reference, g->wait_mask))
		return;
	emit_plain4(m, EV_GPU_WAKE, 0, (uint64_t[4]){ g->wait_at, g->wait_reference, g->wait_mask, g->wait_info });
	gpu_row(m)->waiting = 0;
	source_GPU(m, machine_ticks(m));
}

/* ---- interrupts -------------------------------------------------------------------------------------------------------------- */

void gpu_interrupt(struct machine *m, uint32_t hw, uint32_t source)
{
	const struct w_gpu *g = gpu_peek(m);
	bool raised = g->callback && interrupt_raise(m, hw, g->callback, source, g->data);
	struct h_gpu *c = gpu_count_row(m);
	c->lost += !raised;
	c->interrupts += raised;
}

static uint64_t vblank_due(uint64_t number)
{
	return number * TICKS_PER_SECOND / GPU_VBLANKS_PER_SECOND;
}

void source_VBLANK(struct machine *m, uint64_t due)
{
	struct w_gpu *g = gpu_row(m);
	(void)due;
	gpu_count_row(m)->vblanks++;
	gpu_interrupt(m, GPU_VBLANK_HW, 0);
	g->vblank++;
	deadline_set_source(m, SOURCE_VBLANK, vblank_due(g->vblank));
}

void gpu_callback_set(struct machine *m, uint32_t routine, uint32_t data)
{
	struct w_gpu *g = gpu_row(m);
	g->callback = routine;
	g->data = data;
	if (!routine) {
		deadline_cancel_source(m, SOURCE_VBLANK);
	} else if (deadline_of_source(m, SOURCE_VBLANK) == DEADLINE_NEVER) {
		g->vblank = machine_ticks(m) * GPU_VBLANKS_PER_SECOND / TICKS_PER_SECOND + 1;
		deadline_set_source(m, SOURCE_VBLANK, vblank_due(g->vblank));
	}
}
