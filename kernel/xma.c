/* kernel/xma.c - see xma.h: registers, which contexts are taken and which work, and when. */
#include "config.h"

#include "kernel/xma.h"

#include "kernel/deadline.h"
#include "kernel/emit.h"
#include "kernel/rows.h"

#define WINDOW_SIZE 0x10000u
#define ARRAY_BYTES (((XMA_CONTEXTS * XMA_CONTEXT_BYTES) + MEM_PAGE - 1) & ~(MEM_PAGE - 1))
#define REGISTERS (WINDOW_SIZE / 4)
/* DEBT(xma-decoder): the decoder keeps 256 channels of 48 kHz going (the console's presentation at CEDEC 2005), one context after the other, a
 * frame at a time: so one channel's frame takes 1/256 of its own time, 41.7 us. */
#define CHANNELS_AT_ONCE 256u
#define SAMPLE_RATE 48000u

void xma_layout(struct machine *m)
{
	m->t_xma = arena_table_add(&m->world, "xma", sizeof(struct w_xma), 2);
	m->t_xma_context = arena_table_add(&m->world, "xma.context", sizeof(struct w_xma_context), XMA_CONTEXTS + 1);
	m->t_xma_register =
		arena_table_add(&m->world, "xma.register", sizeof(struct w_xma_registers), REGISTERS / XMA_REGISTERS_ROW + 1);
	m->t_xma_count = arena_table_add(&m->history, "xma.count", sizeof(struct h_xma), XMA_CONTEXTS + 1);
}

static struct w_xma *xma_row(struct machine *m)
{
	arena_cover(&m->world, m->t_xma, 1);
	return arena_row(&m->world, m->t_xma, 1);
}

struct w_xma_context *xma_context_row(struct machine *m, uint32_t n)
{
	arena_cover(&m->world, m->t_xma_context, n + 1);
	return arena_row(&m->world, m->t_xma_context, n + 1);
}

struct h_xma *xma_count_row(struct machine *m, uint32_t n)
{
	arena_cover(&m->history, m->t_xma_count, n + 1);
	return arena_row(&m->history, m->t_xma_count, n + 1);
}

static void bit_set(uint32_t *bits, uint32_t n)
{
	bits[n / 32] |= 1u << n % 32;
}

static void bit_clear(uint32_t *bits, uint32_t n)
{
	bits[n / 32] &= ~(1u << n % 32);
}

/* ---- contexts ---------------------------------------------------------------------------------------------------------------- */

static const struct {
	uint8_t dword, bit, bits;
} fields[] = {
#define FIELD(id, dword, bit, bits) { dword, bit, bits },
	XMA_FIELDS(FIELD)
#undef FIELD
};

static uint32_t field_mask(enum xma_field f)
{
	return UINT32_MAX >> (32 - fields[f].bits);
}

unsigned xma_dword(enum xma_field f)
{
	return fields[f].dword;
}

uint32_t xma_get(const struct xma_context *x, enum xma_field f)
{
	return x->dword[fields[f].dword] >> fields[f].bit & field_mask(f);
}

void xma_set(struct xma_context *x, enum xma_field f, uint32_t value)
{
	uint32_t *d = &x->dword[fields[f].dword];
	*d = (*d & ~(field_mask(f) << fields[f].bit)) | (value & field_mask(f)) << fields[f].bit;
}

const char *xma_state_text(unsigned state)
{
	static const char *const text[] = {
#define XMA_STATE(id, word) word,
		XMA_STATES(XMA_STATE)
#undef XMA_STATE
	};
	return state < ARRAY_LEN(text) ? text[state] : "?";
}

bool xma_read(const struct machine *m, uint32_t n, struct xma_context *x)
{
	be32 dword[XMA_DWORDS];
	if (mem_peek(&m->mem, XMA_ARRAY + n * XMA_CONTEXT_BYTES, dword, sizeof dword) != MEM_OK)
		return false;
	for (unsigned i = 0; i < XMA_DWORDS; i++)
		x->dword[i] = be32_get(dword[i]);
	return true;
}

uint32_t xma_working(const struct machine *m)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < XMA_WORDS; i++)
		n += (uint32_t)__builtin_popcount(xma_peek(m)->works[i]);
	return n;
}

/* The time of what happens within a round is its begin: how the run is cut into slices does not show. */
static uint64_t now(const struct machine *m)
{
	return machine_row(m)->cycle / CYCLES_PER_TICK;
}

static void state_set(struct machine *m, uint32_t n, enum xma_state state)
{
	struct h_xma *h = xma_count_row(m, n);
	h->state = state;
	h->since = machine_row(m)->cycle;
}

static void zero(struct machine *m, uint32_t n)
{
	static const uint8_t zeros[XMA_CONTEXT_BYTES];
	(void)!mem_device_write(&m->mem, XMA_ARRAY + n * XMA_CONTEXT_BYTES, zeros, sizeof zeros);
	*xma_context_row(m, n) = (struct w_xma_context){ 0 };
}

