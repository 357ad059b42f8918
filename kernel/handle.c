/* kernel/handle.c - see handle.h */
#include "config.h"

#include "kernel/handle.h"

#include "kernel/emit.h"
#include "kernel/freemap.h"
#include "kernel/ledger.h"
#include "kernel/object.h"
#include "kernel/rows.h"

#define HANDLE_STEP 4u

static const struct policy {
	const char *word;
	uint32_t first, first_host;
} policies[] = {
#define HANDLE_POLICY(id, word, first, host) [HANDLES_##id] = { word, first, host },
	HANDLE_POLICIES(HANDLE_POLICY)
#undef HANDLE_POLICY
};

const char *handle_policy_word(enum handle_policy p)
{
	return (unsigned)p < HANDLE_POLICY_COUNT ? policies[p].word : NULL;
}

void handles_layout(struct machine *m)
{
	m->t_slot = arena_table_add(&m->world, "slot", sizeof(struct w_slot), SLOTS_MAX);
	m->t_handles = arena_table_add(&m->world, "handles", sizeof(struct w_handles), 2);
	freemap_layout(m);
}

void handles_init(struct machine *m)
{
	arena_cover(&m->world, m->t_handles, HANDLES_ROW);
	struct w_handles *h = handles_row(m);
	h->next_host = 1;
	h->next_row = SLOTS_HOST + 1;
	h->policy = m->options.handles;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------------- */

static uint32_t handle_of(const struct machine *m, uint32_t row)
{
	const struct policy *p = &policies[handles_peek(m)->policy];
	if (row <= SLOTS_HOST)
		return p->first_host + (row - 1) * HANDLE_STEP;
	return p->first + (row - SLOTS_HOST - 1) * HANDLE_STEP;
}

uint32_t slot_by_handle(const struct machine *m, uint32_t handle)
{
	const struct w_handles *h = handles_peek(m);
	const struct policy *p = &policies[h->policy];
	/* Below the first one the difference wraps around: no such row. */
	uint32_t host = (handle - p->first_host) / HANDLE_STEP, own = (handle - p->first) / HANDLE_STEP;
	if (host < h->next_host - 1)
		return host + 1;
	return own < h->next_row - SLOTS_HOST - 1 ? own + SLOTS_HOST + 1 : 0;
}

static uint32_t slot_never_used(struct machine *m)
{
	struct w_handles *h = handles_row(m);
	if (h->next_row >= SLOTS_MAX)
		return 0;
	uint32_t row = h->next_row++;
	arena_cover(&m->world, m->t_slot, row);
	return row;
}

static uint32_t slot_take(struct machine *m)
{
	struct w_handles *h = handles_row(m);
	if (h->policy == HANDLES_CANARY) {
		uint32_t lowest = freemap_lowest(m);
		if (lowest)
			freemap_remove(m, lowest);
		return lowest ? lowest : slot_never_used(m);
	}
	uint32_t row = h->free_head;
	if (!row)
		return slot_never_used(m);
	struct w_slot *s = slot_row(m, row);
	h->free_head = s->free_next;
	if (!h->free_head)
		h->free_tail = 0;
	s->free_next = 0;
	return row;
}

static void slot_recycle(struct machine *m, uint32_t row)
{
	struct w_handles *h = handles_row(m);
	if (row <= SLOTS_HOST)
		return;
	switch ((enum handle_policy)h->policy) {
	case HANDLES_FIFO:
		*(h->free_tail ? &slot_row(m, h->free_tail)->free_next : &h->free_head) = row;
		h->free_tail = row;
		break;
	case HANDLES_LIFO:
		slot_row(m, row)->free_next = h->free_head;
		h->free_head = row;
		break;
	case HANDLES_CANARY: freemap_add(m, row); break;
	default: /* bump: never again */ break;
	}
}

/* ---- filling and emptying ---------------------------------------------------------------------------------------------- */

static void slot_link(struct machine *m, uint32_t row)
{
	struct w_slot *s = slot_row(m, row);
	struct w_object *o = object_row(m, s->object);
	s->prev = o->slot_last;
	s->next = 0;
	if (o->slot_last)
		slot_row(m, o->slot_last)->next = row;
	else
		o->slot_first = row;
	o->slot_last = row;
}

static void slot_unlink(struct machine *m, uint32_t row)
{
	struct w_slot *s = slot_row(m, row);
	struct w_object *o = object_row(m, s->object);
	if (s->prev)
		slot_row(m, s->prev)->next = s->next;
	else
		o->slot_first = s->next;
	if (s->next)
		slot_row(m, s->next)->prev = s->prev;
	else
		o->slot_last = s->prev;
	s->next = s->prev = 0;
}

static void slot_fill(struct machine *m, uint32_t thread, uint32_t object, uint32_t row)
{
	struct w_slot *s = slot_row(m, row);
	uint64_t i = 0;
	if (thread)
		i = thread_row(m, thread)->created_handles++;
	uint64_t h = fnv_u64(fnv_u64(fnv_str(FNV_BASIS, "s"), creator_key(m, thread)), i);
	s->sid = fnv_str(h, object_type_family(object_peek(m, object)->type));
	s->object = object;
	s->generation++;
	s->handle = handle_of(m, row);
	s->creator_tid = thread ? thread_peek(m, thread)->tid : 0;
	s->state = SLOT_OPEN;
	slot_link(m, row);
	handles_row(m)->open++;
	object_ref_handle(m, object, s->handle, s->generation);
	emit_object(m, EV_HANDLE_CREATE, thread, object, row, 0, 0);
}

uint32_t handle_open(struct machine *m, uint32_t thread, uint32_t object)
{
	uint32_t row = slot_take(m);
	if (row)
		slot_fill(m, thread, object, row);
	return row;
}

uint32_t handle_open_host(struct machine *m, uint32_t object)
{
	struct w_handles *h = handles_row(m);
	if (h->next_host > SLOTS_HOST)
		return 0;
	uint32_t row = h->next_host++;
	arena_cover(&m->world, m->t_slot, row);
	slot_fill(m, 0, object, row);
	return row;
}

void handle_close(struct machine *m, uint32_t thread, uint32_t slot)
{
	struct w_slot *s = slot_row(m, slot);
	uint32_t object = s->object;
	INVARIANT(s->state == SLOT_OPEN);
	emit_object(m, EV_HANDLE_DESTROY, thread, object, slot, 0, 0);
	ledger_closed(m, slot);
	slot_unlink(m, slot);
	s->state = SLOT_CLOSED;
	s->object = 0;
	handles_row(m)->open--;
	slot_recycle(m, slot);
	object_unref_handle(m, object, s->handle, s->generation);
}

uint32_t handle_slot(struct machine *m, uint32_t thread, uint32_t handle)
{
	uint32_t row = slot_by_handle(m, handle);
	if (row && slot_peek(m, row)->state == SLOT_OPEN)
		return row;
	emit_stale(m, thread, handle, row, 0);
	return 0;
}

void handle_mistaken(struct machine *m, uint32_t thread, uint32_t slot, uint32_t types)
{
	const struct past_life *past = past_life_peek(m, slot);
	if (past->generation && types & 1u << past->type)
		emit_stale(m, thread, slot_peek(m, slot)->handle, slot, slot_peek(m, slot)->generation);
}

uint32_t handle_object(struct machine *m, uint32_t thread, uint32_t handle, uint32_t *slot)
{
	uint32_t row = 0;
	if (slot)
		*slot = 0;
	if (handle == HANDLE_CURRENT_THREAD)
		return thread_peek(m, thread)->object;
	row = handle_slot(m, thread, handle);
	if (slot)
		*slot = row;
	return row ? slot_peek(m, row)->object : 0;
}
