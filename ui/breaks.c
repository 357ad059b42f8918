/* ui/breaks.c - see breaks.h */
#include "config.h"

#include "ui/breaks.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/ledger.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/inspect/hopeless.h"
#include "ui/logline.h"
#include "ui/lua/luaui.h"
#include "ui/session.h"

/* ---- the list -------------------------------------------------------------------------------------------------------------- */

static void point_free(struct breakpoint *p)
{
	free(p->what);
	free(p->catch);
	expr_free(p->condition);
	log_format_free(p->log);
	block_put(p->commands);
	free(p->by_thread);
	free(p);
}

static void forget_commands(struct breaks *b)
{
	for (unsigned i = 0; i < b->commands_count; i++)
		block_put(b->commands[i]);
	b->commands_count = 0;
}

void breaks_fini(struct breaks *b)
{
	for (unsigned i = 0; i < b->count; i++)
		point_free(b->list[i]);
	forget_commands(b);
	catcher_fini(&b->catcher);
	free(b->moved);
	free(b->list);
	*b = (struct breaks){ 0 };
}

struct breakpoint *breaks_new(struct session *s, enum point_kind kind)
{
	struct breaks *b = &s->breaks;
	if (b->count == b->room) {
		b->room = b->room ? b->room * 2 : 16;
		b->list = xrealloc(b->list, b->room * sizeof(struct breakpoint *));
	}
	struct breakpoint *p = xcalloc(1, sizeof *p);
	p->kind = kind;
	p->number = ++b->last_number;
	b->list[b->count++] = p;
	return p;
}

struct breakpoint *breaks_add(struct session *s, uint32_t ga, bool temporary)
{
	struct breakpoint *p = breaks_new(s, POINT_CODE);
	p->ga = ga;
	p->temporary = temporary;
	p->fate = temporary ? FATE_DELETE : FATE_KEEP;
	breaks_enable(s, p, true);
	return p;
}

void breaks_add_inner(struct session *s, uint32_t ga)
{
	struct breakpoint *p = breaks_new(s, POINT_CODE);
	p->number = 0;
	s->breaks.last_number--;
	p->ga = ga;
	breaks_enable(s, p, true);
}

struct breakpoint *breaks_find(const struct breaks *b, unsigned number)
{
	for (unsigned i = 0; i < b->count; i++)
		if (number && b->list[i]->number == number && !b->list[i]->doomed)
			return b->list[i];
	return NULL;
}

/* ---- arming ------------------------------------------------------------------------------------------------------------------- */

/* The core's breakpoint at @ga stays as long as anyone wants it. */
static void disarm_code(struct session *s, uint32_t ga)
{
	for (unsigned i = 0; i < s->breaks.count; i++) {
		const struct breakpoint *p = s->breaks.list[i];
		if (p->kind == POINT_CODE && p->enabled && p->ga == ga)
			return;
	}
	cpu_break_clear(session_machine(s)->cpu, ga);
}

static void rearm(struct session *s, struct breakpoint *p)
{
	switch (p->kind) {
	case POINT_CODE:
		if (p->enabled)
			cpu_break_set(session_machine(s)->cpu, p->ga);
		else
			disarm_code(s, p->ga);
		break;
	case POINT_WATCH: watch_arm(s); break;
	case POINT_FRAME: frames_arm(s); break;
	case POINT_CATCH:
		if (p->enabled)
			catcher_arm(&s->breaks.catcher, p->catch, p);
		else
			catcher_disarm(&s->breaks.catcher, p->catch);
		break;
	}
}

void breaks_enable(struct session *s, struct breakpoint *p, bool enabled)
{
	if (p->enabled == enabled || p->doomed)
		return;
	p->enabled = enabled;
	rearm(s, p);
}

static void take_out(struct session *s, unsigned i)
{
	struct breaks *b = &s->breaks;
	struct breakpoint *p = b->list[i];
	breaks_enable(s, p, false);
	luaui_forget(s, p->function);
	memmove(&b->list[i], &b->list[i + 1], (b->count - i - 1) * sizeof(struct breakpoint *));
	b->count--;
	point_free(p);
}

void breaks_remove_inner(struct session *s)
{
	for (unsigned i = s->breaks.count; i-- > 0;)
		if (!s->breaks.list[i]->number)
			take_out(s, i);
}

void breaks_remove(struct session *s, unsigned number)
{
	for (unsigned i = s->breaks.count; number && i-- > 0;)
		if (s->breaks.list[i]->number == number)
			take_out(s, i);
}

void breaks_never(struct session *s, struct breakpoint *p)
{
	unsigned number = p->number;
	breaks_remove(s, number);
	if (s->breaks.last_number == number)
		s->breaks.last_number--;
}

