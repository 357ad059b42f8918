/* ui/tui/front.c - see front.h: the terminal's part. The line that is typed is in front_line.c. */
#include "config.h"

#include "ui/tui/front_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ui/crash.h"
#include "ui/interrupt.h"
#include "ui/line.h"
#include "ui/progress.h"
#include "ui/tui/held.h"

/* While the title runs: the least time between two looks of the panes, and between two paintings of the screen for the title line's sake; and of
 * the processor's time each of both may have one part in so many. Together they stay below a hundredth. */
#define LOOK_NS UINT64_C(100000000)
#define PAINT_NS UINT64_C(50000000)
#define SHARE 300u

struct front front;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static uint64_t used_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

static bool is_due(const struct due *d, uint64_t now, uint64_t used) { return now >= d->ns && used >= d->used; }

/* What was done from @began to @used of the processor's time, and ended at @now, is to be done again. */
static void done_again(struct due *d, uint64_t period, uint64_t now, uint64_t began, uint64_t used)
{
	d->ns = now + period;
	d->used = used + (used - began) * SHARE;
}

/* The panes are at work in @call: a run that a pane makes meanwhile (the report looks back) must not come to them again. */
#define INSIDE(call) \
	do { \
		bool inside = front.inside; \
		front.inside = true; \
		call; \
		front.inside = inside; \
	} while (0)

/* ---- the screen --------------------------------------------------------------------------------------------------------- */

/* What was written meanwhile goes to the command pane. */
static void take_output(void)
{
	char *text = held_take();
	if (text)
		tui_command_output(front.tui, text);
	free(text);
}

void front_paint(void)
{
	take_output();
	front_line_show();
	term_mouse(front.s->settings.mouse != 0);
	INSIDE(tui_draw(front.tui, &front.grid));
	if (!front.busy) {
		tui_progress(front.tui, ""); /* a pane may have looked back for what it shows: that is over */
		tui_draw_title(front.tui, &front.grid);
	}
	term_show(&front.grid);
}

static void fit(void)
{
	unsigned rows, cols;
	term_size(&rows, &cols);
	INSIDE(front.too_small = !tui_resize(front.tui, rows, cols));
	term_repaint();
	if (front.too_small)
		front.s->panes = false;
}

/* What signals have told: another size, C-z, gone on. True: something did. */
bool front_notes(void)
{
	unsigned notes = term_notes();
	if (notes & TERM_NOTE_STOP)
		term_suspend();
	if (notes & TERM_NOTE_GOES_ON)
		term_resume();
	if (notes)
		fit();
	return notes != 0;
}

/* ---- keys and clicks ------------------------------------------------------------------------------------------------------ */

static void refuse(void)
{
	tui_message(front.tui, front.asking ? "a question waits for its answer in the command line" : "the title runs: Ctrl-C stops it");
}

static void answer(enum tui_answer a)
{
	switch (a) {
	case TUI_RUN:
	case TUI_QUIT:
		if (front.busy || front.asking)
			refuse();
		else
			front_execute(a == TUI_QUIT ? "quit" : tui_line(front.tui));
		break;
	case TUI_LEAVE:
		if (front.busy || front.asking)
			refuse();
		else
			front.s->panes = false;
		break;
	case TUI_SUSPEND:
		term_suspend();
		fit();
		break;
	case TUI_REDRAW: fit(); break;
	case TUI_DONE:
	case TUI_UNKNOWN: break;
	}
}

static void press(tui_key_code key)
{
	bool prefixed = front.prefix;
	front.prefix = false;
	if (!prefixed && tui_wants_line(front.tui) && front_line_key(key))
		return;
	front.prefix = !prefixed && key == (TK_CTRL | 'x');
	enum tui_answer a;
	INSIDE(a = tui_key(front.tui, key));
	answer(a);
}

static void click(const struct term_event *e)
{
	enum tui_answer a;
	INSIDE(a = tui_mouse(front.tui, e->row, e->col, e->button, e->clicks));
	answer(a);
}

bool front_events(void)
{
	bool any = false;
	for (struct term_event e; front_goes_on() && (e = term_next()).kind != TERM_NOTHING; any = true) {
		if (e.kind == TERM_KEY)
			press(e.key);
		else
			click(&e);
		if (front.accepted)
			break;
	}
	return any;
}

/* ---- while the machine runs --------------------------------------------------------------------------------------------- */

