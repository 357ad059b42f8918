/* ui/whatif.c - see whatif.h */
#include "config.h"

#include "ui/whatif.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/io.h"
#include "kernel/overlapped.h"
#include "ui/progress.h"
#include "ui/report.h"
#include "ui/session.h"

/* ---- before and after ------------------------------------------------------------------------------------------------------ */

struct ran {
	uint32_t tid;
	uint64_t instr;
	char name[80];
};

static struct ran *fill(struct ran *r, uint32_t tid, uint64_t instr)
{
	r->tid = tid;
	r->instr = instr;
	return r;
}

/* Threads that have not ended, with what they have run so far; the caller frees it. */
static struct ran *count_threads(const struct session *s, unsigned *count)
{
	const struct machine *m = session_machine(s);
	struct ran *r = xcalloc(arena_count(&m->world, m->t_thread) + 1, sizeof *r);
	*count = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *t = thread_peek(m, row);
		if (t->tid && t->state != TS_TERMINATED)
			thread_name(m, row, fill(&r[(*count)++], t->tid, session_thread_instructions(s, t->tid))->name,
				sizeof r->name);
	}
	return r;
}

static void describe(const struct machine *m, uint32_t row, struct whatif_thread *w)
{
	const struct w_thread *t = thread_peek(m, row);
	char phrase[WORDS_TEXT];
	w->pc = thread_pc(m, row);
	thread_name(m, row, w->name, sizeof w->name);
	if (t->parked && t->wait_first)
		snprintf(w->state, sizeof w->state, "waits on %.400s%s",
			object_phrase(m, wait_peek(m, t->wait_first)->object, phrase, sizeof phrase),
			t->wait_count > 1 ? ", ..." : "");
	else
		snprintf(w->state, sizeof w->state, "%s", thread_state_word(m, row));
}

/* What @tid had run; *@missing: there is no such thread. */
static uint64_t ran_of(const struct ran *list, unsigned count, uint32_t tid, bool *missing)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i].tid == tid)
			return list[i].instr;
	*missing = true;
	return 0;
}

static void add(struct whatif *w, const struct whatif_thread *t)
{
	unsigned at = w->count++;
	w->thread = xrealloc(w->thread, w->count * sizeof *w->thread);
	for (; at && w->thread[at - 1].tid > t->tid; at--)
		w->thread[at] = w->thread[at - 1];
	w->thread[at] = *t;
}

static void compare_threads(const struct session *s, const struct ran *before, unsigned before_count, struct whatif *w)
{
	const struct machine *m = session_machine(s);
	unsigned count;
	struct ran *after = count_threads(s, &count);
	w->threads = before_count;
	for (unsigned i = 0; i < count; i++) {
		struct whatif_thread t = { .tid = after[i].tid };
		t.ran = after[i].instr - ran_of(before, before_count, t.tid, &t.began);
		if (!t.ran && !t.began)
			continue;
		describe(m, thread_by_tid(m, t.tid), &t);
		add(w, &t);
	}
	for (unsigned i = 0; i < before_count; i++) {
		struct whatif_thread t = { .tid = before[i].tid, .ended = true };
		bool gone = false;
		ran_of(after, count, t.tid, &gone);
		if (!gone)
			continue;
		uint64_t ran = session_thread_instructions(s, t.tid);
		t.ran = ran > before[i].instr ? ran - before[i].instr : 0;
		snprintf(t.name, sizeof t.name, "%s", before[i].name);
		snprintf(t.state, sizeof t.state, "ended");
		add(w, &t);
	}
	free(after);
}

/* What stands in the way now. */
static void look(struct session *s, struct whatif *w)
{
	struct report r;
	char phrase[WORDS_TEXT];
	size_t n = 0;
	report_make_brief(s, &r);
	w->verdict = r.ended ? "ENDED" : r.stopped ? r.stopped : verdict_word(&r);
	if (r.stopped)
		snprintf(w->stopped, sizeof w->stopped, "%s", s->stop.text);
	for (unsigned i = 0; i < r.root_count && n + 100 < sizeof w->roots; i++) {
		object_phrase(session_machine(s), r.roots[i].object, phrase, sizeof phrase);
		n += (size_t)snprintf(w->roots + n, sizeof w->roots - n, "%s%.90s", n ? ", " : "", phrase);
	}
	report_free(&r);
}

