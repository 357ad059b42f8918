/* kernel/xam_xgi.c - messages to app FB: contexts, properties and achievements of users, sessions without a network. */
#include "config.h"

#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/xam.h"
#include "kernel/xmsg.h"

#define USERDATA_MAX (1u << 12)
#define PROPERTY_BYTES_MAX 0x1000u /* the longest string or binary that is kept */
#define ACHIEVEMENTS_AT_ONCE 256u
/* a property's type: the highest digit of its id (Xenia, X_USER_DATA_TYPE) */
enum { TYPE_CONTEXT, TYPE_INT32, TYPE_INT64, TYPE_DOUBLE, TYPE_STRING, TYPE_FLOAT, TYPE_BINARY, TYPE_TIME };
#define SESSION_LIVE_FEATURES 0x1Eu /* presence, stats, matchmaking, arbitration */

void xam_layout(struct machine *m)
{
	m->t_userdata = arena_table_add(&m->world, "userdata", sizeof(struct w_userdata), USERDATA_MAX);
	m->t_xam = arena_table_add(&m->world, "xam", sizeof(struct w_xam), 1 + 1);
}

/* ---- what is kept ----------------------------------------------------------------------------------------------------------------- */

static struct w_userdata *userdata_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_userdata, row);
}

static uint32_t userdata_find(const struct machine *m, enum userdata_kind kind, uint32_t user, uint32_t id)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_userdata); row++) {
		const struct w_userdata *u = userdata_peek(m, row);
		if (u->kind == kind && u->user == user && u->id == id)
			return row;
	}
	return 0;
}

/* The row, made if there is none; NULL = no room. */
static struct w_userdata *userdata_note(struct machine *m, struct call *c, enum userdata_kind kind, uint32_t user, uint32_t id)
{
	uint32_t row = userdata_find(m, kind, user, id);
	if (!row)
		row = arena_take(&m->world, m->t_userdata);
	if (!row)
		return NULL;
	struct w_userdata *u = userdata_mut(m, row);
	u->kind = kind;
	u->user = user;
	u->id = id;
	u->when = machine_cycle(m);
	u->tid = thread_peek(m, c->thread)->tid;
	return u;
}

/* The user that begins a buffer: by XUID if there is one, else by number. XAM_USERS = nobody who is signed in. */
static uint32_t user_of(struct machine *m, struct call *c, const struct message *msg)
{
	uint32_t user = message_word(m, c, msg, 0);
	uint64_t xuid = (uint64_t)message_word(m, c, msg, 2) << 32 | message_word(m, c, msg, 3);
	for (uint32_t i = 0; xuid && i < XAM_USERS; i++)
		if (xam_xuid(m, i) == xuid)
			return i;
	return xuid || !xam_signed_in(m, user) ? XAM_USERS : user;
}

/* {user, 0, XUID, context, value}: of nobody it is dropped, without an error. */
uint32_t msg_set_context(struct machine *m, struct call *c, struct message *msg)
{
	uint32_t user = user_of(m, c, msg), id = message_word(m, c, msg, 4), value = message_word(m, c, msg, 5);
	if (c->faulted || user == XAM_USERS)
		return XMSG_SUCCESS;
	struct w_userdata *u = userdata_note(m, c, USERDATA_CONTEXT, user, id);
	if (!u)
		return ERROR_NO_SYSTEM_RESOURCES;
	u->value = value;
	return XMSG_SUCCESS;
}

/* How many bytes a property of this type has, whatever was said. */
static uint32_t property_size(uint32_t id, uint32_t said)
{
	switch (id >> 28) {
	case TYPE_CONTEXT:
	case TYPE_INT32:
	case TYPE_FLOAT: return 4;
	case TYPE_INT64:
	case TYPE_DOUBLE:
	case TYPE_TIME: return 8;
	default: return said;
	}
}

static bool has_bytes_elsewhere(uint32_t id)
{
	return id >> 28 == TYPE_STRING || id >> 28 == TYPE_BINARY;
}