static void tell_progress(const struct machine *m, uint64_t now)
{
	const struct session *s = front.s;
	char instr[CYCLES_TEXT], text[80];
	uint64_t done = machine_instructions(m), ns = now - front.told;
	if (ns < PAINT_NS)
		return; /* a key was pressed: a rate of so short a time says little */
	uint64_t rate = done > front.told_instr && ns ? (done - front.told_instr) * 1000 / ns : 0; /* a million a second */
	if (m == session_machine(s) && !s->timeline.silent)
		snprintf(text, sizeof text, "runs, %llu MIPS (Ctrl-C stops)", (unsigned long long)rate);
	else
		snprintf(text, sizeof text, "%s, at instr %s, %llu MIPS (Ctrl-C stops)", m == session_machine(s) ? "goes there" : "looks back",
			 cycles_text(instr, done), (unsigned long long)rate);
	tui_progress(front.tui, text);
	front.told = now;
	front.told_instr = done;
}

static void paint_title(uint64_t now, uint64_t used)
{
	tui_draw_title(front.tui, &front.grid);
	term_show(&front.grid);
	done_again(&front.paint, PAINT_NS, now, used, used_ns());
}

/* @typed: a key asks for the whole screen. */
static void look_at(const struct machine *m, bool typed)
{
	uint64_t now = now_ns();
	if (!typed && now < front.paint.ns)
		return;
	uint64_t used = used_ns();
	/* On the way through the past what one sees is not where one stands. */
	bool there = m == session_machine(front.s) && !front.s->timeline.silent, anew = there && is_due(&front.look, now, used);
	if (!typed && !anew && !is_due(&front.paint, now, used))
		return;
	tell_progress(m, now);
	if (anew)
		INSIDE(tui_refresh(front.tui, true));
	if (typed || anew) {
		front_paint();
		done_again(&front.look, LOOK_NS, now_ns(), used, used_ns());
	} else {
		paint_title(now, used);
	}
}

static void look(void *ctx, const struct machine *m)
{
	bool busy = front.busy, typed = false;
	(void)ctx;
	if (front.inside) { /* a pane itself looks back: the panes are not to be asked now, and keys wait */
		uint64_t now = now_ns();
		if (is_due(&front.paint, now, used_ns())) {
			tell_progress(m, now);
			paint_title(now, used_ns());
		}
		return;
	}
	front.busy = true; /* also when no key has begun the run */
	if (!term_is_quiet()) {
		if (!term_wait(0))
			interrupt_hung_up();
		typed = front_notes();
		typed |= front_events();
	}
	look_at(m, typed);
	front.busy = busy;
}

static const struct progress_watcher watcher = { .look = look };

/* DEBT(panes-stand-still): a command that does not run the machine is not looked on. */
void front_execute(const char *line)
{
	char *copy = xstrdup(line);
	front.busy = true;
	tui_echo(front.tui, copy);
	front.told = now_ns();
	front.told_instr = machine_instructions(session_machine(front.s));
	front.look = front.paint = (struct due){ front.told + LOOK_NS, 0 };
	line_execute(front.s, copy);
	front.busy = false;
	free(copy);
	take_output();
	tui_progress(front.tui, "");
	INSIDE(tui_refresh(front.tui, false));
	line_terminated(front.s);
}

/* ---- opening, closing ------------------------------------------------------------------------------------------------------ */

static void rescue(void)
{
	term_rescue();
	held_rescue();
}

static enum status open_all(struct session *s, struct err *err)
{
	unsigned rows, cols;
	enum status st = term_open(err);
	if (st != ST_OK)
		return st;
	term_size(&rows, &cols);
	if (rows < TUI_LEAST_ROWS || cols < TUI_LEAST_COLS)
		st = err_set(err, ST_STATE, "the window has %ux%u characters, the panes need %ux%u", cols, rows, TUI_LEAST_COLS, TUI_LEAST_ROWS);
	if (st == ST_OK)
		st = held_begin(err);
	if (st != ST_OK) {
		term_close();
		return st;
	}
	if (!s->tui)
		s->tui = tui_new(s, rows, cols);
	front.tui = s->tui;
	INSIDE(tui_resize(front.tui, rows, cols));
	return ST_OK;
}

enum status front_open(struct session *s, struct err *err)
{
	front.s = s;
	s->panes = term_is_open();
	if (!s->panes) {
		enum status st = open_all(s, err);
		if (st != ST_OK)
			return st;
		front.out = *s->out;
		s->out->file = stdout;
		s->out->colour = false;
		s->console_only = true;
		front.too_small = false;
		s->panes = true;
	}
	progress_watch(&watcher);
	crash_at_end(rescue);
	INSIDE(tui_refresh(front.tui, false));
	front_paint();
	return ST_OK;
}

void front_close(struct session *s)
{
	if (!term_is_open())
		return;
	take_output();
	progress_watch(NULL);
	term_close();
	crash_at_end(NULL);
	held_end();
	s->out->file = front.out.file;
	s->out->colour = front.out.colour;
	s->console_only = false;
	grid_fini(&front.grid);
	if (front.too_small)
		fprintf(stderr, "wedge: the window is too small for the panes (%ux%u at least): here is the prompt; `tui` brings them back\n",
			TUI_LEAST_COLS, TUI_LEAST_ROWS);
}