uint32_t xma_create(struct machine *m)
{
	struct w_xma *w = xma_row(m);
	uint32_t n = 0;
	if (!w->mapped &&
		mem_commit(&m->mem, XMA_ARRAY, ARRAY_BYTES, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_kernel, XMA_ARRAY) != ST_OK)
		return 0;
	w->mapped = 1;
	while (n < XMA_CONTEXTS && xma_bit(w->taken, n))
		n++;
	if (n == XMA_CONTEXTS)
		return 0;
	bit_set(w->taken, n);
	zero(m, n);
	*xma_count_row(m, n) = (struct h_xma){ .since = machine_row(m)->cycle };
	return XMA_ARRAY + n * XMA_CONTEXT_BYTES;
}

bool xma_number(const struct machine *m, uint32_t ga, uint32_t *n)
{
	uint32_t physical;
	if (!xma_peek(m)->mapped || !mem_physical(&m->mem, ga, &physical) || physical < XMA_ARRAY_PHYSICAL)
		return false;
	*n = (physical - XMA_ARRAY_PHYSICAL) / XMA_CONTEXT_BYTES;
	return *n < XMA_CONTEXTS && !(physical % XMA_CONTEXT_BYTES);
}

void xma_release(struct machine *m, uint32_t thread, uint32_t n)
{
	xma_lock(m, thread, n);
	bit_clear(xma_row(m)->taken, n);
	zero(m, n);
}

/* ---- time -------------------------------------------------------------------------------------------------------------------- */

/* The decoder is told that there is work. */
static void wake(struct machine *m)
{
	if (deadline_of_source(m, SOURCE_XMA) == DEADLINE_NEVER)
		deadline_set_source(m, SOURCE_XMA, now(m));
}

static void kicked(struct machine *m, uint32_t n)
{
	bit_set(xma_row(m)->works, n);
	xma_count_row(m, n)->kicks++;
	state_set(m, n, XMA_WORKS);
	wake(m);
}

static void emit_kick(struct machine *m, uint32_t thread, uint32_t n)
{
	struct xma_context x = { 0 };
	(void)xma_read(m, n, &x);
	emit_plain4(m, EV_XMA_KICK, thread, (uint64_t[4]){ n, xma_get(&x, XMA_IN_READ), xma_get(&x, XMA_OUT_WRITE), 0 });
}

void xma_kick(struct machine *m, uint32_t thread, uint32_t n)
{
	if (!xma_taken(m, n))
		return;
	emit_kick(m, thread, n);
	kicked(m, n);
}

/* It is at work no more. */
static void left(struct machine *m, uint32_t thread, uint32_t n, enum xma_state why)
{
	struct xma_context x = { 0 };
	struct event ev;
	(void)xma_read(m, n, &x);
	state_set(m, n, why);
	if (!emit_begin(m, &ev, EV_XMA_DONE, thread))
		return;
	ev.aux[0] = n;
	ev.aux[1] = xma_get(&x, XMA_IN_READ);
	ev.aux[2] = xma_get(&x, XMA_OUT_WRITE);
	ev.aux[3] = xma_count(m, n)->frames;
	memcpy(ev.object_name, xma_state_text(why), strlen(xma_state_text(why)));
	event_emit(&m->events, &ev);
}

void xma_lock(struct machine *m, uint32_t thread, uint32_t n)
{
	if (!xma_works(m, n))
		return;
	bit_clear(xma_row(m)->works, n);
	left(m, thread, n, XMA_LOCKED);
}

void xma_clear(struct machine *m, uint32_t n)
{
	struct xma_context x;
	if (!xma_peek(m)->mapped || !xma_read(m, n, &x))
		return;
	xma_set(&x, XMA_IN0_VALID, 0);
	xma_set(&x, XMA_IN1_VALID, 0);
	xma_set(&x, XMA_OUT_VALID, 0);
	xma_set(&x, XMA_IN_READ, XMA_HEADER_BITS);
	xma_set(&x, XMA_OUT_READ, 0);
	xma_set(&x, XMA_OUT_WRITE, 0);
	be32 dword[XMA_DWORDS];
	for (unsigned i = 0; i < XMA_DWORDS; i++)
		dword[i] = be32_of(x.dword[i]);
	(void)!mem_device_write(&m->mem, XMA_ARRAY + n * XMA_CONTEXT_BYTES, dword, sizeof dword);
	*xma_context_row(m, n) = (struct w_xma_context){ 0 };
}

/* What was done by registers, between two instructions of which nobody could be told: now. */
static void tell(struct machine *m)
{
	struct w_xma *w = xma_row(m);
	for (uint32_t n = 0; n < XMA_CONTEXTS; n++) {
		bool told = xma_bit(w->told, n), works = xma_works(m, n);
		if (told && !works)
			emit_kick(m, 0, n);
		if (xma_bit(w->stopped, n))
			left(m, 0, n, XMA_LOCKED);
		if (told && works) {
			emit_kick(m, 0, n);
			state_set(m, n, XMA_WORKS);
		}
	}
	memset(w->told, 0, sizeof w->told);
	memset(w->stopped, 0, sizeof w->stopped);
	w->tell = 0;
}