bool breaks_inner_at(const struct breaks *b, uint32_t ga)
{
	for (unsigned i = 0; i < b->count; i++)
		if (!b->list[i]->number && b->list[i]->ga == ga)
			return true;
	return false;
}

void breaks_doom(struct session *s, struct breakpoint *p)
{
	breaks_enable(s, p, false);
	p->doomed = true;
}

void breaks_sweep(struct session *s)
{
	for (unsigned i = s->breaks.count; i-- > 0;)
		if (s->breaks.list[i]->doomed)
			take_out(s, i);
}

void breaks_forget(struct session *s)
{
	struct breaks *b = &s->breaks;
	breaks_sweep(s);
	forget_commands(b);
	b->reached_count = 0;
	b->silent = false;
	b->text[0] = 0;
}

/* ---- reached ------------------------------------------------------------------------------------------------------------------- */

uint64_t breaks_thread_hits(const struct breakpoint *p, uint32_t tid)
{
	for (unsigned i = 0; i < p->threads; i++)
		if (p->by_thread[i].tid == tid)
			return p->by_thread[i].n;
	return 0;
}

static uint64_t count_thread(struct breakpoint *p, uint32_t tid)
{
	unsigned i = 0;
	while (i < p->threads && p->by_thread[i].tid != tid)
		i++;
	if (i == p->threads) {
		p->by_thread = xrealloc(p->by_thread, (p->threads + 1) * sizeof *p->by_thread);
		p->by_thread[p->threads++] = (struct thread_hits){ tid, 0 };
	}
	return ++p->by_thread[i].n;
}

static void log_line(struct session *s, const struct breakpoint *p, const struct expr_context *c)
{
	char line[1024], visible[4096];
	log_format_line(p->log, c, line, sizeof line);
	if (s->out->json) {
		struct query q = session_query(s);
		q.word = line;
		q.value = p->number;
		show_table(s, TABLE_LOG, &q);
		return;
	}
	visible_text(visible, sizeof visible, line);
	out_printf(s->out, "%s\n", visible);
}

static void note_reached(struct session *s, struct breakpoint *p, const struct expr_context *c, const char *text)
{
	struct breaks *b = &s->breaks;
	if (!b->reached_count) {
		b->reached_hits = c->hits;
		b->reached_thread_hits = c->thread_hits;
		b->silent = p->silent;
		snprintf(b->text, sizeof b->text, "%s", text);
	}
	if (b->reached_count < REACHED_MAX)
		b->reached[b->reached_count++] = p->number;
	if (p->commands && b->commands_count < REACHED_MAX)
		b->commands[b->commands_count++] = block_get(p->commands);
}

/* What happens to it when it has been hit. */
static void hit(struct session *s, struct breakpoint *p)
{
	if (p->left && --p->left)
		return;
	if (p->fate == FATE_DELETE)
		breaks_doom(s, p);
	else if (p->fate == FATE_DISABLE)
		breaks_enable(s, p, false);
	if (p->fate == FATE_DISABLE)
		p->fate = FATE_KEEP;
}

bool point_reached(struct session *s, struct breakpoint *p, uint32_t thread, const struct event *ev, const char *text)
{
	const struct machine *m = session_machine(s);
	uint32_t tid = thread ? thread_peek(m, thread)->tid : 0;
	struct expr_context c = { .s = s, .thread = thread, .event = ev };
	char failure[320] = "";
	if (p->tid && p->tid != tid)
		return false;
	c.hits = ++p->reached;
	c.thread_hits = count_thread(p, tid);
	if (p->condition) {
		struct value v;
		struct err err;
		if (expr_value(p->condition, &c, &v, &err) != ST_OK)
			snprintf(failure, sizeof failure, "stop %u: its condition failed: %.250s", p->number, err.text);
		else if (!value_true(&v))
			return false;
	}
	p->hits++;
	p->last_cycle = machine_cycle(m);
	if (s->breaks.mode == BREAKS_COUNT)
		return false;
	if (s->breaks.mode == BREAKS_SEARCH) {
		if ((p->log || p->function) && !failure[0])
			return false; /* DEBT(lua-search): what a function would say is not known without calling it */
		note_reached(s, p, &c, failure[0] ? failure : text);
		return true;
	}
	struct breakpoint *next = p->arms ? breaks_find(&s->breaks, p->arms) : NULL;
	if (next)
		breaks_enable(s, next, true);
	if (p->ignore) {
		p->ignore--;
		return false;
	}
	if (p->log && !failure[0]) {
		log_line(s, p, &c);
		hit(s, p);
		return false;
	}
	if (s->breaks.mode == BREAKS_PASS)
		return false;
	if (p->function && !failure[0] && !luaui_point(s, p, &c, failure, sizeof failure)) {
		hit(s, p);
		return false;
	}
	note_reached(s, p, &c, failure[0] ? failure : text);
	hit(s, p);
	return true;
}

