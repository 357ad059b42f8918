/* ui/inspect/sites.c - see sites.h. code.c reads the code: calls and functions; this file says which of them could signal what. */
#include "config.h"

#include "ui/inspect/sites.h"

#include <stdlib.h>

#include "kernel/exports.h"
#include "kernel/module.h"
#include "kernel/object.h"
#include "kernel/rwlock.h"
#include "src/load/image.h"
#include "ui/inspect/flow.h"

/* Exports that let waiters of an object go; all of them name it in their first argument. */
static const struct {
	const char *export, *family; /* of types */
} signal_calls[] = {
	{ "NtSetEvent", "Event" }, { "NtPulseEvent", "Event" }, { "KeSetEvent", "Event" },
	{ "KePulseEvent", "Event" }, { "KeSetEventBoostPriority", "Event" },
	{ "NtSignalAndWaitForSingleObjectEx", "Event" }, { "NtReleaseSemaphore", "Semaphore" },
	{ "KeReleaseSemaphore", "Semaphore" }, { "NtSignalAndWaitForSingleObjectEx", "Semaphore" },
	{ "NtReleaseMutant", "Mutant" }, { "KeReleaseMutant", "Mutant" },
	{ "NtSignalAndWaitForSingleObjectEx", "Mutant" }, { "NtSetTimerEx", "Timer" }, { "KeSetTimer", "Timer" },
	{ "KeSetTimerEx", "Timer" }, { "NtResumeThread", "Thread" }, { "KeResumeThread", "Thread" },
	{ "RtlLeaveCriticalSection", "CritSec" }, { "ExReleaseReadWriteLock", "RwLock" },
	{ "KeInsertQueue", "Queue" }, { "KeInsertHeadQueue", "Queue" },
};

static const char *const reach_words[] = {
#define SITE_REACH(id, word, text) word,
	SITE_REACHES(SITE_REACH)
#undef SITE_REACH
};

const char *site_reach_word(enum site_reach r) { return reach_words[r]; }

/* A function that, called, signals what its argument @arg (0 = r3) names. */
struct target {
	uint32_t ga;
	uint8_t arg, depth;
	bool by_handle;
	const char *export;
};

struct search {
	const struct machine *m;
	uint32_t object;
	struct code_map code;
	struct target *target;
	unsigned targets;
	struct sites *out;
};

static void add_target(struct search *s, uint32_t ga, unsigned arg, unsigned depth, bool by_handle, const char *export)
{
	for (unsigned i = 0; i < s->targets; i++)
		if (s->target[i].ga == ga && s->target[i].arg == arg)
			return;
	s->target = xrealloc(s->target, (s->targets + 1) * sizeof *s->target);
	s->target[s->targets++] = (struct target){ ga, (uint8_t)arg, (uint8_t)depth, by_handle, export };
}

static void find_thunks(struct search *s, const struct image *img)
{
	const char *family = object_type_family(object_peek(s->m, s->object)->type);
	for (unsigned i = 0; i < img->imports; i++) {
		const struct image_import *im = &img->import[i];
		int row = im->type == 1 ? export_find(im->library, im->ordinal) : -1;
		for (unsigned k = 0; row >= 0 && k < ARRAY_LEN(signal_calls); k++) {
			const struct export *e = &export_table[row];
			if (strcmp(signal_calls[k].export, e->name) == 0 && strcmp(signal_calls[k].family, family) == 0)
				add_target(s, im->ga, 0, 0, e->args[0].type == AT_HANDLE, e->name);
		}
	}
}

/* The object that @value names now, 0 = none. */
static uint32_t named_object(const struct search *s, uint32_t value, bool by_handle)
{
	if (by_handle) {
		uint32_t slot = slot_by_handle(s->m, value);
		return slot && slot_peek(s->m, slot)->state == SLOT_OPEN ? slot_peek(s->m, slot)->object : 0;
	}
	if (value && value == rwlock_of(s->m, s->object))
		return s->object; /* a lock is named by its own address, not by its objects' */
	for (uint32_t row = 1; value && row < arena_count(&s->m->world, s->m->t_object); row++)
		if (object_peek(s->m, row)->id && (object_peek(s->m, row)->body_ga == value || rwlock_of(s->m, row) == value))
			return row;
	return 0;
}

static void judge(const struct search *s, struct site *at, const struct flow_value *v, bool by_handle)
{
	be32 word;
	at->reach = SITE_UNKNOWN;
	if (v->kind == FLOW_ARGUMENT) {
		at->reach = SITE_CALLER;
		return;
	}
	uint32_t value = v->v;
	if (v->kind == FLOW_WORD) {
		at->slot = v->v;
		if (mem_peek(&s->m->mem, v->v, &word, sizeof word) != MEM_OK)
			return;
		value = be32_get(word);
	} else if (v->kind != FLOW_CONSTANT) {
		return;
	}
	uint32_t object = named_object(s, value, by_handle);
	at->reach = object == s->object ? SITE_THIS : object ? SITE_OTHER : SITE_EMPTY;
	at->object = at->reach == SITE_OTHER ? object : 0;
}

static void add_site(struct search *s, const struct code_call *c, const struct target *t)
{
	struct sites *out = s->out;
	struct site at = { .pc = c->pc, .function = code_function(&s->code, c->pc), .wrapper = t->depth ? t->ga : 0, .depth = t->depth,
		           .export = t->export };
	at.ran = cover_ran(&s->m->cover, c->pc);
	at.entered = at.ran || (at.function && cover_ran(&s->m->cover, at.function));
	struct flow_value v = flow_argument(&s->code, at.function, c->pc, t->arg);
	judge(s, &at, &v, t->by_handle);
	if (v.kind == FLOW_ARGUMENT && t->depth < SITES_DEPTH)
		add_target(s, at.function, v.v, t->depth + 1u, t->by_handle, t->export);
	out->site = xrealloc(out->site, (out->count + 1) * sizeof *out->site);
	out->site[out->count++] = at;
}

static int by_reach_and_place(const void *a, const void *b)
{
	const struct site *x = a, *y = b;
	if ((x->reach == SITE_THIS) != (y->reach == SITE_THIS))
		return x->reach == SITE_THIS ? -1 : 1;
	return x->pc != y->pc ? (x->pc > y->pc) - (x->pc < y->pc) : (x->wrapper > y->wrapper) - (x->wrapper < y->wrapper);
}

void sites_find(const struct query *q, uint32_t object, struct sites *out)
{
	struct search s = { .m = q->machine, .object = object, .out = out };
	*out = (struct sites){ 0 };
	if (!q->machine->image || !object)
		return;
	code_read(&s.code, q->machine);
	out->indirect = s.code.indirect;
	const struct image *img;
	for (uint32_t at = 0; (img = machine_image_next(s.m, &at));)
		find_thunks(&s, img);
	for (unsigned i = 0; i < s.targets; i++) {
		struct target t = s.target[i];
		for (unsigned k = 0; k < s.code.calls; k++)
			if (s.code.call[k].target == t.ga)
				add_site(&s, &s.code.call[k], &t);
	}
	if (out->count)
		qsort(out->site, out->count, sizeof *out->site, by_reach_and_place);
	code_free(&s.code);
	free(s.target);
}

void sites_free(struct sites *s)
{
	free(s->site);
	*s = (struct sites){ 0 };
}