/* ---- trying ---------------------------------------------------------------------------------------------------------------- */

struct trial {
	enum poke poke;
	uint32_t object;
	uint64_t limit;
	struct whatif *out;
	enum status st;
	struct err *err;
};

static void run_on(struct session *s, uint64_t limit)
{
	struct machine *m = session_machine(s);
	uint64_t now = machine_instructions(m), end = limit > UINT64_MAX - now ? UINT64_MAX : now + limit;
	progress_begin(s);
	do {
		uint64_t left = end - machine_instructions(m), piece = progress_piece(s, m);
		machine_run(m, left < piece ? left : piece, &s->stop);
	} while (s->stop.kind == STOP_LIMIT && machine_instructions(m) < end);
	progress_end(s);
}

static void attempt(struct session *s, void *ctx)
{
	struct trial *t = ctx;
	const struct machine *m = session_machine(s);
	uint64_t instr = machine_instructions(m), cycle = machine_cycle(m);
	unsigned count;
	struct ran *before = count_threads(s, &count);
	t->st = machine_poke(session_machine(s), t->poke, t->object, t->err);
	if (t->st == ST_OK) {
		run_on(s, t->limit);
		if (s->stop.kind == STOP_INTERRUPT)
			t->st = err_set(t->err, ST_STATE, "interrupted: nothing has changed");
	}
	if (t->st == ST_OK) {
		t->out->instructions = machine_instructions(m) - instr;
		t->out->cycles = machine_cycle(m) - cycle;
		t->out->limit = s->stop.kind == STOP_LIMIT;
		compare_threads(s, before, count, t->out);
		look(s, t->out);
	}
	free(before);
}

enum status whatif_run(struct session *s, enum poke p, uint32_t object, uint64_t limit, struct whatif *out, struct err *err)
{
	struct trial t = { p, object, limit, out, ST_OK, err };
	const struct machine *m = session_machine(s);
	char handle[40];
	*out = (struct whatif){ 0 };
	object_handle_text(m, object, handle, sizeof handle);
	if (object_peek(m, object)->type == OT_THREAD && p == POKE_RESUME && object_peek(m, object)->thread)
		snprintf(handle, sizeof handle, "%u", thread_peek(m, object_peek(m, object)->thread)->tid);
	else if (!handle[0])
		snprintf(handle, sizeof handle, "@%u", object_peek(m, object)->id);
	snprintf(out->what, sizeof out->what, "%s %s", poke_word(p), handle);
	timeline_try(s, attempt, &t);
	if (t.st != ST_OK)
		whatif_free(out);
	return t.st;
}

void whatif_free(struct whatif *w)
{
	free(w->thread);
	w->thread = NULL;
}

const char *whatif_line(const struct whatif *w, char *buf, size_t size)
{
	char cycles[CYCLES_TEXT], instr[CYCLES_TEXT];
	unsigned moved = 0;
	for (unsigned i = 0; i < w->count; i++)
		moved += !w->thread[i].began;
	cycles_text(cycles, w->cycles);
	cycles_text(instr, w->instructions);
	snprintf(buf, size, "%u of %u threads move; %s %s after %s cycles, %s instructions%s%s%s%s", moved, w->threads,
		w->limit ? "at the limit:" : "then", w->verdict, cycles, instr, w->roots[0] ? ": " : "", w->roots,
		w->stopped[0] ? ": " : "", w->stopped);
	return buf;
}

bool whatif_remedy(const struct machine *m, uint32_t object, enum poke *p)
{
	const struct w_object *o = object_peek(m, object);
	if (io_lost_for(m, object) || overlapped_lost_for(m, object)) {
		*p = POKE_COMPLETE;
		return true;
	}
	switch ((enum object_type)o->type) {
	case OT_THREAD: *p = POKE_RESUME; return o->thread && thread_peek(m, o->thread)->suspend_count;
	case OT_MUTANT:
	case OT_CRITSEC:
	case OT_RWLOCK_EXCL:
	case OT_RWLOCK_SHARED: *p = POKE_RELEASE; return true;
	case OT_SEMAPHORE:
	case OT_EVENT_MANUAL:
	case OT_EVENT_AUTO:
	case OT_TIMER_MANUAL:
	case OT_TIMER_AUTO: *p = POKE_SIGNAL; return true;
	default: return false;
	}
}
