/* ui/inspect/fill_stack.c - call stacks: of a thread, of all, grouped, word by word. */
#include "config.h"

#include "kernel/apc.h"
#include "kernel/module.h"
#include "ui/inspect/stack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/exports.h"
#include "ui/inspect/frame_regs.h"
#include "ui/inspect/inspect.h"
#include "ui/source.h"

static bool pdata_entry(const void *machine, uint32_t ga, uint32_t *begin)
{
	struct image_function f;
	bool known = machine_function_at(machine, ga, &f);
	*begin = known ? f.ga : 0;
	return known;
}

/*
 * Where the function at @pc returns to, if that is not yet where a walk looks for it: LR has it, or another register, or it is saved before the
 * frame is made. Moves @at there. *@rule: how it was found.
 */
static bool early_return(
	const struct machine *m, const struct ppc_context *c, const struct unwind *u, struct walk_start *at, const char **rule)
{
	be32 saved;
	if (!u->cfa_known)
		return false;
	if (u->lr.how == UNWIND_SAVED) {
		if (u->cfa || mem_peek(&m->mem, at->sp + (uint32_t)u->lr.offset, &saved, sizeof saved) != MEM_OK)
			return false;
		at->lr = be32_get(saved);
		*rule = walk_rule_word(u->lr.offset < 0 ? WALK_XDK : WALK_SYSV);
		return true;
	}
	if (u->lr.how != UNWIND_SAME && u->lr_in < 0)
		return false;
	if (u->lr.how != UNWIND_SAME)
		at->lr = (uint32_t)c->gpr[u->lr_in];
	at->sp += (uint32_t)u->cfa;
	*rule = u->lr.how == UNWIND_SAME ? walk_rule_word(WALK_LIVE) : "register";
	return true;
}

/* GPR @n as it was when the function at the pc was entered; its CFA is @cfa. */
static bool kept_register(
	const struct machine *m, const struct ppc_context *c, const struct unwind *u, unsigned n, uint32_t cfa, uint32_t *value)
{
	be32 saved;
	*value = (uint32_t)c->gpr[n];
	if (u->gpr[n].how != UNWIND_SAVED || u->gpr[n].size != 4)
		return u->gpr[n].how == UNWIND_SAME;
	if (mem_peek(&m->mem, cfa + (uint32_t)u->gpr[n].offset, &saved, sizeof saved) != MEM_OK)
		return false;
	*value = be32_get(saved);
	return true;
}

/* Where the @caller of such a routine returns to. */
static bool kept_return(const struct machine *m, const struct ppc_context *c, const struct unwind *u, const struct unwind *caller,
	uint32_t cfa, uint32_t *value)
{
	be32 saved;
	if (caller->lr_in >= 0)
		return kept_register(m, c, u, (unsigned)caller->lr_in, cfa, value);
	if (caller->lr_saved.how != UNWIND_SAVED ||
		mem_peek(&m->mem, cfa + (uint32_t)caller->lr_saved.offset, &saved, sizeof saved) != MEM_OK)
		return false;
	*value = be32_get(saved);
	return true;
}

static void add_frame(struct stack *s, unsigned limit, uint32_t pc, uint32_t sp, const char *rule, const char *why)
{
	if (s->count < limit && s->count < STACK_FRAMES_MAX)
		s->frame[s->count++] = (struct stack_frame){ pc, sp, rule, why };
}

/* The callers that are found by what the code says at @pc. Returns whether LR still tells the next one: moves @at to where the walk begins. */
static bool exact_callers(
	const struct machine *m, const struct ppc_context *c, struct walk_start *at, struct stack *s, unsigned limit)
{
	struct unwind u, caller;
	const char *rule;
	uint32_t value;
	bool said = unwind_at(m, c->pc, &u);
	if (!said && unwind_tail(&m->mem, c->pc, c, &value)) {
		at->lr = value;
		s->first_rule = "tail";
		return true;
	}
	if (!said)
		return !walk_live_is_stale(&m->mem, c->pc, at);
	if (!early_return(m, c, &u, at, &rule))
		return u.lr.how != UNWIND_SAVED && !walk_live_is_stale(&m->mem, c->pc, at);
	if (!walk_is_return(&m->mem, at->lr))
		return true;
	/* In a routine that saves registers for its caller, which has no frame yet, and its return address in a register or saved. */
	if (unwind_at(m, at->lr - 4, &caller) && caller.cfa_known && !caller.cfa &&
		kept_return(m, c, &u, &caller, at->sp, &value)) {
		add_frame(s, limit, at->lr, at->sp, rule, "");
		at->lr = value; /* the call has changed LR */
		rule = "register";
	}
	s->first_rule = rule;
	return true;
}

