/* kernel/machine.c - see machine.h: making a machine, its clock, copies, and what readers ask. */
#include "config.h"

#include "kernel/machine.h"

#include <stdlib.h>

#include "kernel/apc.h"
#include "kernel/account.h"
#include "kernel/audio.h"
#include "kernel/cache.h"
#include "kernel/deadline.h"
#include "kernel/content.h"
#include "kernel/enumerator.h"
#include "kernel/overlapped.h"
#include "kernel/xam.h"
#include "kernel/dpc.h"
#include "kernel/gpu.h"
#include "kernel/handle.h"
#include "kernel/io.h"
#include "kernel/ledger.h"
#include "kernel/module.h"
#include "kernel/dialog.h"
#include "kernel/notify.h"
#include "kernel/pad.h"
#include "kernel/user.h"
#include "kernel/pool.h"
#include "kernel/request.h"
#include "kernel/rows.h"
#include "kernel/rwlock.h"
#include "kernel/sched.h"
#include "kernel/stall.h"
#include "kernel/standstill.h"
#include "kernel/stub.h"
#include "kernel/thread.h"
#include "kernel/timer.h"
#include "kernel/wait.h"
#include "kernel/xma.h"
#include "src/snap/digest.h"
#include "src/snap/snap.h"

/* Address space, not memory: pages are touched as rows are used. */
#define WORLD_RESERVE (UINT64_C(2) << 30)
#define HISTORY_RESERVE (UINT64_C(8) << 30)
#define OBJECTS_MAX (1u << 21)
#define REGISTRY_ROWS ((1u << 20) + 1)
#define NAMES_MAX (1u << 16)
#define BOOT_TIME_DEFAULT UINT64_C(127770912000000000) /* 2005-11-22T00:00:00Z as FILETIME */

void machine_options_default(struct machine_options *o)
{
	*o = (struct machine_options){ .quantum = 1000, .cpi = 4, .boot_time = BOOT_TIME_DEFAULT,
		.stall_ticks = UINT64_C(1) * STALL_SECONDS_DEFAULT * TICKS_PER_SECOND };
}

/* Every table of the world, always in this order. */
static enum status layout(struct machine *m)
{
	enum status st = mem_init(&m->mem, &m->world);
	if (st != ST_OK)
		return st;
	m->t_machine = arena_table_add(&m->world, "machine", sizeof(struct w_machine), 2);
	m->t_hw = arena_table_add(&m->world, "hw", sizeof(struct w_hw), HW_THREADS + 1);
	threads_layout(m);
	m->t_object = arena_table_add(&m->world, "object", sizeof(struct w_object), OBJECTS_MAX);
	handles_layout(m);
	waits_layout(m);
	deadlines_layout(m);
	m->t_registry = arena_table_add(&m->world, "registry", sizeof(struct w_bucket), REGISTRY_ROWS);
	m->t_idmap = arena_table_add(&m->world, "idmap", sizeof(struct w_bucket), REGISTRY_ROWS);
	pool_layout(m);
	m->t_name = arena_table_add(&m->world, "name", sizeof(struct w_name), NAMES_MAX);
	apcs_layout(m);
	dpcs_layout(m);
	gpu_layout(m);
	audio_layout(m);
	xma_layout(m);
	pads_layout(m);
	notify_layout(m);
	dialog_layout(m);
	users_layout(m);
	files_layout(m);
	links_layout(m);
	io_layout(m);
	requests_layout(m);
	overlapped_layout(m);
	enumerators_layout(m);
	contents_layout(m);
	xam_layout(m);
	ports_layout(m);
	cache_layout(m);
	modules_layout(m);
	event_init(&m->events, &m->history);
	account_layout(m);
	stubs_layout(m);
	ledger_layout(m);
	cover_init(&m->cover, &m->history);
	stalls_layout(m);
	standstill_layout(m);
	rwlocks_layout(m);
	return ST_OK;
}

