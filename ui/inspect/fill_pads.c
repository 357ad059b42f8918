/* ui/inspect/fill_pads.c - the tables of what XAM keeps of its user: pads and their inputs to come, listeners, the profile. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/notify.h"
#include "kernel/pad.h"
#include "kernel/profile.h"
#include "ui/inspect/inspect.h"

static uint64_t to_come(const struct machine *m, uint32_t pad)
{
	uint64_t n = 0;
	for (uint32_t row = pads_peek(m)->first; row; row = pad_input_peek(m, row)->next)
		n += pad_input_peek(m, row)->pad == pad;
	return n;
}

void fill_pads(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char text[120];
	for (uint32_t pad = 0; pad < PADS; pad++) {
		const struct w_pad *p = pad_peek(m, pad);
		const struct h_pad *c = pad_count(m, pad);
		put_u64(t, pad);
		put_bool(t, p->connected);
		put_u64(t, p->packet);
		put_str(t, pad_buttons_text(p->buttons, text, sizeof text));
		put_strf(t, "%d,%d %d,%d", p->stick[0], p->stick[1], p->stick[2], p->stick[3]);
		put_strf(t, "%u %u", p->trigger[0], p->trigger[1]);
		put_strf(t, "%u %u", p->motor[0], p->motor[1]);
		put_u64(t, p->keys);
		put_u64(t, to_come(m, pad));
		put_u64(t, c->reads);
		if (c->reads)
			put_cycles(t, c->last_read);
		else
			put_none(t);
	}
}

void fill_inputs(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char text[120];
	for (uint32_t row = pads_peek(m)->first; row; row = pad_input_peek(m, row)->next) {
		const struct w_pad_input *in = pad_input_peek(m, row);
		put_cycles(t, in->cycle);
		put_u64(t, in->pad);
		put_str(t, pad_text((enum pad_op)in->op, in->value, text, sizeof text));
	}
}

static void put_areas(struct table *t, uint64_t mask)
{
	char text[256] = "";
	size_t at = 0;
	for (unsigned i = 0; i < 64 && at < sizeof text - 4; i++)
		if (mask >> i & 1)
			at += (size_t)snprintf(text + at, sizeof text - at, "%s%u", at ? " " : "", i);
	put_words(t, text);
}

static void put_next(struct table *t, const struct machine *m, uint32_t row)
{
	if (!row) {
		put_none(t);
		put_none(t);
		return;
	}
	const struct w_notification *n = notification_peek(m, row);
	if (notify_word(n->id))
		put_str(t, notify_word(n->id));
	else
		put_strf(t, "%08X", n->id);
	put_u64(t, n->data);
}

static void put_waiting(struct table *t, const struct machine *m, uint32_t object)
{
	char text[256] = "";
	size_t at = 0;
	for (uint32_t row = object_peek(m, object)->wait_head; row && at < sizeof text - 12; row = wait_peek(m, row)->next)
		at += (size_t)snprintf(
			text + at, sizeof text - at, "%s%u", at ? " " : "", thread_peek(m, wait_peek(m, row)->thread)->tid);
	put_words(t, text);
}

void fill_listeners(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t object = 1; object < arena_count(&m->world, m->t_object); object++) {
		const struct w_object *o = object_peek(m, object);
		if (o->type != OT_LISTENER)
			continue;
		const struct w_listener *l = listener_of(m, object);
		put_object(t, o->id);
		if (o->slot_first)
			put_handle(t, slot_peek(m, o->slot_first)->handle, slot_peek(m, o->slot_first)->generation);
		else
			put_none(t);
		put_areas(t, l->mask);
		put_u64(t, l->max_version);
		put_u64(t, l->count);
		put_next(t, m, l->first);
		put_waiting(t, m, object);
	}
}

/* A number; of texts and bytes the first ones. */
static void put_value(struct table *t, uint32_t type, const uint8_t *value, uint32_t size)
{
	char text[40] = "";
	if (type == PROFILE_INT32)
		put_strf(t, "%d", (int32_t)load_be32(value));
	else if (type == PROFILE_INT64 || type == PROFILE_DATETIME)
		put_strf(t, "%" PRId64, (int64_t)load_be64(value));
	else {
		for (unsigned i = 0; i < size && i < 16; i++)
			snprintf(text + 2 * i, sizeof text - 2 * i, "%02x", value[i]);
		put_strf(t, "%s%s", text, size > 16 ? "..." : "");
	}
}

static void put_setting(struct table *t, const struct machine *m, uint32_t id)
{
	const struct profile_default *d = profile_find(id);
	const struct w_setting *w = profile_written(m, id);
	uint8_t value[4];
	uint32_t type = w ? w->type : PROFILE_TYPE(id);
	bool bytes = type == PROFILE_TEXT || type == PROFILE_BINARY;
	store_be32(value, d ? d->value : 0);
	put_hex(t, id);
	put_str(t, d ? d->name : NULL);
	put_u64(t, bytes ? w ? w->size : 0 : PROFILE_BYTES(id));
	put_value(t, type, w ? w->value : value, bytes && !w ? 0 : w ? w->size : 4);
	put_bool(t, w != NULL);
}

void fill_profile(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (unsigned i = 0; profile_default(i); i++)
		put_setting(t, m, profile_default(i)->id);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_setting); row++)
		if (profile_peek(m, row)->id && !profile_find(profile_peek(m, row)->id))
			put_setting(t, m, profile_peek(m, row)->id);
}
