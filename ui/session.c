/* ui/session.c - see session.h */
#include "config.h"

#include "ui/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/dpc.h"
#include "kernel/exports.h"
#include "kernel/place.h"
#include "src/load/dwarf.h"
#include "src/load/symbols.h"
#include "src/load/xex.h"
#include "src/observe/log.h"
#include "src/snap/snap.h"
#include "ui/block.h"
#include "ui/crash.h"
#include "ui/inspect/lives.h"
#include "ui/interrupt.h"
#include "ui/lua/luaui.h"
#include "ui/reference.h"
#include "ui/printed.h"
#include "ui/progress.h"
#include "ui/recording.h"
#include "ui/tui/tui.h"

/* ---- the title's own output ------------------------------------------------------------------------------------------ */

static void print_debug(void *ctx, const struct event *ev)
{
	struct session *s = ctx;
	if (!timeline_shows(s, ev->seq))
		return;
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
		printed_add(&s->printed, ev->seq, visible);
		if (s->console)
			s->console(s->console_ctx, visible);
		if (!s->console_only)
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

static enum status open_log(struct session *s, struct rig *r, struct err *err)
{
	struct log_options lo = s->options.log;
	struct machine *m = r->machine;
	lo.tell = log_failed;
	return log_open(s->options.log_path, &lo, &m->events, &m->history, r->t_log, &s->log, err);
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
	if (st == ST_OK && s->options.log_path)
		st = open_log(s, r, err);
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

void session_attach(struct session *s)
{
	struct machine *m = session_machine(s);
	m->interrupt = interrupt_flag();
	breaks_attach(s);
}

static void stand_at_entry(struct session *s)
{
	struct machine *m = session_machine(s);
	session_attach(s);
	crash_machine(m);
	breaks_forget(s);
	s->stop = (struct stop){ .kind = STOP_ENTRY };
	s->break_number = 0;
	journal_fini(&s->journal);
	session_select(s, machine_row(m)->main_thread);
	s->stop.tid = thread_peek(m, s->thread)->tid;
	s->stop.pc = context_peek(m, s->thread)->pc;
	snprintf(s->stop.text, sizeof s->stop.text, "at the title's entry, nothing has run");
	timeline_begin(s, s->settings.record);
	s->replay_differs = false;
	s->following = NULL;
	if (s->recording)
		recording_follow(s->recording, s);
}

/* The title of a recording, or of a saved machine, has to be the very same one. */
static enum status check_hash(const struct session *s, struct err *err)
{
	uint64_t hash = s->options.title_hash ? recording_hash(s->image) : 0;
	if (hash == s->options.title_hash)
		return ST_OK;
	return err_set(err, ST_BAD_INPUT, "%s: not the title that was recorded: its hash is %016" PRIx64 ", that of the recording %016" PRIx64,
		s->options.title, hash, s->options.title_hash);
}

/* --symbols; and what debug information could not say. */
static enum status more_symbols(const struct session *s, struct err *err)
{
	struct symbols_read read;
	enum status st = ST_OK;
	for (unsigned i = 0; i < s->options.symbol_files && st == ST_OK; i++)
		st = image_symbols_read(s->image, s->options.symbols[i], &read, err);
	for (const struct dwarf *d = s->image->dwarf; d; d = d->next)
		if (d->note[0])
			log_failed(NULL, d->note);
	return st;
}

enum status session_open(struct session *s, const struct session_options *o, struct out *out, struct err *err)
{
	struct rig *rig;
	*s = (struct session){ .options = *o, .out = out };
	settings_init(&s->settings);
	s->settings.json = out->json;
	s->settings.max_instr = o->max_instr;
	s->settings.record = o->record;
	enum status st = o->reference ? reference_check(o->reference, err) : ST_OK;
	if (st == ST_OK && o->reference)
		st = settings_set(&s->settings, "reference", o->reference, err);
	if (st == ST_OK && o->directories)
		st = settings_set(&s->settings, "directories", o->directories, err);
	if (st == ST_OK)
		st = image_open_with(o->title, &o->image, &s->image, err);
	if (st != ST_OK)
		return st;
	if (o->image.key && xex_key_read(o->image.key, s->xex_key, NULL) == ST_OK) /* it was read a moment ago */
		s->options.machine.xex_key = s->xex_key;
	st = check_hash(s, err);
	if (st == ST_OK)
		st = more_symbols(s, err);
	place_name_imports(s->image);
	if (st == ST_OK)
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
	tui_free(s->tui);
	printed_fini(&s->printed);
	timeline_fini(s);
	breaks_detach(s);
	luaui_end(s);
	breaks_fini(&s->breaks);
	rig_free(s->rig);
	image_free(s->image);
	user_variables_fini(&s->variables);
	for (unsigned i = 0; i < s->own_count; i++) {
		free(s->own[i].name);
		free(s->own[i].stands_for);
		free(s->own[i].help);
		block_put(s->own[i].body);
	}
	free(s->own);
	journal_fini(&s->journal);
	if (s->lives)
		lives_free(s->lives);
	free(s->lives);
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
	breaks_detach(s);
	timeline_fini(s);
	rig_free(s->rig);
	s->rig = fresh;
	stand_at_entry(s);
	return ST_OK;
}

enum status session_resume(struct session *s, const struct recording *r, const char *path, struct err *err)
{
	const struct machine *m = session_machine(s);
	const struct snapshot_origin origin = { r->hash, 0, NULL };
	struct snapshot *snap;
	struct err second;
	enum status st = snapshot_open(path, &m->world, &m->history, &origin, &snap, err);
	if (st != ST_OK)
		return st;
	bool logged = s->log != NULL;
	if (close_log(s, &second) != ST_OK)
		log_failed(NULL, second.text);
	rig_restore(s->rig, snap);
	snapshot_free(snap);
	journal_fini(&s->journal);
	for (unsigned i = 0; i < r->journal.known; i++)
		journal_append(&s->journal, &r->journal.entry[i]);
	s->journal.done = s->journal.known;
	journal_arm(s);
	s->following = s->recording = NULL;
	s->stop = (struct stop){ .kind = r->stop };
	snprintf(s->stop.text, sizeof s->stop.text, "%s, as it was saved", stop_kind_word(r->stop));
	breaks_forget(s);
	session_arrive(s);
	timeline_resumed(s);
	return logged ? open_log(s, s->rig, err) : ST_OK;
}

void session_settings_changed(struct session *s)
{
	s->rig->audit.frames = (unsigned)s->settings.audit_frames;
	s->out->json = s->settings.json != 0;
	if (s->timeline.on != (s->settings.record != 0))
		timeline_begin(s, s->settings.record);
	timeline_thin(s);
}

void session_select(struct session *s, uint32_t thread)
{
	s->thread = thread;
	s->frame = 0;
}

struct query session_query(const struct session *s)
{
	return (struct query){ .machine = session_machine(s), .audit = &s->rig->audit, .breaks = &s->breaks, .stop = &s->stop,
		               .settings = &s->settings, .timeline = &s->timeline, .tainted = session_tainted(s), .journal = &s->journal,
		               .thread = s->thread, .frame = s->frame, .word = "", .lives = s->lives, .session = s };
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

/* Row of the thread that the last stop concerns, or of the DPC that was running; 0 = none. */
static uint32_t stopped_thread(const struct session *s)
{
	const struct machine *m = session_machine(s);
	uint32_t row = machine_current_thread(m);
	if (s->stop.tid)
		return thread_by_tid(m, s->stop.tid);
	return row && thread_is_dpc(thread_peek(m, row)) && hw_peek(m, thread_peek(m, row)->hw)->dpc_active ? row : 0;
}

/* What stopped, as the user sees it: the thread is selected, a breakpoint that stopped it is named. */
void session_arrive(struct session *s)
{
	s->arrivals++;
	struct machine *m = session_machine(s);
	uint32_t thread = stopped_thread(s);
	uint32_t ran = machine_current_thread(m);
	bool over = ran && thread_is_dpc(thread_peek(m, ran)); /* a DPC that has returned is no place to stand at */
	session_select(s, thread ? thread : ran && !over ? ran : machine_row(m)->main_thread);
	s->break_number = 0;
	s->next_ga = 0;
	s->list = (struct list_place){ 0 };
	bool asked = s->stop.kind == STOP_BREAK || s->stop.kind == STOP_STEP || s->stop.kind == STOP_EVENT || s->stop.kind == STOP_WATCH;
	if (asked && s->breaks.reached_count) {
		if (s->stop.kind == STOP_STEP)
			s->stop.kind = STOP_BREAK;
		s->break_number = s->breaks.reached[0];
		snprintf(s->stop.text, sizeof s->stop.text, "%s", s->breaks.text);
	} else {
		breaks_forget(s);
		if (s->stop.kind == STOP_WEDGE || s->stop.kind == STOP_STANDSTILL || s->stop.kind == STOP_STALL)
			breaks_stand(s);
	}
	breaks_sweep(s);
	if (s->log)
		log_flush(s->log);
}

/* The thread that stands at a breakpoint already reported goes over it. */
static void step_off(struct session *s)
{
	struct machine *m = session_machine(s);
	uint32_t thread = stopped_thread(s);
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

/* Runs for at most @limit instructions, in pieces while somebody watches: then the line of progress is kept up. */
static void run_machine(struct session *s, uint64_t limit)
{
	struct machine *m = session_machine(s);
	uint64_t most = allowance(s), end = machine_instructions(m);
	if (limit < most)
		most = limit;
	s->runs++;
	step_off(s);
	if (!most) {
		stop_at_limit(s);
		return;
	}
	end = most > UINT64_MAX - end ? UINT64_MAX : end + most;
	progress_begin(s);
	do {
		uint64_t left = end - machine_instructions(m), piece = progress_piece(s, m), past = timeline_piece(s);
		piece = piece < past ? piece : past;
		machine_run(m, left < piece ? left : piece, &s->stop);
		timeline_look(s);
	} while ((s->stop.kind == STOP_LIMIT || recording_goes_on(s)) && machine_instructions(m) < end && machine_cycle(m) < m->until_cycle);
	progress_end(s);
	timeline_ran(s);
	recording_check(s);
}

/* One instruction of @thread. Others may have to run for long until its turn comes: a person who watches is not left alone. */
#define STEP_PIECE UINT64_C(20000)
static void step_machine(struct session *s, uint32_t thread)
{
	s->runs++;
	step_off(s);
	if (!allowance(s)) {
		stop_at_limit(s);
		return;
	}
	do {
		uint64_t most = allowance(s);
		machine_step(session_machine(s), thread, most < STEP_PIECE ? most : STEP_PIECE, &s->stop);
		progress_step(s);
		timeline_look(s);
	} while (s->stop.kind == STOP_LIMIT && allowance(s));
	timeline_ran(s);
}

/* ---- what the user does to the guest; scheduler-locking ------------------------------------------------------------------ */

enum status session_set_register(struct session *s, const char *name, uint64_t value, struct err *err)
{
	struct journal_entry e = { .kind = JOURNAL_REGISTER, .value = value };
	if (!s->thread || thread_peek(session_machine(s), s->thread)->state == TS_TERMINATED)
		return err_set(err, ST_STATE, "there is no thread here whose registers could be meant");
	e.tid = thread_peek(session_machine(s), s->thread)->tid;
	snprintf(e.name, sizeof e.name, "%s", name);
	return journal_add(s, e, err);
}

enum status session_set_memory(struct session *s, uint32_t ga, unsigned size, uint64_t value, struct err *err)
{
	return journal_add(s, (struct journal_entry){ .kind = JOURNAL_MEMORY, .ga = ga, .size = size, .value = value }, err);
}

static void hold(struct session *s, uint32_t tid)
{
	struct err err;
	(void)!journal_add(s, (struct journal_entry){ .kind = JOURNAL_HOLD, .tid = tid }, &err); /* it cannot fail */
}

enum status session_write_memory(struct session *s, uint32_t ga, const void *bytes, size_t size, struct err *err)
{
	const uint8_t *p = bytes;
	uint8_t was[256];
	enum status st = ST_OK;
	if (size > UINT32_MAX - ga)
		return err_set(err, ST_BAD_ADDRESS, "%zu bytes at %08X go past the end of memory", size, ga);
	for (size_t i = 0; i < size; i += sizeof was)
		if (mem_peek(&session_machine(s)->mem, ga + (uint32_t)i, was, (uint32_t)(size - i < sizeof was ? size - i : sizeof was)) != MEM_OK)
			return err_set(err, ST_BAD_ADDRESS, "%zu bytes at %08X are not all mapped", size, ga);
	for (size_t i = 0; st == ST_OK && i < size;) {
		unsigned n = 8;
		uint64_t v = 0;
		while (n > size - i)
			n /= 2;
		for (unsigned k = 0; k < n; k++)
			v = v << 8 | p[i + k];
		st = session_set_memory(s, ga + (uint32_t)i, n, v, err);
		i += n;
	}
	return st;
}

/* From here on only the selected thread runs, if the setting says so. */
static bool hold_others(struct session *s, bool stepping)
{
	struct machine *m = session_machine(s);
	bool wanted = s->settings.scheduler_locking == LOCKING_ON || (stepping && s->settings.scheduler_locking == LOCKING_STEP);
	if (!wanted || !s->thread || thread_peek(m, s->thread)->state == TS_TERMINATED)
		return false;
	hold(s, thread_peek(m, s->thread)->tid);
	return true;
}

static void release_others(struct session *s, bool held)
{
	if (held)
		hold(s, 0);
}

/* ---- running, stepping --------------------------------------------------------------------------------------------------- */

void session_run(struct session *s, uint64_t limit)
{
	breaks_forget(s);
	bool held = hold_others(s, false);
	run_machine(s, limit);
	release_others(s, held);
	session_arrive(s);
}

struct event_goal {
	struct machine *machine;
	uint64_t event;
};

static void at_event(void *ctx, const struct event *ev)
{
	const struct event_goal *g = ctx;
	if (ev->seq + 1 >= g->event)
		machine_stop_on_event(g->machine, ev);
}

/* The machine stops at @goal's cycle and event too. */
static unsigned goal_set(struct machine *m, const struct run_goal *goal, struct event_goal *g)
{
	*g = (struct event_goal){ m, goal->event };
	m->until_cycle = goal->cycle;
	if (goal->event == UINT64_MAX)
		return 0;
	return event_subscribe(&m->events, &(struct event_observer){ EV_ALL, at_event, g });
}

static void goal_clear(struct machine *m, const struct run_goal *goal, unsigned slot)
{
	m->until_cycle = UINT64_MAX;
	if (goal->event != UINT64_MAX)
		event_unsubscribe(&m->events, slot);
}

void session_run_raw(struct session *s, const struct run_goal *goal)
{
	struct machine *m = session_machine(s);
	struct event_goal g;
	unsigned slot = goal_set(m, goal, &g);
	step_off(s);
	progress_begin(s);
	do {
		uint64_t now = machine_instructions(m), left = goal->instr > now ? goal->instr - now : 0;
		uint64_t piece = progress_piece(s, m), past = timeline_piece(s);
		piece = piece < past ? piece : past;
		machine_run(m, left < piece ? left : piece, &s->stop);
		timeline_look(s);
		/* A verdict of an earlier run is on the way, not at the end of it; so is a stop behind which the user changed something. */
	} while ((s->stop.kind == STOP_LIMIT || s->stop.kind == STOP_STALL || s->stop.kind == STOP_STANDSTILL || journal_due(s)) &&
	         machine_instructions(m) < goal->instr && machine_cycle(m) < goal->cycle);
	progress_end(s);
	goal_clear(m, goal, slot);
}

void session_run_to(struct session *s, const struct run_goal *goal)
{
	struct machine *m = session_machine(s);
	struct event_goal g;
	uint64_t now = machine_instructions(m);
	breaks_forget(s);
	unsigned slot = goal_set(m, goal, &g);
	s->breaks.mode = goal->pass ? BREAKS_PASS : BREAKS_STOP;
	bool held = hold_others(s, false);
	run_machine(s, goal->instr == UINT64_MAX ? UINT64_MAX : goal->instr - now);
	release_others(s, held);
	s->breaks.mode = BREAKS_STOP;
	goal_clear(m, goal, slot);
	bool there = machine_instructions(m) >= goal->instr || machine_cycle(m) >= goal->cycle || event_seq(&m->events) >= goal->event;
	if (there && !s->breaks.reached_count && (s->stop.kind == STOP_LIMIT || s->stop.kind == STOP_EVENT)) {
		s->stop.kind = STOP_STEP;
		s->stop.tid = 0; /* a breakpoint where a thread stands has not been looked at: it counts when the run goes on */
		s->stop.text[0] = 0;
	}
	session_arrive(s);
}

void session_step(struct session *s, uint64_t count)
{
	uint32_t thread = s->thread;
	breaks_forget(s);
	bool held = hold_others(s, true);
	s->stop.kind = STOP_STEP;
	progress_begin(s);
	for (uint64_t i = 0; i < count && s->stop.kind == STOP_STEP; i++) {
		step_machine(s, thread);
		if (s->stop.kind == STOP_STEP && breaks_reached(s, thread))
			break;
	}
	progress_end(s);
	release_others(s, held);
	session_arrive(s);
}

/* Runs until @thread itself comes to @ga or @ga2 with its stack pointer at or above @sp, or something else stops it. */
static void run_until(struct session *s, uint32_t thread, uint32_t ga, uint32_t ga2, uint32_t sp)
{
	struct machine *m = session_machine(s);
	uint32_t tid = thread_peek(m, thread)->tid;
	breaks_add_inner(s, ga);
	if (ga2)
		breaks_add_inner(s, ga2);
	for (;;) {
		run_machine(s, UINT64_MAX);
		if (s->stop.kind != STOP_BREAK || s->breaks.reached_count)
			break;
		bool there = s->stop.pc == ga || (ga2 && s->stop.pc == ga2);
		if (s->stop.tid == tid && there && (uint32_t)context_peek(m, thread)->gpr[1] >= sp) {
			s->stop.kind = STOP_STEP;
			break;
		}
	}
	breaks_remove_inner(s);
	if (s->stop.kind == STOP_STEP)
		s->stop.text[0] = 0;
}

void session_run_until(struct session *s, uint32_t ga, uint32_t ga2, uint32_t sp)
{
	breaks_forget(s);
	bool held = hold_others(s, false);
	run_until(s, s->thread, ga, ga2, sp);
	release_others(s, held);
	session_arrive(s);
}

/* One instruction; a call counts as one if @over. */
static void move_one(struct session *s, uint32_t thread, bool over)
{
	struct machine *m = session_machine(s);
	const struct ppc_context *c = context_peek(m, thread);
	uint32_t word;
	if (over && mem_fetch(&m->mem, c->pc, &word) == MEM_OK && ppc_is_call(word)) {
		run_until(s, thread, c->pc + 4, 0, (uint32_t)c->gpr[1]);
		return;
	}
	step_machine(s, thread);
	if (s->stop.kind == STOP_STEP)
		breaks_reached(s, thread);
}

void session_step_by(struct session *s, struct step_move (*next)(void *ctx, const struct session *s, uint32_t thread), void *ctx)
{
	uint32_t thread = s->thread;
	struct step_move move;
	breaks_forget(s);
	bool held = hold_others(s, true);
	s->stop.kind = STOP_STEP;
	progress_begin(s);
	while (s->stop.kind == STOP_STEP && !s->breaks.reached_count && thread_peek(session_machine(s), thread)->state != TS_TERMINATED &&
	       (move = next(ctx, s, thread)).kind != MOVE_DONE) {
		if (move.kind == MOVE_OUT)
			run_until(s, thread, move.ga, 0, move.sp);
		else
			move_one(s, thread, move.kind == MOVE_OVER);
	}
	progress_end(s);
	release_others(s, held);
	session_arrive(s);
}

static struct step_move one_over(void *ctx, const struct session *s, uint32_t thread)
{
	uint64_t *left = ctx;
	return (struct step_move){ .kind = (*left)-- ? MOVE_OVER : MOVE_DONE };
}

void session_next(struct session *s, uint64_t count)
{
	session_step_by(s, one_over, &count);
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
		[STOP_WEDGE] = 3, [STOP_STANDSTILL] = 3, [STOP_STALL] = 3, [STOP_FAULT] = 4, [STOP_ILLEGAL] = 4, [STOP_TRAP] = 4, [STOP_BUGCHECK] = 4, [STOP_EXCEPTION] = 4, [STOP_GPU] = 4, [STOP_LIMIT] = 5,
		[STOP_UNIMPLEMENTED] = 6, [STOP_MOUNT] = 2,
	};
	return (unsigned)s->stop.kind < ARRAY_LEN(codes) ? codes[s->stop.kind] : 0;
}

/* ---- looking back ------------------------------------------------------------------------------------------------------ */

/* The way that the session's machine went, up to where it stands: past stalls, standstills and faults that it went on from. */
static void run_again(struct session *s, struct machine *m, struct stop *stop)
{
	struct journal_walk w = { .machine = m, .journal = &s->journal, .end = machine_position(session_machine(s)) };
	struct machine_position before, now = machine_position(m);
	journal_walk_begin(&w);
	do {
		before = now;
		machine_run(m, progress_piece(s, m), stop);
		now = machine_position(m);
	} while (stop->kind != STOP_INTERRUPT && stop->kind != STOP_STEP && !machine_position_equal(&now, &w.end) &&
	         !machine_position_equal(&now, &before));
	m->change_at = NULL;
}

/* Loads and runs the second machine @m, whose observers wait; @loaded is called in between. */
static enum status run_second(struct session *s, struct machine *m, void (*loaded)(void *ctx), void *ctx, struct err *err)
{
	struct stop stop = { 0 };
	m->interrupt = interrupt_flag();
	enum status st = machine_load(m, s->image, err);
	if (st == ST_OK && loaded)
		loaded(ctx);
	if (st == ST_OK) {
		progress_begin(s);
		run_again(s, m, &stop);
		progress_end(s);
	}
	if (st == ST_OK && stop.kind == STOP_INTERRUPT)
		st = err_set(err, ST_STATE, "interrupted while looking back");
	return st;
}

struct watched {
	struct session *session;
	struct notes *notes;
	const uint64_t *osids;
	unsigned count;
};

static void watch_headers(void *ctx)
{
	const struct watched *w = ctx;
	notes_watch_headers(w->notes, session_machine(w->session), w->osids, w->count);
}

enum status session_replay(struct session *s, const uint64_t *osids, unsigned count, struct replay *out, struct err *err)
{
	*out = (struct replay){ 0 };
	enum status st = rig_new(&s->options.machine, &out->rig, err);
	if (st != ST_OK)
		return st;
	struct machine *m = out->rig->machine;
	out->rig->audit.frames = (unsigned)s->settings.audit_frames;
	for (unsigned i = 0; i < count; i++)
		audit_focus_osid(&out->rig->audit, osids[i]);
	notes_watch(&out->notes, m);
	struct watched watched = { s, &out->notes, osids, count };
	st = run_second(s, m, watch_headers, &watched, err);
	if (st != ST_OK) {
		replay_free(out);
		return st;
	}
	out->same = machine_digest(m) == machine_digest(session_machine(s));
	return ST_OK;
}

enum status session_log_again(struct session *s, const char *path, struct err *err)
{
	struct rig *rig;
	struct log *log = NULL;
	struct err second;
	enum status st = rig_new(&s->options.machine, &rig, err);
	if (st != ST_OK)
		return st;
	struct machine *m = rig->machine;
	st = log_open(path, &(struct log_options){ .tell = log_failed }, &m->events, &m->history, rig->t_log, &log, err);
	if (st == ST_OK)
		st = run_second(s, m, NULL, NULL, err);
	if (log && log_close(log, &second) != ST_OK && st == ST_OK)
		st = err_set(err, ST_IO, "%s", second.text);
	rig_free(rig);
	return st;
}

void replay_free(struct replay *r)
{
	rig_free(r->rig);
	notes_fini(&r->notes);
	*r = (struct replay){ 0 };
}
