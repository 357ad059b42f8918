/* ui/report_text.c - the report as text, at most 98 columns wide where words allow. */
#include "config.h"

#include "ui/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/deadline.h"
#include "kernel/gpu.h"
#include "kernel/xma.h"
#include "kernel/stall.h"
#include "ui/inspect/books.h"

#define LABEL 7u

static void section(struct out *o, const char *label)
{
	out_printf(o, "%s%-*s%s", out_style(o, STYLE_BOLD), (int)LABEL, label, out_style(o, STYLE_PLAIN));
}

static void labelled(struct out *o, const char *label, const char *text)
{
	section(o, label);
	out_flow(o, text, LABEL);
}

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

/* ---- head --------------------------------------------------------------------------------------------------------------- */

static void print_verdict(const struct report *r, struct out *o)
{
	char cycles[CYCLES_TEXT], instr[CYCLES_TEXT], events[CYCLES_TEXT];
	enum out_style style = r->verdict != VERDICT_RUNNING ? STYLE_RED : STYLE_GREEN;
	const char *word = r->ended ? "ENDED" : verdict_word(r);
	cycles_text(cycles, r->cycles);
	cycles_text(instr, r->instructions);
	cycles_text(events, r->events);
	out_printf(o, "%s%s%s  cyc %s  instr %s  ev %s  digest %016" PRIx64 "%s\n", out_style(o, style), word,
		out_style(o, STYLE_PLAIN), cycles, instr, events, r->digest, session_tainted(r->session) ? "  tainted" : "");
}

static void print_quiet(const struct report *r, struct out *o)
{
	char text[600];
	const struct quiescence *q = &r->quiet;
	char lost[32] = "", xma[40] = "", inputs[40] = "";
	if (q->io_lost)
		snprintf(lost, sizeof lost, " (and %u lost)", q->io_lost);
	if (q->xma)
		snprintf(xma, sizeof xma, ", XMA contexts at work %u", q->xma);
	if (q->inputs)
		snprintf(inputs, sizeof inputs, ", pad inputs to come %u", q->inputs);
	snprintf(text, sizeof text,
		"%u/%u threads parked, %u suspended, %u runnable. timers armed %u, timed waits %u, APC %u, DPC %u, I/O in flight %u%s, "
		"interrupt sources %u, audio clients %u%s%s.%s",
		q->parked, q->threads, q->suspended, q->runnable, q->timers, q->timeouts, q->apcs, q->dpcs, q->io, lost, q->interrupts,
		q->audio, xma, inputs, r->verdict == VERDICT_WEDGE ? " Proof: no event source of the machine can run again." : "");
	labelled(o, r->verdict == VERDICT_WEDGE ? "QUIET" : "STATE", text);
}

/* What the command processor is at: a frame that never ends may be its affair. */
static void print_gpu(const struct report *r, struct out *o)
{
	char text[400], wait[120], since[CYCLES_TEXT];
	const struct w_gpu *g = gpu_peek(r->query.machine);
	const struct h_gpu *c = gpu_count(r->query.machine);
	size_t n = (size_t)snprintf(text, sizeof text, "frames shown %" PRIu64 ", fences written to %u place%s; ", c->swaps,
		r->gpu_fences, plural(r->gpu_fences));
	if (g->hung)
		snprintf(text + n, sizeof text - n, "the command processor hangs.");
	else if (g->waiting) {
		gpu_wait_text(r->query.machine, wait, sizeof wait);
		snprintf(text + n, sizeof text - n, "the command processor waits since cyc %s until %s.", cycles_text(since, g->wait_since), wait);
	} else
		snprintf(text + n, sizeof text - n, "the command processor has read %s (dword %u of the ring).",
			g->rptr == g->wptr ? "all that it was told of" : "up to a packet that is not whole", g->rptr);
	labelled(o, "GPU", text);
}

/* What the XMA contexts are at: one that was not fed may be why nobody hears of its end. */
static void print_xma(const struct report *r, struct out *o)
{
	char text[300], cycle[CYCLES_TEXT];
	uint64_t last = 0;
	unsigned taken = 0, in[XMA_STATE_COUNT] = { 0 };
	const struct machine *m = r->query.machine;
	for (uint32_t n = 0; n < XMA_CONTEXTS; n++) {
		taken += xma_taken(m, n);
		in[xma_count(m, n)->state] += xma_taken(m, n);
		if (xma_taken(m, n) && xma_count(m, n)->last > last)
			last = xma_count(m, n)->last;
	}
	if (!taken)
		return;
	size_t at = (size_t)snprintf(text, sizeof text, "contexts %u", taken);
	for (unsigned s = 0; s < XMA_STATE_COUNT; s++)
		if (in[s])
			at += (size_t)snprintf(text + at, sizeof text - at, ", %s %u", xma_state_text(s), in[s]);
	if (last)
		snprintf(text + at, sizeof text - at, "; the last frame was taken at cyc %s (info xma).", cycles_text(cycle, last));
	else
		snprintf(text + at, sizeof text - at, "; no frame was ever taken (info xma).");
	labelled(o, "XMA", text);
}

