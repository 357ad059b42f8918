/* tests/testkit.c - see testkit.h */
#include "config.h"

#include "tests/testkit.h"

#include <stdio.h>

#include "kernel/cont.h"
#include "kernel/deadline.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/thread.h"

#define THUNK_BYTES 16u
#define RW (MEM_PROT_R | MEM_PROT_W)
#define RX (MEM_PROT_R | MEM_PROT_X)

/* ---- the machine ------------------------------------------------------------------------------------------------------------------ */

/* Into the file that WEDGE_CALLED names: each export whose handler a call of the title's has reached, once (tests/called.sh). */
static void note_called(uint32_t row)
{
	static uint8_t noted[1u << 13];
	const char *path = getenv("WEDGE_CALLED");
	FILE *f = path && row < sizeof noted && !noted[row] ? fopen(path, "ae") : NULL;
	if (!f)
		return;
	noted[row] = 1;
	fprintf(f, "%s\n", export_table[row].name);
	fclose(f);
}

static void see(void *ctx, const struct event *ev)
{
	struct tk *t = ctx;
	if (ev->kind == EV_KERNEL_CALL)
		note_called(ev->export_row - 1);
	if (t->events < TK_EVENTS)
		t->event[t->events++] = *ev;
}

/* Every export that is a function has a thunk, at its row's place. */
static void image_make(struct tk *t)
{
	static const uint8_t loop[4] = { 0x48, 0, 0, 0 }; /* b . */
	struct image *img = &t->image;
	snprintf(img->name, sizeof img->name, "testkit");
	img->entry = img->base = TK_CODE;
	img->size = TK_DATA + TK_DATA_SIZE - TK_CODE;
	img->stack_size = 0x4000;
	img->tls_slots = 64;
	img->segments = 3;
	img->segment = xcalloc(3, sizeof *img->segment);
	img->segment[0] = (struct image_segment){ TK_CODE, TK_CODE_SIZE, RX, sizeof loop, loop };
	img->segment[1] = (struct image_segment){ TK_IMPORTS, TK_DATA - TK_IMPORTS, RX, 0, NULL };
	img->segment[2] = (struct image_segment){ TK_DATA, TK_DATA_SIZE, RW, 0, NULL };
	img->import = xcalloc(export_count, sizeof *img->import);
	for (unsigned row = 0; row < export_count; row++) {
		const struct export *e = &export_table[row];
		if (e->state == EXPORT_VAR)
			continue;
		struct image_import *i = &img->import[img->imports++];
		snprintf(i->library, sizeof i->library, "%s", e->module);
		i->ordinal = e->ordinal;
		i->type = 1;
		i->ga = TK_IMPORTS + row * THUNK_BYTES;
	}
}

struct tk *tk_new_with(const struct machine_options *o)
{
	struct err err;
	struct tk *t = xcalloc(1, sizeof *t);
	t->event = xcalloc(TK_EVENTS, sizeof *t->event);
	t->code_at = TK_CODE + 4;
	t->data_at = TK_DATA;
	image_make(t);
	assert_int_equal(machine_new(o, &t->m, &err), ST_OK);
	assert_int_equal(machine_load(t->m, &t->image, &err), ST_OK);
	event_subscribe(&t->m->events, &(struct event_observer){ .kinds = EV_ALL, .see = see, .ctx = t });
	t->main = machine_row(t->m)->main_thread;
	return t;
}

struct tk *tk_new(void)
{
	struct machine_options o;
	machine_options_default(&o);
	o.mounts = mounts_new();
	mounts_default(o.mounts, NULL);
	struct tk *t = tk_new_with(&o);
	t->mounts = o.mounts;
	return t;
}

void tk_free(struct tk *t)
{
	machine_free(t->m);
	mounts_free(t->mounts);
	free(t->image.segment);
	free(t->image.import);
	free(t->event);
	free(t);
}