/* From the registers @c outwards. */
static void context_stack(const struct machine *m, const struct w_thread *th, const struct ppc_context *c, unsigned limit, struct stack *s)
{
	struct walk_start at = { (uint32_t)c->gpr[1], (uint32_t)c->lr, th->stack_limit, th->stack_base,
		m->image ? pdata_entry : NULL, m };
	bool live = exact_callers(m, c, &at, s, limit);
	struct walk_frame walked[WALK_FRAMES_MAX];
	unsigned n = walk_stack(&m->mem, &at, walked, WALK_FRAMES_MAX, &s->end);
	for (unsigned i = 0; i < n; i++) {
		const struct walk_frame *w = &walked[i];
		if (i || (live && walk_is_return(&m->mem, w->lr)))
			add_frame(s, limit, w->lr, w->sp, i ? walk_rule_word(w->rule) : s->first_rule, walk_why_word(w->why));
	}
}

/* What the kernel calls in between (APCs, entry points of libraries) returns to it: below lies what that interrupted. */
void thread_stack(const struct machine *m, uint32_t thread, unsigned limit, struct stack *s)
{
	const struct w_thread *th = thread_peek(m, thread);
	const struct ppc_context *c = context_peek(m, thread);
	uint32_t frame = 0;
	*s = (struct stack){ .first_rule = walk_rule_word(WALK_LIVE) };
	if (th->state == TS_TERMINATED || !limit)
		return;
	add_frame(s, limit, c->pc, (uint32_t)c->gpr[1], "pc", "");
	if (th->in_call && th->export_row)
		s->export = export_table[th->export_row - 1].name;
	context_stack(m, th, c, limit, s);
	const char *first = s->first_rule;
	while (s->end == WALK_END_SENTINEL && s->count < limit && (c = apc_held(m, thread, &frame)) != NULL) {
		add_frame(s, limit, c->pc, (uint32_t)c->gpr[1], "interrupted", "");
		s->first_rule = walk_rule_word(WALK_LIVE);
		context_stack(m, th, c, limit, s);
	}
	s->first_rule = first;
	if (s->count == limit)
		s->end = WALK_END_FULL;
}

uint32_t frame_code(const struct machine *m, uint32_t thread, unsigned frame)
{
	struct stack s;
	thread_stack(m, thread, frame + 1, &s);
	if (frame >= s.count || !s.frame[frame].pc)
		return 0;
	return frame ? s.frame[frame].pc - 4 : s.frame[frame].pc;
}

void stack_line(const struct machine *m, const struct stack *s, unsigned frames, char *buf, size_t size)
{
	size_t n = 0;
	unsigned count = s->count;
	buf[0] = 0;
	while (count > 1 && !s->frame[count - 1].pc)
		count--;
	for (unsigned i = 0; i < count && i < frames && n + 4 < size; i++) {
		char symbol[SYMBOL_TEXT];
		code_text(m, s->frame[i].pc, symbol, sizeof symbol);
		const char *text = i == 0 && s->export ? s->export : symbol;
		n += (size_t)snprintf(buf + n, size - n, i ? " < " : "");
		n += (size_t)(*text ? snprintf(buf + n, size - n, "%s", text)
				    : snprintf(buf + n, size - n, "%08X", s->frame[i].pc));
	}
	if (count > frames && n + 6 < size)
		snprintf(buf + n, size - n, " < ...");
}

static void put_pc(struct table *t, const struct machine *m, uint32_t pc)
{
	if (pc)
		put_code(t, m, pc);
	else
		put_none(t);
}

/* "callers.c:33" of a frame: a caller's line is that of its call. */
static void put_source(struct table *t, const struct machine *m, const struct stack_frame *f, unsigned i)
{
	char text[SOURCE_TEXT];
	put_str(t, f->pc ? source_text_at(m->image, i ? f->pc - 4 : f->pc, text, sizeof text) : NULL);
}