static void seconds_text(char buf[40], uint64_t cycles)
{
	uint64_t ms = cycles / CYCLES_PER_TICK / (TICKS_PER_SECOND / 1000);
	snprintf(buf, 40, "%" PRIu64 ".%03" PRIu64 " s", ms / 1000, ms % 1000);
}

static unsigned with_role(const struct report *r, uint32_t *from, bool counted)
{
	const struct machine *m = r->query.machine;
	unsigned n = 0;
	for (uint32_t row = *from; row < arena_count(&m->world, m->t_thread); row++) {
		if (counted ? !stall_counted(r->roles[row]) : r->roles[row] != STALL_GOES_ON)
			continue;
		if (!n++)
			*from = row;
	}
	return n;
}

/* Since when who is parked on what; who goes on, and with what. */
static void print_roles(const struct report *r, struct out *o)
{
	const struct machine *m = r->query.machine;
	char text[2 * WORDS_TEXT + SYMBOL_TEXT + 200], name[64], symbol[SYMBOL_TEXT], words[40];
	uint32_t row = 1;
	for (; with_role(r, &row, true); row++) {
		const struct w_thread *t = thread_peek(m, row);
		struct wait_words w;
		wait_words(m, row, &w);
		seconds_text(words, r->cycles - t->wait_since);
		snprintf(text, sizeof text, "tid %u %s: for %s, on %s %s %s%s", t->tid, thread_name(m, row, name, sizeof name),
			words, w.kind, w.handles, w.objects,
			r->roles[row] == STALL_NEEDED ? "; it counts because of the others" : "");
		labelled(o, "", text);
	}
	for (row = 1; with_role(r, &row, false); row++) {
		const struct w_thread *t = thread_peek(m, row);
		snprintf(text, sizeof text, "tid %u %s goes on: %s at %s", t->tid, thread_name(m, row, name, sizeof name),
			thread_state_word(m, row), code_text(m, thread_pc(m, row), symbol, sizeof symbol));
		labelled(o, "", text);
	}
}

static void print_stall(const struct report *r, struct out *o)
{
	char text[400], limit[40];
	uint32_t row = 1;
	unsigned n = with_role(r, &row, true);
	seconds_text(limit, r->query.machine->options.stall_ticks * CYCLES_PER_TICK);
	snprintf(text, sizeof text,
		"%u thread%s parked without a timeout for more than %s, on objects that nobody has signalled since, while others go on. "
		"Inferred: the signal may still come.",
		n, n == 1 ? " is" : "s are", limit);
	labelled(o, "STALL", text);
	print_roles(r, o);
}

/* "timer @4 82010040 every 16 ms, 120 times: DPC 82000120 vblank_routine on hw 2" */
static void callback_text(const struct report *r, const struct report_callback *c, char *buf, size_t size)
{
	const struct image *img = r->query.machine->image;
	char symbol[SYMBOL_TEXT];
	size_t n;
	if (c->source) {
		snprintf(buf, size, "%s has come %u times; its routine: %08X %s on hw %u", source_text(c->source - 1), c->times, c->dpc,
			symbol_text(img, c->dpc, symbol, sizeof symbol), c->hw);
		return;
	}
	const struct w_object *ob = object_peek(r->query.machine, c->object);
	n = (size_t)snprintf(buf, size, "timer @%u %08X", ob->id, ob->body_ga);
	if (c->period_ms)
		n += (size_t)snprintf(buf + n, size - n, " every %u ms", c->period_ms);
	n += (size_t)snprintf(buf + n, size - n, " has come due %u times", c->times);
	if (c->dpc)
		n += (size_t)snprintf(buf + n, size - n, "; its DPC: %08X %s on hw %u", c->dpc, symbol_text(img, c->dpc, symbol, sizeof symbol), c->hw);
	if (c->apc)
		snprintf(buf + n, size - n, "; its APC: %08X %s of tid %u", c->apc, symbol_text(img, c->apc, symbol, sizeof symbol), c->tid);
}

#define CALLBACKS_SHOWN 8u

