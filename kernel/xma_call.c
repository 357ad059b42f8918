/* kernel/xma_call.c - XMA*: what titles ask of their contexts; nearly all of it reads or writes a field (source: Xenia, xboxkrnl_audio_xma.cc). */
#include "config.h"

#include "kernel/call.h"
#include "kernel/cont.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/wait.h"
#include "kernel/xma.h"
#include "kernel/xma_guest.h"

#define LOOK_AGAIN_TICKS (TICKS_PER_SECOND / 1000)

/* ---- fields -------------------------------------------------------------------------------------------------------------------- */

static uint32_t field_in(struct machine *m, struct call *c, enum xma_field f)
{
	struct xma_context x;
	x.dword[xma_dword(f)] = in32(m, c, arg32(c, 0) + 4 * xma_dword(f));
	return xma_get(&x, f);
}

static void field_out(struct machine *m, struct call *c, enum xma_field f, uint32_t value)
{
	struct xma_context x;
	uint32_t ga = arg32(c, 0) + 4 * xma_dword(f);
	x.dword[xma_dword(f)] = in32(m, c, ga);
	if (c->faulted)
		return;
	xma_set(&x, f, value);
	out32(m, c, ga, x.dword[xma_dword(f)]);
}

#define ANSWERS(name, field) \
	void k_##name(struct machine *m, struct call *c) \
	{ \
		call_return(c, field_in(m, c, field)); \
	}
#define TAKES(name, field, value) \
	void k_##name(struct machine *m, struct call *c) \
	{ \
		field_out(m, c, field, value); \
	}
ANSWERS(XMAGetOutputBufferWriteOffset, XMA_OUT_WRITE)
ANSWERS(XMAGetOutputBufferReadOffset, XMA_OUT_READ)
ANSWERS(XMAIsOutputBufferValid, XMA_OUT_VALID)
ANSWERS(XMAIsInputBuffer0Valid, XMA_IN0_VALID)
ANSWERS(XMAIsInputBuffer1Valid, XMA_IN1_VALID)
ANSWERS(XMAGetInputBufferReadOffset, XMA_IN_READ)
ANSWERS(XMAGetPacketMetadata, XMA_METADATA)
TAKES(XMASetOutputBufferReadOffset, XMA_OUT_READ, arg32(c, 1))
TAKES(XMASetInputBufferReadOffset, XMA_IN_READ, arg32(c, 1))
TAKES(XMASetOutputBufferValid, XMA_OUT_VALID, 1)
TAKES(XMASetInputBuffer0Valid, XMA_IN0_VALID, 1)
TAKES(XMASetInputBuffer1Valid, XMA_IN1_VALID, 1)

/* The decoder sees physical addresses; what has none is 0 to it, which it cannot read. */
static uint32_t physical(const struct machine *m, uint32_t ga)
{
	uint32_t at;
	return ga && mem_physical(&m->mem, ga, &at) ? at : 0;
}

static void set_input(struct machine *m, struct call *c, uint32_t n)
{
	field_out(m, c, xma_of(XMA_IN0, n), physical(m, arg32(c, 1)));
	field_out(m, c, xma_of(XMA_IN0_PACKETS, n), arg32(c, 2));
}

void k_XMASetInputBuffer0(struct machine *m, struct call *c)
{
	set_input(m, c, 0);
}

void k_XMASetInputBuffer1(struct machine *m, struct call *c)
{
	set_input(m, c, 1);
}

static void loop_set(struct machine *m, struct call *c, const struct g_xma_loop_data *loop)
{
	field_out(m, c, XMA_LOOP_START, be32_get(loop->start));
	field_out(m, c, XMA_LOOP_END, be32_get(loop->end));
	field_out(m, c, XMA_LOOP_COUNT, loop->count);
	field_out(m, c, XMA_LOOP_SUBFRAME_END, loop->subframe_end);
	field_out(m, c, XMA_LOOP_SUBFRAME_SKIP, loop->subframe_skip);
}

/* Its second argument is taken for the record within XMAInitializeContext's: Xenia's type there is that of a context, which would not fit. */
void k_XMASetLoopData(struct machine *m, struct call *c)
{
	struct g_xma_loop_data loop;
	if (in_bytes(m, c, arg32(c, 1), &loop, sizeof loop))
		loop_set(m, c, &loop);
}

