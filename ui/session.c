/* ui/session.c - see session.h */
#include "config.h"

#include "ui/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/load/image.h"
#include "src/observe/log.h"
#include "ui/crash.h"
#include "ui/interrupt.h"

/* ---- the title's own output ------------------------------------------------------------------------------------------ */

static void print_debug(void *ctx, const struct event *ev)
{
	struct session *s = ctx;
	size_t size = 4 * strlen(ev->text ? ev->text : "") + 1;
	char *text = xstrdup(ev->text ? ev->text : ""), *visible = xmalloc(size);
	size_t n = strlen(text);
	while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		text[--n] = 0;
	fflush(s->out->file);
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		visible_text(visible, size, line);
		fprintf(stderr, "%s\n", visible);
	}
	free(visible);
	free(text);
}

static void log_failed(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "wedge: %s\n", line);
}

/* ---- opening and closing --------------------------------------------------------------------------------------------- */

static void copy_focus(struct audit *to, const struct audit_focus *from)
{
	audit_focus_all(to, from->everything);
	for (unsigned i = 0; i < from->handles; i++)
		audit_focus_handle(to, from->handle[i]);
	for (unsigned i = 0; i < from->objects; i++)
		audit_focus_object(to, from->object[i]);
	for (unsigned i = 0; i < from->gas; i++)
		audit_focus_ga(to, from->ga[i]);
	for (unsigned i = 0; i < from->osids; i++)
		audit_focus_osid(to, from->osid[i]);
}

/* The observers of the session's own machine, before its first event. */
static enum status attach(struct session *s, struct rig *r, struct err *err)
{
	struct machine *m = r->machine;
	enum status st = ST_OK;
	event_subscribe(&m->events, &(struct event_observer){ EV_BIT(EV_DEBUG_PRINT), print_debug, s });
	crash_watch(&m->events);
	r->audit.frames = (unsigned)s->settings.audit_frames;
	if (s->rig)
		copy_focus(&r->audit, &s->rig->audit.focus);
	else if (s->options.focus)
		st = audit_focus_parse(&r->audit, s->options.focus, err);
	if (st == ST_OK && s->options.log_path) {
		struct log_options lo = s->options.log;
		lo.tell = log_failed;
		st = log_open(s->options.log_path, &lo, &m->events, &m->history, r->t_log, &s->log, err);
	}
	return st;
}

static enum status close_log(struct session *s, struct err *err)
{
	enum status st = s->log ? log_close(s->log, err) : ST_OK;
	s->log = NULL;
	return st;
}

static enum status make_rig(struct session *s, struct rig **out, struct err *err)
{
	struct err second;
	enum status st = rig_new(&s->options.machine, out, err);
	if (st != ST_OK)
		return st;
	st = attach(s, *out, err);
	if (st == ST_OK)
		st = machine_load((*out)->machine, s->image, err);
	if (st == ST_OK)
		return ST_OK;
	if (close_log(s, &second) != ST_OK)
		log_failed(NULL, second.text);
	rig_free(*out);
	return st;
}

static void stand_at_entry(struct session *s)
{
	struct machine *m = session_machine(s);
	m->interrupt = interrupt_flag();
	crash_machine(m);
	breaks_arm(&s->breaks, m->cpu);
	s->stop = (struct stop){ .kind = STOP_ENTRY };
	s->break_number = 0;
	session_select(s, machine_row(m)->main_thread);
	s->stop.tid = thread_peek(m, s->thread)->tid;
	s->stop.pc = context_peek(m, s->thread)->pc;
	snprintf(s->stop.text, sizeof s->stop.text, "at the title's entry, nothing has run");
}

enum status session_open(struct session *s, const struct session_options *o, struct out *out, struct err *err)
{
	struct rig *rig;
	*s = (struct session){ .options = *o, .out = out };
	settings_init(&s->settings);
	s->settings.json = out->json;
	s->settings.max_instr = o->max_instr;
	enum status st = image_open_with(o->title, &o->image, &s->image, err);
	if (st != ST_OK)
		return st;
	st = make_rig(s, &rig, err);
	if (st != ST_OK) {
		image_free(s->image);
		return st;
	}
	s->rig = rig;
	stand_at_entry(s);
	return ST_OK;
}

enum status session_close(struct session *s, struct err *err)
{
	enum status st = close_log(s, err);
	crash_machine(NULL);
	rig_free(s->rig);
	image_free(s->image);
	breaks_fini(&s->breaks);
	*s = (struct session){ 0 };
	return st;
}

enum status session_restart(struct session *s, struct err *err)
{
	struct rig *fresh;
	if (close_log(s, err) != ST_OK)
		log_failed(NULL, err->text); /* that log is lost; the next run's is another one */
	enum status st = make_rig(s, &fresh, err);
	if (st != ST_OK)
		return st;
	rig_free(s->rig);
	s->rig = fresh;
	s->tainted = false;
	stand_at_entry(s);
	return ST_OK;
}