int tk_setup(void **state)
{
	*state = tk_new();
	return 0;
}

int tk_teardown(void **state)
{
	tk_free(TK(state));
	return 0;
}

/* ---- direct calls ------------------------------------------------------------------------------------------------------------------- */

/* Makes @thread the one that runs on its hardware thread. */
static void switch_to(struct tk *t, uint32_t thread)
{
	const struct w_thread *w = thread_peek(t->m, thread);
	uint8_t priority = w->priority;
	assert_true(w->state == TS_READY || w->state == TS_RUNNING);
	sched_priority(t->m, thread, PRIORITIES - 1);
	assert_int_equal(sched_pick(t->m, w->hw), thread);
	sched_priority(t->m, thread, priority);
}

/* The title's own thunk, up to its sc; it takes no time and counts as no instruction. */
static void run_thunk(struct tk *t, struct ppc_context *ctx)
{
	struct cpu_slice s = { .ctx = ctx, .budget = THUNK_BYTES / 4, .cpi = 1, .skip_break = true };
	assert_int_equal(cpu_run(t->m->cpu, &s), CPU_SYSCALL);
	assert_int_equal(s.insn >> 5 & 0x7f, PPC_SC_IMPORT);
}

struct tk_result tk_call_on(struct tk *t, uint32_t thread, const char *name, unsigned n, const uint64_t *args)
{
	int row = export_find_name(name);
	if (row < 0 || !export_table[row].fn)
		fail_msg("%s is not built", name);
	switch_to(t, thread);
	struct ppc_context *ctx = context_row(t->m, thread);
	uint32_t sp = (uint32_t)ctx->gpr[1];
	for (unsigned i = 0; i < n; i++) {
		be64 v = be64_of(args[i]);
		if (i < 8)
			ctx->gpr[3 + i] = args[i];
		else if (mem_poke(&t->m->mem, sp + 0x10 + 8 * i, &v, sizeof v) != MEM_OK)
			break; /* no stack (the thread has put its pointer elsewhere): the call will fault on it */
	}
	ctx->pc = tk_thunk(t, name);
	ctx->lr = TK_CODE;
	run_thunk(t, ctx);
	uint32_t tid = thread_peek(t->m, thread)->tid, frame = thread_peek(t->m, thread)->apc_frame;
	call_dispatch(t->m, thread);
	if (thread_by_tid(t->m, tid) != thread)
		return (struct tk_result){ .parked = true }; /* it ended itself */
	struct tk_result r = { .parked = thread_peek(t->m, thread)->in_call || thread_peek(t->m, thread)->apc_frame != frame || thread_peek(t->m, thread)->state == TS_TERMINATED,
			       .faulted = t->m->pending.kind != STOP_NONE,
			       .r3 = context_peek(t->m, thread)->gpr[3] };
	if (!r.parked)
		context_row(t->m, thread)->pc = TK_CODE;
	return r;
}

uint64_t tk_done(struct tk *t, uint32_t thread, const char *name, unsigned n, const uint64_t *args)
{
	struct tk_result r = tk_call_on(t, thread, name, n, args);
	if (r.faulted)
		fail_msg("%s: %s", name, t->m->pending.text);
	if (r.parked)
		fail_msg("%s parks", name);
	return r.r3;
}

void tk_parks(struct tk *t, uint32_t thread, const char *name, unsigned n, const uint64_t *args)
{
	struct tk_result r = tk_call_on(t, thread, name, n, args);
	if (r.faulted || !r.parked)
		fail_msg("%s does not park: %s", name, t->m->pending.text);
}

bool tk_parked(const struct tk *t, uint32_t thread)
{
	return thread_peek(t->m, thread)->parked;
}

uint64_t tk_wake(struct tk *t, uint32_t thread)
{
	assert_false(tk_parked(t, thread));
	switch_to(t, thread);
	assert_int_not_equal(thread_peek(t->m, thread)->cont, CONT_NONE);
	cont_run(t->m, thread);
	context_row(t->m, thread)->pc = TK_CODE;
	return context_peek(t->m, thread)->gpr[3];
}

