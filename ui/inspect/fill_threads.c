/* ui/inspect/fill_threads.c - the tables of threads, stacks and registers. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernel/apc.h"
#include "kernel/exports.h"
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
			put_code(t, m, thread_pc(m, row));
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
	put_code(t, m, th->start_ga);
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
		put_code(t, m, be32_get(ga));
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
	put_code(t, m, a->ga);
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