static void note_end(struct table *t, const struct query *q, const struct stack *s)
{
	if (thread_peek(q->machine, q->thread)->state == TS_TERMINATED)
		table_note(t, "the thread has ended");
	else if (s->export)
		table_note(t, "in %s; %s", s->export, walk_end_text(s->end));
	else
		table_note(t, "%s", walk_end_text(s->end));
}

void fill_stack(struct table *t, const struct query *q)
{
	struct stack s;
	if (!q->thread)
		return;
	thread_stack(q->machine, q->thread, q->count ? q->count : STACK_FRAMES_MAX, &s);
	for (unsigned i = 0; i < s.count; i++) {
		const struct stack_frame *f = &s.frame[i];
		put_tid(t, thread_peek(q->machine, q->thread)->tid);
		put_strf(t, "#%u", i);
		put_bool(t, i == q->frame);
		put_pc(t, q->machine, f->pc);
		put_hex(t, f->sp);
		put_strf(t, *f->why ? "%s, %s" : "%s", f->rule, f->why);
		put_source(t, q->machine, f, i);
	}
	note_end(t, q, &s);
}

/* ---- with the registers that are known ------------------------------------------------------------------------------- */

#define PER_LINE 4u

static bool same_source(const struct frame_reg *a, const struct frame_reg *b)
{
	return a->from == b->from && a->slot == b->slot && a->v == b->v;
}

/* Texts "r14=00000001" of the registers of frame @r; of a caller's frame only those that are not as in @below, the frame that it called. */
static unsigned known_registers(const struct frame_registers *r, const struct frame_registers *below, char text[64][32])
{
	unsigned n = 0;
	for (unsigned i = 0; i < 32; i++)
		if (r->gpr[i].from != REG_UNKNOWN && !(below && same_source(&r->gpr[i], &below->gpr[i])))
			snprintf(text[n++], sizeof text[0], "r%u=%0*" PRIX64, i, 2 * r->gpr[i].size, r->gpr[i].v);
	for (unsigned i = 0; below && i < 32; i++)
		if (r->fpr[i].from != REG_UNKNOWN && !same_source(&r->fpr[i], &below->fpr[i]))
			snprintf(text[n++], sizeof text[0], "f%u=%016" PRIX64, i, r->fpr[i].v);
	return n;
}

static void put_registers(struct table *t, char text[64][32], unsigned from, unsigned n)
{
	char words[PER_LINE * 32] = "";
	for (unsigned i = from; i < from + PER_LINE && i < n; i++)
		snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s", i > from ? " " : "", text[i]);
	put_words(t, words);
}

static void put_full_frame(
	struct table *t, const struct query *q, const struct stack_frame *f, unsigned i, char text[64][32], unsigned n)
{
	for (unsigned from = 0; from == 0 || from < n; from += PER_LINE) {
		put_tid(t, thread_peek(q->machine, q->thread)->tid);
		if (from)
			put_none(t);
		else
			put_strf(t, "#%u", i);
		put_bool(t, !from && i == q->frame);
		put_pc(t, q->machine, from ? 0 : f->pc);
		put_registers(t, text, from, n);
		if (from)
			put_none(t);
		else
			put_source(t, q->machine, f, i);
	}
}

void fill_stack_full(struct table *t, const struct query *q)
{
	struct stack s;
	struct frame_registers r[2];
	if (!q->thread)
		return;
	thread_stack(q->machine, q->thread, q->count ? q->count : STACK_FRAMES_MAX, &s);
	for (unsigned i = 0; i < s.count; i++) {
		char text[64][32];
		bool known = frame_registers(q->machine, q->thread, i, &r[i % 2]);
		put_full_frame(
			t, q, &s.frame[i], i, text, known ? known_registers(&r[i % 2], i ? &r[(i + 1) % 2] : NULL, text) : 0);
	}
	note_end(t, q, &s);
}

/* ---- word by word ------------------------------------------------------------------------------------------------------ */

