/* kernel/notify.c - see notify.h */
#include "config.h"

#include "kernel/notify.h"

#include "kernel/emit.h"
#include "kernel/guest.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/wait.h"

#define LISTENERS_MAX 4096u
#define NOTIFICATIONS_MAX (1u << 16)

static const struct {
	uint32_t id;
	const char *word;
} ids[] = {
#define NOTIFY_ID(id, number, word) { number, word },
	NOTIFY_IDS(NOTIFY_ID)
#undef NOTIFY_ID
};

const char *notify_word(uint32_t id)
{
	for (unsigned i = 0; i < ARRAY_LEN(ids); i++)
		if (ids[i].id == id)
			return ids[i].word;
	return NULL;
}

void notify_layout(struct machine *m)
{
	m->t_listener = arena_table_add(&m->world, "listener", sizeof(struct w_listener), LISTENERS_MAX);
	m->t_notification = arena_table_add(&m->world, "notification", sizeof(struct w_notification), NOTIFICATIONS_MAX);
	m->t_notify = arena_table_add(&m->world, "notify", sizeof(struct w_notify), 2);
	m->t_notify_count = arena_table_add(&m->history, "notify.count", sizeof(struct h_notify), 2);
}

static struct w_listener *listener_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_listener, row);
}

static struct w_notification *notification_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_notification, row);
}

static struct h_notify *count_row(struct machine *m)
{
	arena_cover(&m->history, m->t_notify_count, 1);
	return arena_row(&m->history, m->t_notify_count, 1);
}

const struct w_listener *listener_of(const struct machine *m, uint32_t object)
{
	return arena_peek(&m->world, m->t_listener, object_peek(m, object)->part);
}

/* ---- listeners ----------------------------------------------------------------------------------------------------------------- */

uint32_t listener_new(struct machine *m, uint32_t thread, uint64_t mask, uint32_t max_version)
{
	uint32_t row = arena_take(&m->world, m->t_listener);
	uint32_t object = row ? object_new(m, thread, OT_LISTENER, sizeof(struct g_kevent)) : 0;
	if (!object) {
		if (row)
			arena_give(&m->world, m->t_listener, row);
		return 0;
	}
	*listener_row(m, row) = (struct w_listener){
		.mask = mask, .object = object, .max_version = max_version < NOTIFY_VERSION_MAX ? max_version : NOTIFY_VERSION_MAX
	};
	object_row(m, object)->part = row;
	return object;
}

void listener_gone(struct machine *m, uint32_t object)
{
	uint32_t next, listener = object_peek(m, object)->part;
	for (uint32_t row = listener_row(m, listener)->first; row; row = next) {
		next = notification_peek(m, row)->next;
		arena_give(&m->world, m->t_notification, row);
	}
	arena_give(&m->world, m->t_listener, listener);
}

/* False: there is no room. */
static bool enqueue(struct machine *m, uint32_t thread, uint32_t listener, uint32_t id, uint32_t data)
{
	uint32_t row = arena_take(&m->world, m->t_notification);
	struct w_listener *l = listener_row(m, listener);
	if (!row)
		return false;
	*notification_row(m, row) = (struct w_notification){ .id = id, .data = data };
	*(l->last ? &notification_row(m, l->last)->next : &l->first) = row;
	l->last = row;
	if (l->count++)
		return true;
	emit_object(m, EV_OBJECT_SIGNAL, thread, l->object, 0, 0, 1);
	object_state_set(m, l->object, 1);
	wait_scan(m, l->object, SIGNAL_INCREMENT);
	return true;
}

static bool hears(const struct w_listener *l, uint32_t id)
{
	return l->object && l->mask >> (id >> 25 & 0x3F) & 1 && (id >> 16 & 0x1FF) <= l->max_version;
}

/* A dialog was open and is not any more, and somebody signed in (facts: XAM; these four, in this order). */
void listener_greet(struct machine *m, uint32_t thread, uint32_t object)
{
	static const struct {
		uint32_t id, data;
	} greeting[] = { { NOTIFY_SYS_UI, 1 }, { NOTIFY_SYS_UI, 0 }, { NOTIFY_SYS_SIGNIN_CHANGED, 1 },
		{ NOTIFY_SYS_SIGNIN_CHANGED, 1 } };
	arena_cover(&m->world, m->t_notify, 1);
	struct w_notify *w = arena_row(&m->world, m->t_notify, 1);
	if (w->greeted || !(listener_of(m, object)->mask & 1))
		return;
	w->greeted = 1;
	for (unsigned i = 0; i < ARRAY_LEN(greeting); i++)
		(void)enqueue(m, thread, object_peek(m, object)->part, greeting[i].id, greeting[i].data);
}

/* ---- notifications ---------------------------------------------------------------------------------------------------------------- */

uint32_t notify_post(struct machine *m, uint32_t thread, uint32_t id, uint32_t data)
{
	uint32_t heard = 0, lost = 0, count = arena_count(&m->world, m->t_listener);
	for (uint32_t row = 1; row < count; row++)
		heard += hears(listener_row(m, row), id);
	emit_plain4(m, EV_NOTIFY_POST, thread, (uint64_t[4]){ id, data, heard });
	count_row(m)->posted++;
	count_row(m)->unheard += !heard;
	for (uint32_t row = 1; row < count; row++)
		if (hears(listener_row(m, row), id))
			lost += !enqueue(m, thread, row, id, data);
	count_row(m)->lost += lost;
	return heard - lost;
}

bool notify_take(struct machine *m, uint32_t thread, uint32_t object, uint32_t slot, uint32_t match, struct w_notification *out)
{
	struct w_listener *l = listener_row(m, object_peek(m, object)->part);
	uint32_t row = l->first, before = 0;
	while (row && match && notification_peek(m, row)->id != match) {
		before = row;
		row = notification_peek(m, row)->next;
	}
	if (!row)
		return false;
	*out = *notification_peek(m, row);
	*(before ? &notification_row(m, before)->next : &l->first) = out->next;
	if (l->last == row)
		l->last = before;
	arena_give(&m->world, m->t_notification, row);
	emit_object(m, EV_NOTIFY_TAKE, thread, object, slot, out->id, out->data);
	if (--l->count)
		return true;
	emit_object(m, EV_OBJECT_RESET, thread, object, slot, 1, 0);
	object_state_set(m, object, 0);
	return true;
}
