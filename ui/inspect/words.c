/* ui/inspect/words.c - see words.h */
#include "config.h"

#include "ui/inspect/words.h"

#include <stdlib.h>

#include "kernel/module.h"
#include "kernel/pool.h"
#include "src/load/image.h"
#include "ui/inspect/stack.h"

static const struct {
	const char *word;
	bool live;
} places[] = {
#define WORD_PLACE(id, word, live) { word, live },
	WORD_PLACES(WORD_PLACE)
#undef WORD_PLACE
};

const char *word_place_word(enum word_place_kind kind)
{
	return places[kind].word;
}
bool word_place_is_live(enum word_place_kind kind)
{
	return places[kind].live;
}

/* ---- finding ------------------------------------------------------------------------------------------------------------ */

struct search {
	const struct word_range *range;
	unsigned ranges;
	word_fn *fn;
	void *ctx;
};

static bool wanted(const struct search *s, uint32_t v)
{
	for (unsigned i = 0; i < s->ranges; i++)
		if (v - s->range[i].first <= s->range[i].last - s->range[i].first)
			return true;
	return false;
}

#define REG_LR 32u
#define REG_CTR 33u
#define REGS 34u

const char *word_register(unsigned reg)
{
	static const char *const names[REGS] = { "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12",
		"r13", "r14", "r15", "r16", "r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "r28",
		"r29", "r30", "r31", "lr", "ctr" };
	return names[reg];
}

static void find_in_registers(const struct machine *m, const struct search *s)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
		const struct ppc_context *c = context_peek(m, row);
		if (!thread_peek(m, row)->tid || thread_peek(m, row)->state == TS_TERMINATED)
			continue;
		for (unsigned r = 0; r < REGS; r++) {
			uint32_t v = (uint32_t)(r == REG_LR ? c->lr : r == REG_CTR ? c->ctr : c->gpr[r]);
			if (wanted(s, v))
				s->fn(s->ctx, &(struct word){ .value = v, .thread = row, .reg = r });
		}
	}
}

static void find_in_page(void *ctx, uint32_t ga, const uint8_t *bytes)
{
	const struct search *s = ctx;
	/* One range at a time, so that the loop over the words is short: pages without a hit are nearly all. */
	bool any = false;
	for (unsigned i = 0; i < s->ranges && !any; i++) {
		const uint32_t first = s->range[i].first, span = s->range[i].last - first;
		unsigned hits = 0;
		for (unsigned at = 0; at < MEM_PAGE; at += 4)
			hits += load_be32(bytes + at) - first <= span;
		any = hits != 0;
	}
	for (unsigned at = 0; any && at < MEM_PAGE; at += 4)
		if (wanted(s, load_be32(bytes + at)))
			s->fn(s->ctx, &(struct word){ .value = load_be32(bytes + at), .ga = ga + at });
}

void words_find(const struct machine *m, const struct word_range *range, unsigned ranges, word_fn *fn, void *ctx)
{
	struct search s = { range, ranges, fn, ctx };
	find_in_registers(m, &s);
	mem_each_touched(&m->mem, find_in_page, &s);
}

/* ---- places ------------------------------------------------------------------------------------------------------------- */

struct word_places {
	const struct machine *m;
	uint32_t threads;
	struct stack **stack; /* by thread row; NULL = not walked yet */
};

struct word_places *word_places_new(const struct machine *m)
{
	struct word_places *p = xcalloc(1, sizeof *p);
	p->m = m;
	p->threads = arena_count(&m->world, m->t_thread);
	p->stack = xcalloc(p->threads + 1, sizeof *p->stack);
	return p;
}

void word_places_free(struct word_places *p)
{
	for (uint32_t i = 0; i < p->threads; i++)
		free(p->stack[i]);
	free(p->stack);
	free(p);
}

static const struct stack *stack_of(struct word_places *p, uint32_t thread)
{
	if (!p->stack[thread]) {
		p->stack[thread] = xcalloc(1, sizeof **p->stack);
		thread_stack(p->m, thread, STACK_FRAMES_MAX, p->stack[thread]);
	}
	return p->stack[thread];
}

static void in_stack(struct word_places *p, uint32_t ga, struct word_place *out)
{
	const struct w_thread *t = thread_peek(p->m, out->thread);
	uint32_t sp = (uint32_t)context_peek(p->m, out->thread)->gpr[1];
	out->low = t->stack_limit;
	if (t->state == TS_TERMINATED || ga < sp) {
		out->kind = PLACE_DEAD;
		return;
	}
	const struct stack *s = stack_of(p, out->thread);
	out->kind = PLACE_STACK;
	out->low = sp;
	/* Frames that share a stack pointer (a leaf without one of its own): the outer one's words they are. */
	for (unsigned i = 0; i < s->count && s->frame[i].sp <= ga; i++) {
		out->frame = (int)i;
		out->pc = s->frame[i].pc;
		out->low = s->frame[i].sp;
	}
}

/* The thread whose stack or TLS block @ga lies in. */
static bool of_a_thread(struct word_places *p, uint32_t ga, struct word_place *out)
{
	const struct machine *m = p->m;
	for (uint32_t row = 1; row < p->threads; row++) {
		const struct w_thread *t = thread_peek(m, row);
		out->thread = row;
		if (ga >= t->stack_limit && ga < t->stack_base) {
			in_stack(p, ga, out);
			return true;
		}
		if (t->tls_bytes && ga - t->tls_ga < t->tls_bytes) {
			out->kind = PLACE_TLS;
			out->low = t->tls_ga;
			return true;
		}
	}
	out->thread = 0;
	return false;
}

/* The segment, or the variable: what lies beside it is something else. */
static bool in_image(const struct machine *m, uint32_t ga, struct word_place *out)
{
	uint32_t offset;
	const struct image_symbol *symbol = m->image ? image_symbol_at(machine_image_at(m, ga), ga, &offset) : NULL;
	const struct image *img = m->image ? machine_image_at(m, ga) : NULL;
	for (unsigned i = 0; img && i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		if (mem_canonical(ga) - mem_canonical(s->ga) >= s->size)
			continue;
		out->kind = PLACE_IMAGE;
		out->low = symbol && symbol->size ? symbol->ga : s->ga;
		return true;
	}
	return false;
}

void word_place(struct word_places *p, const struct word *w, struct word_place *out)
{
	const struct machine *m = p->m;
	*out = (struct word_place){ .kind = PLACE_REGISTER, .thread = w->thread, .frame = -1 };
	if (w->thread || of_a_thread(p, w->ga, out) || in_image(m, w->ga, out))
		return;
	const struct mem_page *page = mem_page_at(&m->mem, w->ga);
	enum pool_owner owner;
	uint32_t bytes;
	out->low = page->alloc_base ? page->alloc_base : w->ga & ~(MEM_PAGE - 1);
	out->kind = page->owner == MEM_OWNER_kernel     ? PLACE_KERNEL
		    : page->owner == MEM_OWNER_physical ? PLACE_PHYSICAL
							: PLACE_HEAP;
	uint32_t block = pool_block(m, w->ga, &bytes, &owner);
	if (block) {
		out->kind = owner == POOL_TITLE ? PLACE_POOL : PLACE_KERNEL;
		out->low = block;
	}
}