/* Neighbouring seeds become unlike states (the finaliser of splitmix64); 0 stays 0. */
static uint64_t seed_mix(uint64_t seed)
{
	seed = (seed ^ seed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	seed = (seed ^ seed >> 27) * UINT64_C(0x94D049BB133111EB);
	return seed ^ seed >> 31;
}

static void state_init(struct machine *m)
{
	arena_cover(&m->world, m->t_machine, 1);
	struct w_machine *w = machine_row_mut(m);
	w->boot_time = m->options.boot_time;
	w->quantum = m->options.quantum;
	w->cpi = m->options.cpi;
	w->rng = seed_mix(m->options.seed); /* a bijection: not 0 unless the seed is */
	w->round_order = 0x543210;
	machine_on_stub(m, m->options.on_stub);
	w->next_tid = 1;
	w->next_object = 1;
	for (uint32_t hw = 0; hw < HW_THREADS; hw++)
		arena_cover(&m->world, m->t_hw, hw + 1);
	handles_init(m);
	gpu_attach(m);
	xma_attach(m);
	cache_init(m);
	xam_init(m);
	pads_init(m);
	dialog_init(m);
}

enum status machine_new(const struct machine_options *o, struct machine **out, struct err *err)
{
	if (!o->quantum || !o->cpi || o->quantum > 1u << 24 || o->cpi > 1u << 10)
		return err_set(err, ST_BAD_USAGE, "quantum must be 1 to %u and cpi 1 to %u", 1u << 24, 1u << 10);
	struct machine *m = xcalloc(1, sizeof *m);
	m->options = *o;
	enum status st = arena_init(&m->world, WORLD_RESERVE);
	if (st == ST_OK)
		st = arena_init(&m->history, HISTORY_RESERVE);
	if (st == ST_OK)
		st = layout(m);
	if (st != ST_OK) {
		machine_free(m);
		return err_set(err, st, "no address space for a machine");
	}
	m->line = snap_line_new(&m->world, &m->history, &m->mem);
	m->cpu = cpu_new(&m->mem, o->code_pages);
	cpu_on_block(m->cpu, cover_note, &m->cover);
	m->until_cycle = UINT64_MAX;
	state_init(m);
	*out = m;
	return ST_OK;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	if (m->cpu)
		cpu_free(m->cpu);
	snap_line_free(m->line);
	module_images_free(m);
	if (m->mem.base)
		mem_fini(&m->mem);
	arena_fini(&m->world);
	arena_fini(&m->history);
	free(m);
}

/* ---- clock ----------------------------------------------------------------------------------------------------------------- */

uint64_t machine_instructions(const struct machine *m)
{
	return machine_row(m)->instr;
}

uint32_t machine_current_thread(const struct machine *m)
{
	return machine_row(m)->slice_thread;
}

/* ---- copies ---------------------------------------------------------------------------------------------------------------- */

uint64_t machine_digest(const struct machine *m)
{
	return state_digest(&m->world, &m->mem);
}

struct snapshot *machine_snapshot(struct machine *m)
{
	return snapshot_take(m->line);
}

void machine_restore(struct machine *m, const struct snapshot *s)
{
	snapshot_put(m->line, s);
	cpu_flush(m->cpu);
	modules_restored(m);
	m->pending = (struct stop){ 0 };
	m->accessed = false;
	m->skip_break = 0;
	m->accessed = false;
	m->acting = 0;
}

/* ---- quiescence -------------------------------------------------------------------------------------------------------------- */

void machine_quiescence(const struct machine *m, struct quiescence *q)
{
	*q = (struct quiescence){ .next_due = deadline_next(m) };
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *t = thread_peek(m, row);
		if (!t->object || t->state == TS_TERMINATED)
			continue;
		q->threads++;
		q->parked += t->parked;
		q->suspended += t->suspend_count != 0;
		q->runnable += t->state == TS_READY || t->state == TS_RUNNING;
		q->timeouts += t->deadline_row != 0;
	}
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_apc); row++)
		q->apcs += apc_peek(m, row)->ga && !apc_held_by(m, row);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_dpc); row++)
		q->dpcs += dpc_peek(m, row)->ga != 0;
	for (uint32_t hw = 0; hw < HW_THREADS; hw++)
		q->dpcs += hw_peek(m, hw)->dpc_active != 0;
	q->audio = audio_playing(m);
	q->xma = xma_working(m);
	q->inputs = pads_peek(m)->waiting + (deadline_of_source(m, SOURCE_DIALOG) != DEADLINE_NEVER);
	q->interrupts = (deadline_of_source(m, SOURCE_VBLANK) != DEADLINE_NEVER) + (deadline_of_source(m, SOURCE_GPU) != DEADLINE_NEVER);
	uint32_t flight, lost;
	io_count(m, &q->io, &q->io_lost);
	overlapped_count(m, &flight, &lost);
	q->io += flight;
	q->io_lost += lost;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++)
		q->timers += timer_due(m, row) != DEADLINE_NEVER;
}
