/* ui/inspect/fill_threads.c - the tables of threads, stacks and registers. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/apc.h"
#include "kernel/exports.h"
#include "src/observe/walk.h"
#include "ui/inspect/stack.h"

#define CYCLES_OF(ticks) ((ticks) * CYCLES_PER_TICK)

static void append_word(char *words, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void append_word(char *words, size_t size, const char *fmt, ...)
{
	size_t n = strlen(words);
	va_list ap;
	if (n && n + 1 < size)
		words[n++] = ' ';
	va_start(ap, fmt);
	vsnprintf(words + n, size - n, fmt, ap);
	va_end(ap);
}

void wait_words(const struct machine *m, uint32_t thread, struct wait_words *w)
{
	const struct w_thread *t = thread_peek(m, thread);
	*w = (struct wait_words){ 0 };
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next) {
		char handle[32];
		uint32_t object = wait_peek(m, row)->object;
		append_word(w->objects, sizeof w->objects, "@%u", object_peek(m, object)->id);
		if (*object_handle_text(m, object, handle, sizeof handle))
			append_word(w->handles, sizeof w->handles, "%s", handle);
	}
	if (!t->parked)
		return;
	uint32_t first = t->wait_first ? wait_peek(m, t->wait_first)->object : 0;
	if (!first)
		snprintf(w->kind, sizeof w->kind, "delay");
	else if (t->wait_count > 1)
		snprintf(w->kind, sizeof w->kind, "%s of %u", t->wait_all ? "all" : "any", t->wait_count);
	else
		snprintf(w->kind, sizeof w->kind, "%s", object_type_name(object_peek(m, first)->type));
}

void fill_threads(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char name[SYMBOL_TEXT];
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *th = thread_peek(m, row);
		struct wait_words w;
		if (!th->tid)
			continue;
		wait_words(m, row, &w);
		bool waiting = th->parked, ended = th->state == TS_TERMINATED;
		put_u64(t, th->tid);
		put_bool(t, row == q->thread);
		put_str(t, thread_name(m, row, name, sizeof name));
		put_u64(t, th->hw);
		put_str(t, thread_state_word(m, row));
		put_u64(t, th->priority);
		put_str(t, w.kind);
		put_words(t, w.objects);
		put_words(t, w.handles);
		if (waiting)
			put_cycles(t, th->wait_since);
		else
			put_none(t);
		if (waiting && th->deadline != DEADLINE_NEVER)
			put_cycles(t, CYCLES_OF(th->deadline));
		else
			put_none(t);
		if (ended)
			put_none(t);
		else
			put_symbol(t, m->image, thread_pc(m, row));
	}
}

static const char *const cont_texts[] = {
#define CONT(id, text) text,
#include "kernel/cont.def"
#undef CONT
};

static void owned_words(const struct machine *m, const struct w_thread *th, char *words, size_t size)
{
	words[0] = 0;
	for (uint32_t o = th->owned_first; o; o = object_peek(m, o)->owned_next)
		append_word(words, size, "@%u", object_peek(m, o)->id);
}

void fill_thread(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char buf[WORDS_TEXT];
	if (!q->thread)
		return;
	const struct w_thread *th = thread_peek(m, q->thread);
	put_u64(t, th->tid);
	put_str(t, thread_name(m, q->thread, buf, sizeof buf));
	put_str(t, thread_state_word(m, q->thread));
	put_object(t, th->object ? object_peek(m, th->object)->id : 0);
	put_hex(t, th->kthread_ga);
	put_u64(t, th->hw);
	put_u64(t, th->priority);
	put_u64(t, th->base_priority);
	put_u64(t, th->suspend_count);
	put_tid(t, th->parent_tid);
	put_symbol(t, m->image, th->start_ga);
	put_hex(t, th->start_arg);
	put_hex(t, th->stack_base);
	put_hex(t, th->stack_limit);
	put_hex(t, th->tls_ga);
	put_str(t, th->in_call && th->export_row ? export_table[th->export_row - 1].name : NULL);
	put_str(t, th->cont && th->cont < ARRAY_LEN(cont_texts) ? cont_texts[th->cont] : NULL);
	owned_words(m, th, buf, sizeof buf);
	put_words(t, buf);
	if (th->state == TS_TERMINATED)
		put_hex(t, th->exit_status);
	else
		put_none(t);
	put_hex(t, th->key);
}

/* ---- APCs ---------------------------------------------------------------------------------------------------------- */