/* ---- contexts ------------------------------------------------------------------------------------------------------------------ */

/* False: its first argument is the address of no context, and the call has faulted. */
static bool context(struct machine *m, struct call *c, uint32_t *n)
{
	if (xma_number(m, arg32(c, 0), n))
		return true;
	call_fault(m, c, arg32(c, 0), XMA_CONTEXT_BYTES, true, MEM_FAULT_UNMAPPED);
	return false;
}

void k_XMACreateContext(struct machine *m, struct call *c)
{
	uint32_t ga = xma_create(m), n;
	be32 word = be32_of(ga);
	if (!out_bytes(m, c, arg32(c, 0), &word, sizeof word) && ga && xma_number(m, ga, &n))
		xma_release(m, 0, n);
	call_return(c, ga ? NT_SUCCESS : NT_NO_MEMORY);
}

/* A context that is released twice stays released. */
void k_XMAReleaseContext(struct machine *m, struct call *c)
{
	uint32_t n;
	if (context(m, c, &n))
		xma_release(m, c->thread, n);
}

void k_XMAInitializeContext(struct machine *m, struct call *c)
{
	static const uint8_t zeros[XMA_CONTEXT_BYTES];
	struct g_xma_context_init init;
	uint32_t n;
	if (!in_bytes(m, c, arg32(c, 1), &init, sizeof init) || !context(m, c, &n) ||
		!out_bytes(m, c, arg32(c, 0), zeros, sizeof zeros))
		return;
	xma_clear(m, n);
	const struct {
		enum xma_field field;
		uint32_t value;
	} take[] = {
		{ XMA_IN0, physical(m, be32_get(init.in0)) },
		{ XMA_IN0_PACKETS, be32_get(init.in0_packets) },
		{ XMA_IN1, physical(m, be32_get(init.in1)) },
		{ XMA_IN1_PACKETS, be32_get(init.in1_packets) },
		{ XMA_IN_READ, be32_get(init.in_read) },
		{ XMA_OUT, physical(m, be32_get(init.out)) },
		{ XMA_OUT_BLOCKS, be32_get(init.out_blocks) },
		{ XMA_SUBFRAMES_AT_ONCE, be32_get(init.subframes_at_once) },
		{ XMA_STEREO, be32_get(init.channels) >= 1 },
		{ XMA_RATE, be32_get(init.rate) },
	};
	for (unsigned i = 0; i < ARRAY_LEN(take); i++)
		field_out(m, c, take[i].field, take[i].value);
	loop_set(m, c, &init.loop);
}

void k_XMAEnableContext(struct machine *m, struct call *c)
{
	uint32_t n;
	if (context(m, c, &n))
		xma_kick(m, c->thread, n);
}

/* (context, wait): the decoder is never in the middle of anything between two instructions, so there is nothing to wait for. */
void k_XMADisableContext(struct machine *m, struct call *c)
{
	uint32_t n;
	if (context(m, c, &n))
		xma_lock(m, c->thread, n);
}

/* ---- waiting ------------------------------------------------------------------------------------------------------------------- */

static struct wait_request look_again(const struct machine *m, uint32_t n)
{
	return (struct wait_request){ .due = machine_ticks(m) + LOOK_AGAIN_TICKS, .cont = CONT_XMA, .cont_arg = { n } };
}

void cont_XMA(struct machine *m, uint32_t thread)
{
	uint32_t nt, n = (uint32_t)thread_peek(m, thread)->cont_arg[0];
	struct wait_request r = look_again(m, n);
	if (!xma_works(m, n) || wait_begin(m, thread, &r, &nt))
		call_finish(m, thread, 0);
}

/* Looks each millisecond (Xenia does so): a context that works comes to an end by itself. */
void k_XMABlockWhileInUse(struct machine *m, struct call *c)
{
	uint32_t n;
	if (!context(m, c, &n) || !xma_works(m, n))
		return;
	struct wait_request r = look_again(m, n);
	wait_call(m, c, &r);
}