/* ---- counts, for a machine that goes back --------------------------------------------------------------------------------------- */

struct point_count {
	unsigned number, threads;
	uint64_t reached, hits, last_cycle;
	struct thread_hits *by_thread;
	uint32_t *lives;              /* CATCH: the objects that its handles name */
};

struct point_counts {
	unsigned count;
	struct point_count of[];
};

/* NULL: there are none. */
static uint32_t *lives_of(const struct breakpoint *p)
{
	uint32_t lives[CATCH_LIVES_MAX];
	unsigned n = p->kind == POINT_CATCH ? catchpoint_lives(p->catch, lives) : 0;
	return n ? memcpy(xmalloc(n * sizeof *lives), lives, n * sizeof *lives) : NULL;
}

struct point_counts *point_counts_take(const struct breaks *b)
{
	struct point_counts *c = xcalloc(1, sizeof *c + b->count * sizeof c->of[0]);
	for (unsigned i = 0; i < b->count; i++) {
		const struct breakpoint *p = b->list[i];
		struct point_count *k = &c->of[c->count++];
		*k = (struct point_count){ p->number, p->threads, p->reached, p->hits, p->last_cycle, NULL, lives_of(p) };
		if (p->threads)
			k->by_thread = memcpy(xmalloc(p->threads * sizeof *p->by_thread), p->by_thread, p->threads * sizeof *p->by_thread);
	}
	return c;
}

static void point_count_fini(struct point_count *k)
{
	free(k->by_thread);
	free(k->lives);
}

void point_counts_free(struct point_counts *c)
{
	for (unsigned i = 0; c && i < c->count; i++)
		point_count_fini(&c->of[i]);
	free(c);
}

void point_counts_put(struct breaks *b, const struct point_counts *c)
{
	for (unsigned i = 0; i < b->count; i++) {
		struct breakpoint *p = b->list[i];
		const struct point_count *k = NULL;
		for (unsigned n = 0; n < c->count && !k; n++)
			if (c->of[n].number == p->number)
				k = &c->of[n];
		p->reached = k ? k->reached : 0;
		p->hits = k ? k->hits : 0;
		p->last_cycle = k ? k->last_cycle : 0;
		p->threads = k ? k->threads : 0;
		if (p->kind == POINT_CATCH)
			catchpoint_lives_put(&b->catcher, p->catch, k ? k->lives : NULL);
		if (p->threads) {
			p->by_thread = xrealloc(p->by_thread, p->threads * sizeof *p->by_thread);
			memcpy(p->by_thread, k->by_thread, p->threads * sizeof *p->by_thread);
		}
	}
}

/* ---- the hooks ------------------------------------------------------------------------------------------------------------------- */

bool breaks_reached(struct session *s, uint32_t thread)
{
	uint32_t pc = context_peek(session_machine(s), thread)->pc;
	unsigned count = s->breaks.count;
	bool stops = false;
	for (unsigned i = 0; i < count; i++) {
		struct breakpoint *p = s->breaks.list[i];
		char text[60];
		if (p->kind != POINT_CODE || !p->enabled || p->ga != pc || !p->number)
			continue;
		/* The text is wanted only if it stops, but that is not known before; the number alone is quickly made. */
		char *at = text + strlen(strcpy(text, p->temporary ? "temporary breakpoint " : "breakpoint "));
		text_decimal(at, p->number);
		stops |= point_reached(s, p, thread, NULL, text);
	}
	return stops;
}

static bool at_break(void *ctx, uint32_t thread)
{
	struct session *s = ctx;
	bool inner = breaks_inner_at(&s->breaks, context_peek(session_machine(s), thread)->pc);
	return breaks_reached(s, thread) || inner;
}

static void on_accessed(void *ctx)
{
	watch_on_accessed(ctx);
	frames_on_accessed(ctx);
}

static uint32_t object_of(void *ctx, uint32_t handle, uint32_t *generation)
{
	const struct machine *m = session_machine(ctx);
	uint32_t slot = slot_by_handle(m, handle);
	if (!slot)
		return 0;
	*generation = slot_peek(m, slot)->generation;
	if (slot_peek(m, slot)->state != SLOT_OPEN)
		return past_life_peek(m, slot)->object;
	return object_peek(m, slot_peek(m, slot)->object)->id;
}