static void put_routine(struct table *t, const struct machine *m, be32 ga)
{
	if (be32_get(ga))
		put_symbol(t, m->image, be32_get(ga));
	else
		put_none(t);
}

static void put_apc(struct table *t, const struct machine *m, uint32_t row)
{
	const struct w_apc *a = apc_peek(m, row);
	struct g_kapc k;
	if (mem_peek(&m->mem, a->ga, &k, sizeof k) != MEM_OK)
		memset(&k, 0, sizeof k);
	put_u64(t, thread_peek(m, a->thread)->tid);
	put_str(t, a->mode == APC_MODE_USER ? "user" : a->special ? "special" : "kernel");
	put_hex(t, a->ga);
	put_routine(t, m, k.kernel_routine);
	put_routine(t, m, k.normal_routine);
	put_hex(t, be32_get(k.normal_context));
	put_hex(t, be32_get(k.arg1));
	put_hex(t, be32_get(k.arg2));
	put_str(t, apc_held_by(m, row));
}

void fill_apcs(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t thread = 1; thread < arena_count(&m->world, m->t_thread); thread++)
		for (unsigned mode = APC_MODE_KERNEL; thread_peek(m, thread)->tid && mode <= APC_MODE_USER; mode++)
			for (uint32_t row = thread_peek(m, thread)->apc_first[mode]; row; row = apc_peek(m, row)->next)
				put_apc(t, m, row);
}

/* ---- stacks -------------------------------------------------------------------------------------------------------- */

void thread_stack(const struct machine *m, uint32_t thread, unsigned limit, struct stack *s)
{
	const struct w_thread *th = thread_peek(m, thread);
	const struct ppc_context *c = context_peek(m, thread);
	*s = (struct stack){ 0 };
	if (th->state == TS_TERMINATED || !limit)
		return;
	s->frame[s->count++] = (struct stack_frame){ .pc = c->pc, .sp = (uint32_t)c->gpr[1], .rule = "pc", .why = "" };
	if (th->in_call && th->export_row)
		s->export = export_table[th->export_row - 1].name;
	struct walk_start at = { (uint32_t)c->gpr[1], (uint32_t)c->lr, th->stack_limit, th->stack_base };
	struct walk_frame walked[WALK_FRAMES_MAX];
	unsigned n = walk_stack(&m->mem, &at, walked, WALK_FRAMES_MAX, &s->end);
	for (unsigned i = 0; i < n && s->count < limit && s->count < STACK_FRAMES_MAX; i++) {
		const struct walk_frame *w = &walked[i];
		bool useless = i == 0 && (!walk_is_return(&m->mem, w->lr) || walk_live_is_stale(&m->mem, c->pc, &at));
		if (!useless)
			s->frame[s->count++] = (struct stack_frame){ w->lr, w->sp, walk_rule_word(w->rule), walk_why_word(w->why) };
	}
	if (s->count == limit)
		s->end = WALK_END_FULL;
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
		symbol_text(m->image, s->frame[i].pc, symbol, sizeof symbol);
		const char *text = i == 0 && s->export ? s->export : symbol;
		n += (size_t)snprintf(buf + n, size - n, i ? " < " : "");
		n += (size_t)(*text ? snprintf(buf + n, size - n, "%s", text) : snprintf(buf + n, size - n, "%08X", s->frame[i].pc));
	}
	if (count > frames && n + 6 < size)
		snprintf(buf + n, size - n, " < ...");
}

void fill_stack(struct table *t, const struct query *q)
{
	struct stack s;
	if (!q->thread)
		return;
	thread_stack(q->machine, q->thread, q->count ? q->count : STACK_FRAMES_MAX, &s);
	for (unsigned i = 0; i < s.count; i++) {
		const struct stack_frame *f = &s.frame[i];
		put_strf(t, "#%u", i);
		put_bool(t, i == q->frame);
		if (f->pc)
			put_symbol(t, q->machine->image, f->pc);
		else
			put_none(t);
		put_hex(t, f->sp);
		put_strf(t, *f->why ? "%s, %s" : "%s", f->rule, f->why);
	}
	if (thread_peek(q->machine, q->thread)->state == TS_TERMINATED)
		table_note(t, "the thread has ended");
	else if (s.export)
		table_note(t, "in %s; %s", s.export, walk_end_text(s.end));
	else
		table_note(t, "%s", walk_end_text(s.end));
}