/* {user, 0, XUID, property, bytes, address} */
uint32_t msg_set_property(struct machine *m, struct call *c, struct message *msg)
{
	uint8_t bytes[PROPERTY_BYTES_MAX];
	uint32_t user = user_of(m, c, msg), id = message_word(m, c, msg, 4), size = property_size(id, message_word(m, c, msg, 5)),
		 at = message_word(m, c, msg, 6);
	if (c->faulted || user == XAM_USERS)
		return XMSG_SUCCESS;
	if (size > sizeof bytes)
		return XMSG_INVALID_ARGUMENT;
	if (!in_bytes(m, c, at, bytes, size))
		return XMSG_SUCCESS;
	uint32_t block = pool_alloc(m, size ? size : 1, POOL_KERNEL);
	struct w_userdata *u = block ? userdata_note(m, c, USERDATA_PROPERTY, user, id) : NULL;
	if (!u) {
		if (block)
			pool_free(m, block, POOL_KERNEL);
		return ERROR_NO_SYSTEM_RESOURCES;
	}
	if (u->bytes_ga)
		pool_free(m, u->bytes_ga, POOL_KERNEL);
	u->bytes_ga = block;
	u->size = size;
	object_put(m, block, bytes, size);
	return XMSG_SUCCESS;
}

/* The XUSER_CONTEXT at @at: {context, value}. */
static uint32_t get_context(struct machine *m, struct call *c, struct message *msg, uint32_t user, uint32_t at)
{
	uint32_t row = userdata_find(m, USERDATA_CONTEXT, user, in32(m, c, at));
	if (row)
		message_out(msg, at + 4, userdata_peek(m, row)->value);
	return row ? XMSG_SUCCESS : XMSG_INVALID_ARGUMENT;
}

/* {user, 0, XUID, size *, XUSER_CONTEXT *, XUSER_PROPERTY *}; XUSER_PROPERTY is {property, 0, type, 0, value}, a string's value {bytes, address}. */
uint32_t msg_get_property(struct machine *m, struct call *c, struct message *msg)
{
	uint32_t user = user_of(m, c, msg), size_at = message_word(m, c, msg, 4), context = message_word(m, c, msg, 5),
		 at = message_word(m, c, msg, 6);
	if (c->faulted || user == XAM_USERS)
		return XMSG_NOT_FOUND;
	if (context)
		return get_context(m, c, msg, user, context);
	if (!size_at || !at)
		return XMSG_INVALID_ARGUMENT;
	uint32_t id = in32(m, c, at), row = userdata_find(m, USERDATA_PROPERTY, user, id);
	uint32_t to = has_bytes_elsewhere(id) ? in32(m, c, at + 0x14) : at + 0x10;
	if (!row || !to || c->faulted) {
		message_out(msg, size_at, 0);
		return XMSG_INVALID_ARGUMENT;
	}
	const struct w_userdata *u = userdata_peek(m, row);
	message_out(msg, size_at, u->size);
	message_out(msg, at + 8, id >> 28 << 24); /* the type is a byte */
	if (has_bytes_elsewhere(id))
		message_out(msg, at + 0x10, u->size);
	msg->request.out[msg->outs++] = (struct overlapped_out){ to, u->size, NULL, u->bytes_ga };
	return XMSG_SUCCESS;
}

/* {how many, array of {user, achievement}} */
uint32_t msg_write_achievements(struct machine *m, struct call *c, struct message *msg)
{
	uint32_t count = message_word(m, c, msg, 0), at = message_word(m, c, msg, 1);
	if (count > ACHIEVEMENTS_AT_ONCE)
		return XMSG_INVALID_ARGUMENT;
	for (uint32_t i = 0; i < count && !c->faulted; i++) {
		uint32_t user = in32(m, c, at + i * 8), id = in32(m, c, at + i * 8 + 4);
		if (!c->faulted && xam_signed_in(m, user) && !userdata_find(m, USERDATA_ACHIEVEMENT, user, id) &&
			!userdata_note(m, c, USERDATA_ACHIEVEMENT, user, id))
			return ERROR_NO_SYSTEM_RESOURCES;
	}
	return XMSG_SUCCESS;
}

/* ---- without a network ---------------------------------------------------------------------------------------------------------------- */

/* {session, flags, ...}: what needs the network fails; a session without it is made. */
uint32_t msg_session_create(struct machine *m, struct call *c, struct message *msg)
{
	return message_word(m, c, msg, 1) & SESSION_LIVE_FEATURES ? XMSG_SESSION_NOT_LOGGED_ON : XMSG_SUCCESS;
}

uint32_t msg_not_logged_on(struct machine *m, struct call *c, struct message *msg)
{
	(void)m, (void)c, (void)msg;
	return XMSG_NOT_LOGGED_ON;
}

uint32_t msg_succeeds(struct machine *m, struct call *c, struct message *msg)
{
	(void)m, (void)c, (void)msg;
	return XMSG_SUCCESS;
}

uint32_t msg_fails(struct machine *m, struct call *c, struct message *msg)
{
	(void)m, (void)c, (void)msg;
	return XMSG_FAIL;
}