static const char *name_of(void *ctx, uint32_t tid)
{
	const struct machine *m = session_machine(ctx);
	uint32_t row = thread_by_tid(m, tid);
	static char text[80];
	return row ? thread_name(m, row, text, sizeof text) : "";
}

static bool hopeless(void *ctx, const struct event *ev)
{
	const struct machine *m = session_machine(ctx);
	return wait_is_hopeless(m, ev->tid ? thread_by_tid(m, ev->tid) : 0, ev);
}

/* Who loads says which library and why, or why not. */
static bool is_module(const struct event *ev)
{
	return EV_BIT(ev->kind) &
	       (EV_BIT(EV_MODULE_LOAD) | EV_BIT(EV_MODULE_UNLOAD) | EV_BIT(EV_MODULE_CALL) | EV_BIT(EV_MODULE_REFUSE));
}

/* "catchpoint 3: object.signal 12AC#1 @17 Event by tid 13 in NtSetEvent" */
static void event_text(const struct breakpoint *p, const struct event *ev, char *buf, size_t size)
{
	size_t n = (size_t)snprintf(
		buf, size, "%scatchpoint %u: %s", p->temporary ? "temporary " : "", p->number, event_kind_name(ev->kind));
	if (ev->handle && n < size)
		n += (size_t)snprintf(buf + n, size - n, ev->generation ? " %X#%u" : " %X", ev->handle, ev->generation);
	if (ev->object && n < size)
		n += (size_t)snprintf(buf + n, size - n, " @%u %s", ev->object, ev->type_name ? ev->type_name : "");
	if (!ev->object && ev->object_name[0] && n < size) /* a packet's, a library's, why a context left */
		n += (size_t)snprintf(buf + n, size - n, " %s", ev->object_name);
	if ((ev->kind == EV_XMA_KICK || ev->kind == EV_XMA_DONE) && n < size)
		n += (size_t)snprintf(buf + n, size - n, " context %u", (uint32_t)ev->aux[0]);
	if (n < size)
		n += (size_t)snprintf(buf + n, size - n, ev->tid ? " by tid %u" : " by the host", ev->tid);
	if (ev->name && n < size)
		n += (size_t)snprintf(buf + n, size - n, " in %s", ev->name);
	if (ev->kind == EV_KERNEL_RETURN && n < size)
		snprintf(buf + n, size - n, " -> %X", (uint32_t)ev->result);
	if (is_module(ev) && ev->text && n < size)
		snprintf(buf + n, size - n, ": %s", ev->text);
}

static void matched(void *ctx, void *owner, const struct event *ev)
{
	struct session *s = ctx;
	struct breakpoint *p = owner;
	char text[300] = "";
	if (!p->enabled)
		return;
	if (!p->condition && !p->log)
		event_text(p, ev, text, sizeof text);
	if (!point_reached(s, p, ev->tid ? thread_by_tid(session_machine(s), ev->tid) : 0, ev, text))
		return;
	if (!text[0] && s->breaks.reached_count == 1 && !s->breaks.text[0])
		event_text(p, ev, s->breaks.text, sizeof s->breaks.text);
	machine_stop_on_event(session_machine(s), ev);
}

void breaks_stand(struct session *s)
{
	for (unsigned i = 0, count = s->breaks.count; i < count; i++) {
		struct breakpoint *p = s->breaks.list[i];
		if (p->kind == POINT_CATCH && p->enabled && p->catch->standstill)
			point_reached(s, p, s->thread, NULL, "");
	}
	/* It is the standstill that stops, and is shown. */
	s->breaks.reached_count = 0;
}

void breaks_attach(struct session *s)
{
	struct machine *m = session_machine(s);
	const struct catch_world world = { object_of, name_of, hopeless, matched, s };
	m->hooks = (struct machine_hooks){ at_break, on_accessed, s };
	m->mem.hooks.watched = watch_on_access;
	m->mem.hooks.watch_ctx = s;
	catcher_attach(&s->breaks.catcher, &m->events, &m->mem, &world);
	for (unsigned i = 0; i < s->breaks.count; i++)
		if (s->breaks.list[i]->kind == POINT_CODE && s->breaks.list[i]->enabled)
			cpu_break_set(m->cpu, s->breaks.list[i]->ga);
	watch_arm(s);
	frames_arm(s);
}

void breaks_detach(struct session *s)
{
	struct machine *m = session_machine(s);
	catcher_detach(&s->breaks.catcher);
	m->hooks = (struct machine_hooks){ 0 };
	m->mem.hooks.watched = NULL;
	m->mem.hooks.watch_ctx = NULL;
	m->mem.hooks.frame_moved = NULL;
	m->mem.hooks.frame_ctx = NULL;
	s->breaks.accesses = 0;
	s->breaks.moves = 0;
}