unsigned parked_groups(const struct machine *m, unsigned frames, const bool *idle, struct parked_group **out)
{
	unsigned n = 0, room = 0;
	struct parked_group *g = NULL;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct w_thread *th = thread_peek(m, row);
		struct stack s;
		char line[STACK_LINE];
		uint64_t key = FNV_BASIS;
		if (!th->tid || (!th->parked && !th->suspend_count) || th->state == TS_TERMINATED)
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
		append_word(g[i].tids, sizeof g[i].tids, "%u", th->tid);
	}
	*out = g;
	return n;
}

void fill_parked(struct table *t, const struct query *q)
{
	struct parked_group *g;
	unsigned n = parked_groups(q->machine, PARKED_FRAMES, NULL, &g);
	for (unsigned i = 0; i < n; i++) {
		put_u64(t, g[i].count);
		put_words(t, g[i].tids);
		put_str(t, g[i].line);
	}
	free(g);
}

/* ---- registers ----------------------------------------------------------------------------------------------------- */

static void put_register(struct table *t, const struct query *q, const char *name, uint64_t v, unsigned digits)
{
	char symbol[SYMBOL_TEXT];
	put_str(t, name);
	put_strf(t, "%0*" PRIX64, (int)digits, v);
	symbol_text(q->machine->image, (uint32_t)v, symbol, sizeof symbol);
	if (*symbol && v >> 32 == 0)
		put_str(t, symbol);
	else
		put_strf(t, "%" PRId64, (int64_t)v);
}

static void put_gprs(struct table *t, const struct query *q, const struct ppc_context *c)
{
	char name[16];
	for (unsigned i = 0; i < 32; i++) {
		snprintf(name, sizeof name, "r%u", i);
		put_register(t, q, name, c->gpr[i], 16);
	}
	put_register(t, q, "pc", c->pc, 8);
	put_register(t, q, "lr", (uint32_t)c->lr, 8);
	put_register(t, q, "ctr", c->ctr, 16);
	put_register(t, q, "cr", ppc_cr(c), 8);
	put_register(t, q, "xer", ppc_xer(c), 8);
	put_register(t, q, "msr", c->msr, 16);
}

static void put_fprs(struct table *t, const struct query *q, const struct ppc_context *c)
{
	char name[16];
	for (unsigned i = 0; i < 32; i++) {
		double d;
		memcpy(&d, &c->fpr[i], sizeof d);
		snprintf(name, sizeof name, "f%u", i);
		put_str(t, name);
		put_strf(t, "%016" PRIX64, c->fpr[i]);
		put_strf(t, "%.17g", d);
	}
	put_register(t, q, "fpscr", c->fpscr, 8);
}

static void put_vrs(struct table *t, const struct query *q, const struct ppc_context *c)
{
	char name[16];
	for (unsigned i = 0; i < 128; i++) {
		const union ppc_vr *v = &c->vr[i];
		snprintf(name, sizeof name, "v%u", i);
		put_str(t, name);
		put_strf(t, "%08X %08X %08X %08X", v->w[3], v->w[2], v->w[1], v->w[0]);
		put_strf(t, "%.9g %.9g %.9g %.9g", (double)v->f[3], (double)v->f[2], (double)v->f[1], (double)v->f[0]);
	}
	put_register(t, q, "vscr", c->vscr, 8);
	put_register(t, q, "vrsave", c->vrsave, 8);
}

static const struct {
	const char *word;
	void (*put)(struct table *t, const struct query *q, const struct ppc_context *c);
} register_sets[] = { { "gpr", put_gprs }, { "fpr", put_fprs }, { "vmx", put_vrs } };

void fill_registers(struct table *t, const struct query *q)
{
	const char *word = q->word && *q->word ? q->word : "gpr";
	bool found = false;
	if (!q->thread)
		return;
	for (unsigned i = 0; i < ARRAY_LEN(register_sets); i++)
		if (!strcmp(word, "all") || !strcmp(word, register_sets[i].word)) {
			register_sets[i].put(t, q, context_peek(q->machine, q->thread));
			found = true;
		}
	if (!found)
		table_note(t, "there is no set %.40s: gpr, fpr, vmx or all", word);
}
