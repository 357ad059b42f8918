/* kernel/account.c - see account.h */
#include "config.h"

#include "kernel/account.h"

#include "kernel/exports.h"

#define OBJECT_ROWS (1u << 21)
#define PAIR_ROWS (1u << 22)
#define EXPORT_ROWS (1u << 13)

void account_layout(struct machine *m)
{
	INVARIANT(export_count < EXPORT_ROWS);
	m->t_account_thread = arena_table_add(&m->history, "account.thread", sizeof(struct account_thread), EVENT_TIDS_MAX + 2);
	m->t_account_object = arena_table_add(&m->history, "account.object", sizeof(struct account_object), OBJECT_ROWS);
	m->t_account_pair = arena_table_add(&m->history, "account.pair", sizeof(struct account_pair), PAIR_ROWS);
	m->t_account_export = arena_table_add(&m->history, "account.export", sizeof(struct account_export), EXPORT_ROWS);
}

static struct account_thread *thread_account(struct machine *m, uint32_t thread)
{
	return account_row(m, thread_peek(m, thread));
}

static struct account_object *object_account(struct machine *m, uint32_t object)
{
	struct account_object *a = arena_row(&m->history, m->t_account_object, object);
	if (a->id != object_peek(m, object)->id)
		*a = (struct account_object){ .id = object_peek(m, object)->id };
	return a;
}

/* ---- threads --------------------------------------------------------------------------------------------------------- */

void account_ran(struct machine *m, uint32_t thread, uint64_t instructions)
{
	thread_account(m, thread)->instr += instructions;
}

/* ---- waits ----------------------------------------------------------------------------------------------------------- */

/* The thread's row for an object id, made if there is none; NULL if the table is full. */
static struct account_pair *pair_of(struct machine *m, struct account_thread *a, uint32_t id)
{
	struct account_pair *others = NULL;
	for (uint32_t row = a->pair_first; row; row = account_pair_at(m, row)->next) {
		struct account_pair *p = arena_row(&m->history, m->t_account_pair, row);
		if (p->object == id)
			return p;
		if (!p->object)
			others = p;
	}
	if (a->pairs >= ACCOUNT_PAIRS && others)
		return others;
	uint32_t row = arena_take(&m->history, m->t_account_pair);
	if (!row)
		return NULL;
	struct account_pair *p = arena_row(&m->history, m->t_account_pair, row);
	*p = (struct account_pair){ .next = a->pair_first, .object = a->pairs >= ACCOUNT_PAIRS ? 0 : id };
	a->pair_first = row;
	a->pairs++;
	return p;
}

static void note_wait(struct machine *m, uint32_t thread, uint32_t object, uint64_t cycles)
{
	struct account_thread *a = thread_account(m, thread);
	struct account_pair *p = pair_of(m, a, object ? object_peek(m, object)->id : 0);
	if (p) {
		p->waits++;
		p->parked += cycles;
	}
	if (!object)
		return;
	struct account_object *o = object_account(m, object);
	o->waits++;
	o->parked += cycles;
	if (cycles > o->longest)
		o->longest = cycles;
}

void account_wait_over(struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	uint64_t now = machine_cycle(m), cycles = now > t->wait_since ? now - t->wait_since : 0;
	if (!t->parked)
		return;
	thread_account(m, thread)->in_call += cycles;
	if (!t->wait_first)
		note_wait(m, thread, 0, cycles);
	for (uint32_t row = t->wait_first; row; row = wait_peek(m, row)->thread_next)
		note_wait(m, thread, wait_peek(m, row)->object, cycles);
}

void account_no_wait(struct machine *m, uint32_t thread, uint32_t object)
{
	note_wait(m, thread, object, 0);
}

/* ---- calls ----------------------------------------------------------------------------------------------------------- */

void account_call(struct machine *m, uint32_t thread, uint32_t export_row)
{
	struct account_export *e = arena_row(&m->history, m->t_account_export, export_row);
	e->calls++;
	thread_account(m, thread)->in_call = 0;
}

void account_return(struct machine *m, uint32_t thread, uint64_t r3)
{
	uint32_t row = thread_peek(m, thread)->export_row;
	if (!row)
		return;
	struct account_export *e = arena_row(&m->history, m->t_account_export, row);
	struct account_thread *a = thread_account(m, thread);
	e->failures += (uint32_t)r3 >> 28 == 0xC && strncmp(export_table[row - 1].name, "Mm", 2) != 0;
	e->parked += a->in_call;
	a->in_call = 0;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

const struct account_thread *account_of_thread(const struct machine *m, uint32_t thread)
{
	return arena_peek(&m->history, m->t_account_thread, thread_peek(m, thread)->tid + 1);
}

const struct account_object *account_of_object(const struct machine *m, uint32_t object)
{
	const struct account_object *a = arena_peek(&m->history, m->t_account_object, object);
	return a->id == object_peek(m, object)->id ? a : NULL;
}

const struct account_pair *account_pair_at(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->history, m->t_account_pair, row);
}

const struct account_export *account_of_export(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->history, m->t_account_export, row);
}
