/* kernel/xam_profile.c - the user's profile: its settings (kernel/profile.def) and what the title has written of them. What is written lies in the
 * world and ends with the run. Source: Xenia canary, XamUserReadProfileSettings, XamUserWriteProfileSettings. */
#include "config.h"

#include "kernel/profile.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/overlapped.h"
#include "kernel/user_guest.h"

#define READ_MOST 32u
#define READ_BYTES (sizeof(struct g_user_settings) + READ_MOST * (sizeof(struct g_user_setting) + USER_SETTING_BYTES))

static const struct profile_default defaults[] = {
#define PROFILE(id, name, value) { id, value, name },
#include "kernel/profile.def"
#undef PROFILE
};

void users_layout(struct machine *m)
{
	m->t_setting = arena_table_add(&m->world, "setting", sizeof(struct w_setting), USER_SETTINGS + 1);
}

const struct profile_default *profile_default(unsigned i)
{
	return i < ARRAY_LEN(defaults) ? &defaults[i] : NULL;
}

const struct profile_default *profile_find(uint32_t id)
{
	for (unsigned i = 0; i < ARRAY_LEN(defaults); i++)
		if (defaults[i].id == id)
			return &defaults[i];
	return NULL;
}

const struct w_setting *profile_written(const struct machine *m, uint32_t id)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_setting); row++)
		if (profile_peek(m, row)->id == id)
			return profile_peek(m, row);
	return NULL;
}

static bool has_bytes(uint32_t type)
{
	return type == PROFILE_TEXT || type == PROFILE_BINARY;
}

/* ---- reading --------------------------------------------------------------------------------------------------------------------- */

struct reading {
	uint32_t ids_ga, count, buffer, size_ga, overlapped;
	uint64_t whose;
	uint32_t id[READ_MOST];
	uint32_t needed, at; /* bytes; where the next value goes */
	uint8_t bytes[READ_BYTES];
};

static void put_setting(const struct machine *m, struct reading *r, unsigned i)
{
	const struct w_setting *w = profile_written(m, r->id[i]);
	const struct profile_default *d = profile_find(r->id[i]);
	uint32_t type = w ? w->type : PROFILE_TYPE(r->id[i]);
	struct g_user_setting s = { .whose = be64_of(r->whose), .id = be32_of(r->id[i]), .data = { .type = (uint8_t)type } };
	s.from = be32_of(w ? 2 : PROFILE_IS_TITLES(r->id[i]) ? 0 : 1);
	if (w && has_bytes(type)) {
		if (w->size) {
			s.data.value[0] = be32_of(w->size);
			s.data.value[1] = be32_of(r->buffer + r->at);
			memcpy(r->bytes + r->at, w->value, w->size);
			r->at += w->size;
		}
	} else if (w) {
		memcpy(s.data.value, w->value, sizeof s.data.value);
	} else if (!has_bytes(type)) {
		s.data.value[0] = be32_of(d->value);
	}
	memcpy(r->bytes + sizeof(struct g_user_settings) + i * sizeof s, &s, sizeof s);
}

static uint32_t header_bytes(uint32_t count)
{
	return (uint32_t)(sizeof(struct g_user_settings) + count * sizeof(struct g_user_setting));
}

/* Reads the ids; 0 = all are known. *needed: bytes, as their ids say. */
static uint32_t read_ids(struct machine *m, struct call *c, struct reading *r)
{
	uint32_t error = 0;
	r->needed = header_bytes(r->count);
	for (unsigned i = 0; i < r->count; i++) {
		uint32_t id = r->id[i] = in32(m, c, r->ids_ga + 4 * i);
		if (has_bytes(PROFILE_TYPE(id)))
			r->needed += PROFILE_BYTES(id);
		const struct w_setting *w = profile_written(m, id);
		if (!profile_find(id) && !w)
			error = ERROR_INVALID_PARAMETER;
		else if (w && has_bytes(w->type) && w->size > PROFILE_BYTES(id))
			r->needed += w->size - PROFILE_BYTES(id);
	}
	return error;
}