static void print_standstill(const struct report *r, struct out *o)
{
	char text[600], since[CYCLES_TEXT], time[40];
	seconds_text(time, r->cycles - r->still.since);
	snprintf(text, sizeof text,
		"for %u periods (%s, since cyc %s) only periodic callbacks and whom they wake have run, no instruction for the first time; "
		"nobody has signalled what the others wait for. Inferred: a callback may be counting up to something.",
		r->still.periods, time, cycles_text(since, r->still.since));
	labelled(o, "STILL", text);
	for (unsigned i = 0; i < r->callback_count && i < CALLBACKS_SHOWN; i++) {
		callback_text(r, &r->callbacks[i], text, sizeof text);
		labelled(o, "", text);
	}
	if (r->callback_count > CALLBACKS_SHOWN) {
		snprintf(text, sizeof text, "and %u more: `info timers`", r->callback_count - CALLBACKS_SHOWN);
		labelled(o, "", text);
	}
	print_roles(r, o);
}

static void print_cause(const struct report *r, struct out *o)
{
	char text[200];
	if (!r->root_count) {
		labelled(o, "CAUSE", "No root was found: no thread waits without end.    confidence LOW");
		return;
	}
	const struct verdict *v = &r->roots[0].verdict;
	snprintf(text, sizeof text, "%s    confidence %s", cause_text(v->cause), confidence_word(v->confidence));
	labelled(o, "CAUSE", text);
	out_printf(o, "%s%-*s%s%s  (hash of canonical object ids, types and causes; no raw handles)\n", out_style(o, STYLE_BOLD),
		(int)LABEL, "SIG", out_style(o, STYLE_PLAIN), r->signature);
}

/* ---- roots -------------------------------------------------------------------------------------------------------------- */

static void root_name(const struct report *r, const struct report_root *root, char *buf, size_t size)
{
	char name[128];
	if (root->thread) {
		snprintf(buf, size, "@%u Thread tid %u (suspended)", root->id, thread_peek(r->query.machine, root->thread)->tid);
		return;
	}
	if (!*object_handle_text(r->query.machine, root->object, name, sizeof name))
		snprintf(name, sizeof name, "%08X", object_peek(r->query.machine, root->object)->body_ga);
	snprintf(buf, size, "@%u %s %s", root->id, root->type, name);
}

static unsigned distinct_threads(const struct report *r)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->graph.nodes; i++) {
		bool found = false;
		for (unsigned k = 0; k < r->graph.roots && !found; k++)
			for (unsigned t = 0; t < r->graph.root[k].thread_count; t++)
				found |= r->graph.root[k].threads[t] == i;
		n += found;
	}
	return n;
}

static void append_tids(char *text, size_t size, const struct report_root *root, unsigned from, unsigned to)
{
	size_t n = strlen(text);
	for (unsigned i = from; i < to && n + 12 < size; i++)
		n += (size_t)snprintf(text + n, size - n, " %u", root->tids[i]);
}

static void print_roots(const struct report *r, struct out *o)
{
	char text[700], name[160], tids[400];
	snprintf(text, sizeof text, "%u object%s hold%s %u of %u threads", r->root_count, plural(r->root_count),
		r->root_count == 1 ? "s" : "", distinct_threads(r), r->quiet.threads);
	labelled(o, "ROOTS", text);
	for (unsigned i = 0; i < r->root_count; i++) {
		const struct report_root *root = &r->roots[i];
		root_name(r, root, name, sizeof name);
		tids[0] = 0;
		append_tids(tids, sizeof tids, root, 0, root->proven_count);
		if (root->proven_count)
			strcat(tids, " (proven)");
		if (root->tid_count > root->proven_count) {
			append_tids(tids, sizeof tids - 24, root, root->proven_count, root->tid_count);
			strcat(tids, " (inferred)");
		}
		out_printf(o, " %c  ", root->letter);
		snprintf(text, sizeof text, "%-28s %2u thread%s:%s  %s", name, root->tid_count, plural(root->tid_count), tids,
			cause_word(root->verdict.cause));
		out_flow(o, text, 4);
	}
}

static void print_chains(const struct report *r, struct out *o)
{
	section(o, "CHAIN");
	out_printf(o, "(=> proven: read from the kernel's state   ~> inferred: from past signals)\n");
	for (unsigned i = 0; i < r->chains.count; i++) {
		out_printf(o, " ");
		out_flow(o, r->chains.line[i], 1);
	}
}

static void print_card(const struct report *r, const struct report_root *root, struct out *o)
{
	char name[160], object_text[64], text[300];
	const struct w_object *ob = object_peek(r->query.machine, root->object);
	root_name(r, root, name, sizeof name);
	visible_text(object_text, sizeof object_text, object_name(r->query.machine, root->object));
	snprintf(text, sizeof text, "%s, guest address %08X, signal state %d, name %s", name, ob->body_ga,
		object_signal_state(r->query.machine, root->object), object_text[0] ? object_text : "-");
	out_printf(o, "\n%sROOT %c%s  ", out_style(o, STYLE_BOLD), root->letter, out_style(o, STYLE_PLAIN));
	out_flow(o, text, 8);
	for (unsigned i = 0; i < root->card.count; i++) {
		const char *line = root->card.line[i], *tab = strchr(line, '\t');
		out_printf(o, " %-8.*s", (int)(tab - line), line);
		out_flow(o, tab + 1, 9);
	}
}

