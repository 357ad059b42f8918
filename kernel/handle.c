/* kernel/handle.c - see handle.h */
#include "config.h"

#include "kernel/handle.h"

#include "kernel/emit.h"
#include "kernel/object.h"
#include "kernel/rows.h"

#define SLOTS_MAX (1u << 22)
#define HANDLE_STEP 4u

void handles_layout(struct machine *m)
{
	m->t_slot = arena_table_add(&m->world, "slot", sizeof(struct w_slot), SLOTS_MAX);
	m->t_handles = arena_table_add(&m->world, "handles", sizeof(struct w_handles), 2);
}

void handles_init(struct machine *m)
{
	arena_cover(&m->world, m->t_handles, HANDLES_ROW);
	handles_row(m)->next_row = 1;
}

static uint32_t slot_take(struct machine *m)
{
	struct w_handles *h = handles_row(m);
	uint32_t row = h->free_head;
	if (row) {
		struct w_slot *s = slot_row(m, row);
		h->free_head = s->free_next;
		if (!h->free_head)
			h->free_tail = 0;
		s->free_next = 0;
		return row;
	}
	if (h->next_row >= SLOTS_MAX)
		return 0;
	row = h->next_row++;
	arena_cover(&m->world, m->t_slot, row);
	return row;
}

/* The slot goes to the end of the queue: the number closed longest ago is the next one given out. */
static void slot_recycle(struct machine *m, uint32_t row)
{
	struct w_handles *h = handles_row(m);
	if (h->free_tail)
		slot_row(m, h->free_tail)->free_next = row;
	else
		h->free_head = row;
	h->free_tail = row;
}

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

uint32_t handle_open(struct machine *m, uint32_t thread, uint32_t object)
{
	uint32_t row = slot_take(m);
	if (!row)
		return 0;
	struct w_slot *s = slot_row(m, row);
	uint64_t i = 0;
	if (thread)
		i = thread_row(m, thread)->created_handles++;
	uint64_t h = fnv_u64(fnv_u64(fnv_str(FNV_BASIS, "s"), creator_key(m, thread)), i);
	s->sid = fnv_str(h, object_type_family(object_peek(m, object)->type));
	s->object = object;
	s->generation++;
	s->handle = HANDLE_BASE + (row - 1) * HANDLE_STEP;
	s->creator_tid = thread ? thread_peek(m, thread)->tid : 0;
	s->state = SLOT_OPEN;
	slot_link(m, row);
	handles_row(m)->open++;
	object_ref_handle(m, object);
	emit_object(m, EV_HANDLE_CREATE, thread, object, row, 0, 0);
	return row;
}

void handle_close(struct machine *m, uint32_t thread, uint32_t slot)
{
	struct w_slot *s = slot_row(m, slot);
	uint32_t object = s->object;
	INVARIANT(s->state == SLOT_OPEN);
	emit_object(m, EV_HANDLE_DESTROY, thread, object, slot, 0, 0);
	slot_unlink(m, slot);
	s->state = SLOT_CLOSED;
	s->object = 0;
	handles_row(m)->open--;
	slot_recycle(m, slot);
	object_unref_handle(m, object);
}

uint32_t slot_by_handle(const struct machine *m, uint32_t handle)
{
	if (handle < HANDLE_BASE)
		return 0;
	uint32_t row = (handle - HANDLE_BASE) / HANDLE_STEP + 1;
	return row < handles_peek(m)->next_row ? row : 0;
}

uint32_t handle_slot(struct machine *m, uint32_t thread, uint32_t handle)
{
	uint32_t row = slot_by_handle(m, handle);
	if (row && slot_peek(m, row)->state == SLOT_OPEN)
		return row;
	emit_stale(m, thread, handle, row);
	return 0;
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