/* The next one at work behind the one that had its turn; XMA_CONTEXTS = none. */
static uint32_t next_at_work(const struct machine *m, uint32_t last)
{
	for (uint32_t i = 1; i <= XMA_CONTEXTS; i++)
		if (xma_works(m, (last + i) % XMA_CONTEXTS))
			return (last + i) % XMA_CONTEXTS;
	return XMA_CONTEXTS;
}

static uint64_t frame_ticks(const struct machine *m, uint32_t n)
{
	struct xma_context x = { 0 };
	(void)xma_read(m, n, &x);
	return (uint64_t)XMA_FRAME_SAMPLES * TICKS_PER_SECOND / SAMPLE_RATE / CHANNELS_AT_ONCE << xma_get(&x, XMA_STEREO);
}

/* A frame is done, and the next one is begun; without work the decoder sleeps. */
void source_XMA(struct machine *m, uint64_t due)
{
	struct w_xma *w = xma_row(m);
	if (w->tell)
		tell(m);
	if (w->busy && xma_works(m, w->turn)) {
		enum xma_state s = xma_step(m, w->turn);
		if (s != XMA_WORKS) {
			bit_clear(w->works, w->turn);
			left(m, 0, w->turn, s);
		}
	}
	uint32_t n = next_at_work(m, w->turn);
	w->busy = n < XMA_CONTEXTS;
	if (!w->busy)
		return;
	w->turn = n;
	deadline_set_source(m, SOURCE_XMA, due + frame_ticks(m, n));
}

/* ---- registers --------------------------------------------------------------------------------------------------------------- */

static uint32_t register_get(const struct machine *m, uint32_t reg)
{
	const struct w_xma_registers *r = arena_peek(&m->world, m->t_xma_register, reg / XMA_REGISTERS_ROW + 1);
	return r->value[reg % XMA_REGISTERS_ROW];
}

static void register_put(struct machine *m, uint32_t reg, uint32_t value)
{
	arena_cover(&m->world, m->t_xma_register, reg / XMA_REGISTERS_ROW + 1);
	struct w_xma_registers *r = arena_row(&m->world, m->t_xma_register, reg / XMA_REGISTERS_ROW + 1);
	r->value[reg % XMA_REGISTERS_ROW] = value;
}

/* Titles read it until it has gone on from a context that they have locked. */
static uint32_t current_next(struct machine *m)
{
	struct w_xma *w = xma_row(m);
	w->current = (w->current + 1) % XMA_CONTEXTS;
	return w->current;
}

static bool device_read(void *ctx, uint32_t ga, unsigned size, uint64_t *value)
{
	struct machine *m = ctx;
	uint32_t reg = (ga - XMA_WINDOW) / 4;
	if (size != 4)
		return false;
	*value = __builtin_bswap32(reg == XMA_REG_ARRAY     ? XMA_ARRAY_PHYSICAL
				   : reg == XMA_REG_CURRENT ? current_next(m)
				   : reg == XMA_REG_NEXT    ? (xma_peek(m)->current + 1) % XMA_CONTEXTS
							    : register_get(m, reg));
	return true;
}

static void by_register(struct machine *m, uint32_t command, uint32_t n)
{
	struct w_xma *w = xma_row(m);
	if (command == XMA_REG_CLEAR) {
		xma_clear(m, n);
	} else if (command == XMA_REG_KICK && xma_taken(m, n)) {
		bit_set(w->told, n);
		w->tell = 1;
		kicked(m, n);
	} else if (command == XMA_REG_LOCK && xma_works(m, n)) {
		bit_clear(w->works, n);
		bit_set(w->stopped, n);
		w->tell = 1;
	}
}

static bool device_write(void *ctx, uint32_t ga, unsigned size, uint64_t value)
{
	static const uint32_t commands[] = { XMA_REG_KICK, XMA_REG_LOCK, XMA_REG_CLEAR };
	struct machine *m = ctx;
	uint32_t reg = (ga - XMA_WINDOW) / 4, bits = __builtin_bswap32((uint32_t)value);
	if (size != 4)
		return false;
	register_put(m, reg, bits);
	for (unsigned i = 0; i < ARRAY_LEN(commands); i++)
		for (uint32_t b = 0; b < 32 && reg - commands[i] < XMA_WORDS; b++)
			if (bits >> b & 1)
				by_register(m, commands[i], (reg - commands[i]) * 32 + b);
	return true;
}

void xma_attach(struct machine *m)
{
	mem_device_add(&m->mem, &(struct mem_device){ .base = XMA_WINDOW,
					.size = WINDOW_SIZE,
					.read = device_read,
					.write = device_write,
					.ctx = m,
					.name = "xma" });
}