void session_settings_changed(struct session *s)
{
	s->rig->audit.frames = (unsigned)s->settings.audit_frames;
	s->out->json = s->settings.json != 0;
}

void session_select(struct session *s, uint32_t thread)
{
	s->thread = thread;
	s->frame = 0;
}

struct query session_query(const struct session *s)
{
	return (struct query){ .machine = session_machine(s), .audit = &s->rig->audit, .breaks = &s->breaks, .stop = &s->stop,
		               .settings = &s->settings, .thread = s->thread, .frame = s->frame, .word = "" };
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

/* What stopped, as the user sees it: the thread is selected, a breakpoint counted and, if temporary, gone. */
static void arrived(struct session *s)
{
	struct machine *m = session_machine(s);
	uint32_t thread = s->stop.tid ? thread_by_tid(m, s->stop.tid) : 0;
	session_select(s, thread ? thread : machine_current_thread(m) ? machine_current_thread(m) : machine_row(m)->main_thread);
	s->break_number = 0;
	s->next_ga = 0;
	struct breakpoint *b = s->stop.kind == STOP_BREAK || s->stop.kind == STOP_STEP ? breaks_at(&s->breaks, s->stop.pc) : NULL;
	if (b) {
		s->stop.kind = STOP_BREAK;
		s->break_number = b->number;
		snprintf(s->stop.text, sizeof s->stop.text, "%s %u", b->temporary ? "temporary breakpoint" : "breakpoint", b->number);
		b->hits++;
		if (b->temporary)
			breaks_remove(&s->breaks, m->cpu, b->number);
	}
	if (s->log)
		log_flush(s->log);
}

/* The thread that stands at a breakpoint already reported goes over it. */
static void step_off(struct session *s)
{
	struct machine *m = session_machine(s);
	uint32_t thread = s->stop.tid ? thread_by_tid(m, s->stop.tid) : 0;
	bool reported = s->stop.kind == STOP_BREAK || s->stop.kind == STOP_STEP;
	if (reported && thread && cpu_break_at(m->cpu, context_peek(m, thread)->pc))
		machine_skip_break(m, thread);
}

/* Instructions that may still run under max-instr. */
static uint64_t allowance(const struct session *s)
{
	uint64_t done = machine_instructions(session_machine(s));
	return s->settings.max_instr > done ? s->settings.max_instr - done : 0;
}

static void stop_at_limit(struct session *s)
{
	s->stop = (struct stop){ .kind = STOP_LIMIT };
	snprintf(s->stop.text, sizeof s->stop.text, "instruction limit");
}

void session_run(struct session *s, uint64_t limit)
{
	struct machine *m = session_machine(s);
	uint64_t most = allowance(s);
	if (limit < most)
		most = limit;
	step_off(s);
	if (most)
		machine_run(m, most, &s->stop);
	else
		stop_at_limit(s);
	arrived(s);
}

void session_step(struct session *s, uint64_t count)
{
	struct machine *m = session_machine(s);
	uint32_t thread = s->thread;
	s->stop.kind = STOP_STEP;
	for (uint64_t i = 0; i < count && s->stop.kind == STOP_STEP; i++) {
		step_off(s);
		if (allowance(s))
			machine_step(m, thread, &s->stop);
		else
			stop_at_limit(s);
		if (s->stop.kind == STOP_STEP && breaks_at(&s->breaks, s->stop.pc))
			break;
	}
	arrived(s);
}

/* Runs until @thread itself comes to @ga with its stack pointer at or above @sp, or something else stops it. */
static void run_to(struct session *s, uint32_t thread, uint32_t ga, uint32_t sp)
{
	struct machine *m = session_machine(s);
	uint32_t tid = thread_peek(m, thread)->tid;
	breaks_add_inner(&s->breaks, m->cpu, ga);
	for (;;) {
		uint64_t most = allowance(s);
		step_off(s);
		if (most)
			machine_run(m, most, &s->stop);
		else
			stop_at_limit(s);
		if (s->stop.kind != STOP_BREAK || breaks_at(&s->breaks, s->stop.pc))
			break;
		if (s->stop.tid == tid && s->stop.pc == ga && (uint32_t)context_peek(m, thread)->gpr[1] >= sp) {
			s->stop.kind = STOP_STEP;
			break;
		}
	}
	breaks_remove_inner(&s->breaks, m->cpu);
}

void session_next(struct session *s, uint64_t count)
{
	struct machine *m = session_machine(s);
	uint32_t thread = s->thread;
	s->stop.kind = STOP_STEP;
	for (uint64_t i = 0; i < count; i++) {
		const struct ppc_context *c = context_peek(m, thread);
		uint32_t word;
		if (thread_peek(m, thread)->state == TS_TERMINATED)
			break;
		if (mem_fetch(&m->mem, c->pc, &word) == MEM_OK && ppc_is_call(word)) {
			run_to(s, thread, c->pc + 4, (uint32_t)c->gpr[1]);
			if (s->stop.kind != STOP_STEP || breaks_at(&s->breaks, s->stop.pc))
				break;
		} else {
			session_step(s, 1);
			if (s->stop.kind != STOP_STEP)
				return;
		}
	}
	arrived(s);
}

/* ---- what a stop is ---------------------------------------------------------------------------------------------------- */

const char *session_stop_text(const struct session *s, char *buf, size_t size)
{
	if (s->break_number)
		snprintf(buf, size, "%s", s->stop.text);
	else if (s->stop.text[0] && size > 40)
		visible_text(buf + snprintf(buf, 40, "%s: ", stop_kind_word(s->stop.kind)), size - 40, s->stop.text);
	else
		snprintf(buf, size, "%s", stop_kind_word(s->stop.kind));
	return buf;
}

int session_stop_code(const struct session *s)
{
	static const int codes[] = {
		[STOP_WEDGE] = 3, [STOP_FAULT] = 4, [STOP_ILLEGAL] = 4, [STOP_TRAP] = 4, [STOP_BUGCHECK] = 4, [STOP_LIMIT] = 5,
		[STOP_UNIMPLEMENTED] = 6,
	};
	return (unsigned)s->stop.kind < ARRAY_LEN(codes) ? codes[s->stop.kind] : 0;
}

/* ---- looking back ------------------------------------------------------------------------------------------------------ */

static bool same_note(const struct note *a, const struct note *b)
{
	return a->kind == b->kind && a->source == b->source && a->object == b->object && a->target == b->target &&
	       a->handle == b->handle && a->generation == b->generation;
}

static void take_note(void *ctx, const struct event *ev)
{
	struct replay *r = ctx;
	struct note n = { ev->cycle, ev->kind, ev->tid, ev->lr, ev->export_row, ev->handle, ev->generation, ev->object, 0, 1 };
	if (ev->kind == EV_THREAD_SUSPEND || ev->kind == EV_THREAD_RESUME || ev->kind == EV_HANDLE_STALE)
		n.target = (uint32_t)ev->aux[0];
	for (unsigned i = 0; i < r->note_count; i++)
		if (same_note(&r->notes[i], &n)) {
			n.count += r->notes[i].count;
			r->notes[i] = n;
			return;
		}
	if (r->note_count == r->note_room) {
		if (r->note_room >= 4096)
			return;
		r->note_room = r->note_room ? r->note_room * 2 : 64;
		r->notes = xrealloc(r->notes, r->note_room * sizeof *r->notes);
	}
	r->notes[r->note_count++] = n;
}

#define NOTED (EV_BIT(EV_STUB) | EV_BIT(EV_HANDLE_STALE) | EV_BIT(EV_THREAD_SUSPEND) | EV_BIT(EV_THREAD_RESUME) | EV_BIT(EV_TIMER_CANCEL))

enum status session_replay(struct session *s, const uint64_t *osids, unsigned count, struct replay *out, struct err *err)
{
	struct stop stop = { 0 };
	struct machine *now = session_machine(s);
	*out = (struct replay){ 0 };
	enum status st = rig_new(&s->options.machine, &out->rig, err);
	if (st != ST_OK)
		return st;
	struct machine *m = out->rig->machine;
	m->interrupt = interrupt_flag();
	out->rig->audit.frames = (unsigned)s->settings.audit_frames;
	for (unsigned i = 0; i < count; i++)
		audit_focus_osid(&out->rig->audit, osids[i]);
	event_subscribe(&m->events, &(struct event_observer){ NOTED, take_note, out });
	st = machine_load(m, s->image, err);
	/* A machine that found out that it stands still has let its clock run on after its last instruction: so must this one. */
	uint64_t done = machine_instructions(now);
	bool still = s->stop.kind == STOP_WEDGE || s->stop.kind == STOP_ENDED;
	if (st == ST_OK && (done || still))
		machine_run(m, still ? UINT64_MAX : done, &stop);
	if (st == ST_OK && stop.kind == STOP_INTERRUPT)
		st = err_set(err, ST_STATE, "interrupted while looking back");
	if (st != ST_OK) {
		replay_free(out);
		return st;
	}
	out->same = machine_digest(m) == machine_digest(now);
	return ST_OK;
}

void replay_free(struct replay *r)
{
	rig_free(r->rig);
	free(r->notes);
	*r = (struct replay){ 0 };
}