static bool word_at(const struct machine *m, uint32_t ga, uint32_t *v)
{
	be32 b;
	if (mem_peek(&m->mem, ga, &b, sizeof b) != MEM_OK)
		return false;
	*v = be32_get(b);
	return true;
}

/* What lies in a slot of the frame below @sp's. */
static void put_slot(struct table *t, const struct machine *m, uint32_t ga)
{
	uint32_t v;
	if (word_at(m, ga, &v))
		put_code(t, m, v);
	else
		put_none(t);
}

/* @q->ga: where to begin, 0 = at the thread's registers. */
void fill_backchain(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	struct walk_frame f[WALK_FRAMES_MAX];
	enum walk_end end = WALK_END_NULL;
	if (!q->thread)
		return;
	const struct w_thread *th = thread_peek(m, q->thread);
	const struct ppc_context *c = context_peek(m, q->thread);
	bool own = !q->ga || (q->ga >= th->stack_limit && q->ga < th->stack_base);
	struct walk_start at = { q->ga ? q->ga : (uint32_t)c->gpr[1], q->ga ? 0 : (uint32_t)c->lr, own ? th->stack_limit : 0,
		own ? th->stack_base : 0, m->image ? pdata_entry : NULL, m };
	unsigned n = walk_stack(&m->mem, &at, f, WALK_FRAMES_MAX, &end);
	for (unsigned i = 0; i < n; i++) {
		uint32_t chain = 0;
		bool mapped = word_at(m, f[i].sp, &chain);
		put_strf(t, "#%u", i);
		put_hex(t, f[i].sp);
		if (mapped)
			put_hex(t, chain);
		else
			put_none(t);
		for (int32_t slot = -8; slot <= 4; slot += 12) {
			if (mapped && chain)
				put_slot(t, m, chain + (uint32_t)slot);
			else
				put_none(t);
		}
		put_strf(t, f[i].lr ? "%s -> %08X" : "%s", walk_rule_word(f[i].rule), f[i].lr);
		put_str(t, walk_why_text(f[i].why));
	}
	table_note(t, "%s", walk_end_text(end));
}

/* ---- grouped ----------------------------------------------------------------------------------------------------------- */

static unsigned stack_groups(const struct machine *m, bool all, unsigned frames, const bool *idle, struct parked_group **out)
{
	unsigned n = 0, room = 0;
	struct parked_group *g = NULL;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *th = thread_peek(m, row);
		struct stack s;
		char line[STACK_LINE];
		uint64_t key = FNV_BASIS;
		if (!th->tid || (!all && !th->parked && !th->suspend_count) || th->state == TS_TERMINATED)
			continue;
		thread_stack(m, row, STACK_FRAMES_MAX, &s);
		for (unsigned i = 0; i < s.count; i++)
			key = fnv_u64(key, s.frame[i].pc);
		stack_line(m, &s, frames, line, sizeof line);
		unsigned i = 0;
		bool is_idle = idle && idle[row];
		while (i < n && (g[i].key != key || g[i].idle != is_idle))
			i++;
		if (i == n) {
			if (n == room)
				g = xrealloc(g, (room = room ? room * 2 : 16) * sizeof *g);
			g[n++] = (struct parked_group){ .key = key, .idle = is_idle };
			snprintf(g[i].line, sizeof g[i].line, "%s", line);
		}
		g[i].count++;
		size_t used = strlen(g[i].tids);
		snprintf(g[i].tids + used, sizeof g[i].tids - used, "%s%u", used ? " " : "", th->tid);
	}
	*out = g;
	return n;
}

unsigned parked_groups(const struct machine *m, unsigned frames, const bool *idle, struct parked_group **out)
{
	return stack_groups(m, false, frames, idle, out);
}

static void put_groups(struct table *t, const struct query *q, bool all)
{
	struct parked_group *g;
	unsigned n = stack_groups(q->machine, all, PARKED_FRAMES, NULL, &g);
	for (unsigned i = 0; i < n; i++) {
		put_u64(t, g[i].count);
		put_words(t, g[i].tids);
		put_str(t, g[i].line);
	}
	free(g);
}

void fill_parked(struct table *t, const struct query *q)
{
	put_groups(t, q, false);
}
void fill_stacks(struct table *t, const struct query *q)
{
	put_groups(t, q, true);
}