/* @user: user 0 or an XUID that is theirs. */
static void read_settings(struct machine *m, struct call *c, struct reading *r, bool here)
{
	if (!r->count || r->count > READ_MOST || !r->size_ga) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	uint32_t room = in32(m, c, r->size_ga), error = read_ids(m, c, r);
	if (c->faulted)
		return;
	if (!r->buffer || room < r->needed) {
		if (!room)
			out32(m, c, r->size_ga, r->needed);
		call_return(c, room && !r->buffer ? ERROR_INVALID_PARAMETER : ERROR_INSUFFICIENT_BUFFER);
		return;
	}
	if (!here || error) {
		overlapped_end(m, c, r->overlapped, overlapped_plain(here ? error : ERROR_NO_SUCH_USER));
		return;
	}
	const struct g_user_settings head = { be32_of(r->count), be32_of(r->buffer + (uint32_t)sizeof head) };
	memset(r->bytes, 0, r->needed);
	memcpy(r->bytes, &head, sizeof head);
	r->at = header_bytes(r->count);
	for (unsigned i = 0; i < r->count; i++)
		put_setting(m, r, i);
	const struct overlapped_request request = { .ga = r->overlapped,
		.end = overlapped_plain(0),
		.ticks = OVERLAPPED_TICKS,
		.out = { { .ga = r->buffer, .size = r->needed, .bytes = r->bytes } } };
	overlapped_begin(m, c, &request);
}

/* (title, user, XUIDs' count, XUIDs, ids' count, ids, bytes *, ...): without XUIDs the user is meant. */
static void read_begin(struct machine *m, struct call *c, uint32_t buffer, uint32_t overlapped)
{
	struct reading r = {
		.count = arg32(c, 4), .ids_ga = arg32(c, 5), .size_ga = arg32(c, 6), .buffer = buffer, .overlapped = overlapped
	};
	bool by_xuid = arg32(c, 2) != 0;
	uint64_t xuid = by_xuid ? in64(m, c, arg32(c, 3)) : 0;
	r.whose = by_xuid ? xuid : (uint64_t)arg32(c, 1) << 32 | 0xFFFFFFFFu;
	if (!c->faulted)
		read_settings(m, c, &r, by_xuid ? xuid == XAM_XUID : xam_signed_in(m, arg32(c, 1)));
}

void k_XamUserReadProfileSettings(struct machine *m, struct call *c)
{
	read_begin(m, c, arg32(c, 7), arg32(c, 8));
}

/* One argument more, which is not known, before the buffer. */
void k_XamUserReadProfileSettingsEx(struct machine *m, struct call *c)
{
	read_begin(m, c, arg32(c, 8), arg32(c, 9));
}

/* ---- writing --------------------------------------------------------------------------------------------------------------------- */

/* The row of @id, a new one if it has none; NULL: no room. */
static struct w_setting *written_row(struct machine *m, uint32_t id)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_setting); row++)
		if (profile_peek(m, row)->id == id)
			return arena_row(&m->world, m->t_setting, row);
	uint32_t row = arena_take(&m->world, m->t_setting);
	return row ? arena_row(&m->world, m->t_setting, row) : NULL;
}

static uint32_t write_setting(struct machine *m, struct call *c, const struct g_user_setting *s)
{
	struct w_setting w = { .id = be32_get(s->id), .type = s->data.type };
	uint32_t from = be32_get(s->data.value[1]);
	if (w.type == PROFILE_UNSET)
		return 0;
	if (!w.id)
		return ERROR_INVALID_PARAMETER;
	if (has_bytes(w.type)) {
		w.size = be32_get(s->data.value[0]);
		if (w.size > USER_SETTING_BYTES)
			return ERROR_INVALID_PARAMETER;
		if (from && w.size && !in_bytes(m, c, from, w.value, w.size))
			return 0;
	} else {
		w.size = sizeof s->data.value;
		memcpy(w.value, s->data.value, sizeof s->data.value);
	}
	struct w_setting *row = written_row(m, w.id);
	if (!row)
		return ERROR_NO_SYSTEM_RESOURCES;
	*row = w;
	return 0;
}

/* (title, user, count, settings, XOVERLAPPED *) */
void k_XamUserWriteProfileSettings(struct machine *m, struct call *c)
{
	uint32_t count = arg32(c, 2), from = arg32(c, 3), error = 0;
	struct g_user_setting s;
	if (!count || !from || count > READ_MOST) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	if (!xam_signed_in(m, arg32(c, 1)))
		error = ERROR_NO_SUCH_USER;
	for (unsigned i = 0; i < count && !error; i++) {
		if (!in_bytes(m, c, from + i * (uint32_t)sizeof s, &s, sizeof s))
			return;
		error = write_setting(m, c, &s);
		if (c->faulted)
			return;
	}
	overlapped_end(m, c, arg32(c, 4), overlapped_plain(error));
}