void tk_pass(struct tk *t, uint64_t ticks)
{
	machine_row_mut(t->m)->cycle += ticks * CYCLES_PER_TICK;
	deadline_serve(t->m, machine_ticks(t->m));
}

uint32_t tk_thread(struct tk *t, uint32_t hw)
{
	uint32_t out = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "ExCreateThread", out, 0, out + 4, 0, TK_CODE, 0, 1u << (24 + hw)), NT_SUCCESS);
	uint32_t row = thread_by_tid(t->m, tk_get32(t, out + 4));
	assert_int_not_equal(row, 0);
	return row;
}

uint32_t tk_event(struct tk *t, uint32_t type, bool state)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "NtCreateEvent", out, 0, type, state), NT_SUCCESS);
	return tk_get32(t, out);
}

/* ---- memory and code ----------------------------------------------------------------------------------------------------------------- */

uint32_t tk_memory(struct tk *t, uint32_t bytes)
{
	uint32_t at = t->data_at;
	t->data_at = (at + bytes + 15) & ~15u;
	assert_true(t->data_at <= TK_DATA + TK_DATA_SIZE);
	return at;
}

uint32_t tk_get32(struct tk *t, uint32_t ga)
{
	return mem_get32(&t->m->mem, ga);
}

void tk_put32(struct tk *t, uint32_t ga, uint32_t v)
{
	mem_put32(&t->m->mem, ga, v);
}

void tk_put64(struct tk *t, uint32_t ga, uint64_t v)
{
	mem_put64(&t->m->mem, ga, v);
}

uint32_t tk_string(struct tk *t, const char *s)
{
	uint32_t ga = tk_memory(t, (uint32_t)strlen(s) + 1);
	assert_int_equal(mem_poke(&t->m->mem, ga, s, (uint32_t)strlen(s) + 1), MEM_OK);
	return ga;
}

uint32_t tk_object(struct tk *t, uint32_t handle)
{
	uint32_t slot = slot_by_handle(t->m, handle);
	return slot && slot_peek(t->m, slot)->state == SLOT_OPEN ? slot_peek(t->m, slot)->object : 0;
}

uint32_t tk_words(struct tk *t, const uint32_t *word, unsigned n)
{
	uint32_t at = t->code_at;
	for (unsigned i = 0; i < n; i++) {
		be32 w = be32_of(word[i]);
		assert_int_equal(mem_poke(&t->m->mem, at + i * 4, &w, sizeof w), MEM_OK);
	}
	t->code_at += n * 4;
	assert_true(t->code_at <= TK_CODE + TK_CODE_SIZE);
	return at;
}

uint32_t tk_thunk(struct tk *t, const char *name)
{
	int row = export_find_name(name);
	assert_true(row >= 0);
	return TK_IMPORTS + (uint32_t)row * THUNK_BYTES;
}

void tk_start(struct tk *t, uint32_t pc)
{
	context_row(t->m, t->main)->pc = pc;
}

enum stop_kind tk_run(struct tk *t, uint64_t limit)
{
	return machine_run(t->m, limit, &t->stop);
}

/* ---- events ------------------------------------------------------------------------------------------------------------------------- */

unsigned tk_count(const struct tk *t, enum event_kind kind)
{
	unsigned n = 0;
	for (unsigned i = 0; i < t->events; i++)
		n += t->event[i].kind == kind;
	return n;
}

const struct event *tk_event_at(const struct tk *t, enum event_kind kind, unsigned n)
{
	for (unsigned i = 0; i < t->events; i++)
		if (t->event[i].kind == kind && !n--)
			return &t->event[i];
	fail_msg("no such %s", event_kind_name(kind));
	return NULL;
}

void tk_forget(struct tk *t)
{
	t->events = 0;
}