/* ---- tail --------------------------------------------------------------------------------------------------------------- */

/* Workers that wait for work, as they did before, in one line. */
static void print_idle(const struct report *r, struct out *o)
{
	char text[1100], tids[600] = "";
	unsigned threads = 0;
	size_t n = 0;
	for (unsigned i = 0; i < r->parked_count; i++) {
		if (!r->parked[i].idle)
			continue;
		threads += r->parked[i].count;
		if (n < sizeof tids)
			n += (size_t)snprintf(tids + n, sizeof tids - n, " %s", r->parked[i].tids);
	}
	if (!threads || r->verbose)
		return;
	snprintf(text, sizeof text, "idle: %u thread%s for what has woken %s before, needed by no root: tid%s (`parked`)", threads,
		threads == 1 ? " waits" : "s wait", threads == 1 ? "it" : "them", tids);
	out_printf(o, " ");
	out_flow(o, text, 6);
}

static void print_parked(const struct report *r, struct out *o)
{
	char text[1100];
	unsigned threads = 0;
	for (unsigned i = 0; i < r->parked_count; i++)
		threads += r->parked[i].count;
	if (!r->parked_count)
		return;
	out_printf(o, "\n");
	snprintf(text, sizeof text, "%u thread%s in %u distinct stack%s", threads, plural(threads), r->parked_count,
		plural(r->parked_count));
	labelled(o, "PARKED", text);
	for (unsigned i = 0; i < r->parked_count; i++) {
		if (r->parked[i].idle && !r->verbose)
			continue;
		snprintf(text, sizeof text, "x%u  tid %s:  %s%s", r->parked[i].count, r->parked[i].tids, r->parked[i].line,
			r->parked[i].idle ? "  (idle)" : "");
		out_printf(o, " ");
		out_flow(o, text, 6);
	}
	print_idle(r, o);
}

static void print_list(struct out *o, const char *label, const struct lines *l, const char *mark)
{
	for (unsigned i = 0; i < l->count; i++) {
		char text[REPORT_LINE + 8];
		snprintf(text, sizeof text, "%s%.*s", mark, REPORT_LINE, l->line[i]);
		labelled(o, i ? "" : label, text);
	}
}

/* Commands are not broken: each can be copied. */
static void print_next(const struct report *r, struct out *o)
{
	unsigned column = LABEL;
	section(o, "NEXT");
	for (unsigned i = 0; i < r->next.count; i++) {
		bool last = i + 1 == r->next.count;
		unsigned n = (unsigned)text_columns(r->next.line[i]) + 2;
		if (i && column + n + 2 > OUT_WIDTH) {
			out_printf(o, "\n%*s", (int)LABEL, "");
			column = LABEL;
		} else if (i) {
			out_printf(o, " ");
		}
		out_printf(o, "`%s`%s", r->next.line[i], last ? "" : " |");
		column += n + 3;
	}
	out_printf(o, "\n");
}

void report_print(const struct report *r, struct out *o)
{
	if (o->json) {
		report_json(r, o);
		return;
	}
	print_verdict(r, o);
	if (r->only >= 0) {
		print_card(r, &r->roots[r->only], o);
		return;
	}
	if (!r->ended)
		print_quiet(r, o);
	if (!r->ended && gpu_peek(r->query.machine)->ring_dwords)
		print_gpu(r, o);
	if (!r->ended)
		print_xma(r, o);
	if (r->verdict == VERDICT_STALL)
		print_stall(r, o);
	if (r->verdict == VERDICT_STANDSTILL)
		print_standstill(r, o);
	if (r->verdict != VERDICT_RUNNING) {
		print_cause(r, o);
		out_printf(o, "\n");
		print_roots(r, o);
		out_printf(o, "\n");
		print_chains(r, o);
		for (unsigned i = 0; i < r->root_count; i++)
			print_card(r, &r->roots[i], o);
	} else {
		labelled(o, r->ended ? "END" : r->stopped ? "STOPS" : "RUNS", r->state);
	}
	print_parked(r, o);
	out_printf(o, "\n");
	if (r->diff[0])
		labelled(o, "DIFF", r->diff);
	print_list(o, "ODD", &r->odd, "! ");
	print_next(r, o);
}
