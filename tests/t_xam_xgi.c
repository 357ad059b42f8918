/* tests/t_xam_xgi.c - the laws of messages to XAM's apps: who answers what, and what is kept of it. */
#include "config.h"

#include "kernel/xmsg.h"
#include "tests/xamkit.h"

#define XGI 0xFBu
#define LIVE 0xFCu
#define APP_XAM 0xFEu
#define MUSIC 0xFAu

static uint32_t words(struct tk *t, const uint32_t *word, unsigned n)
{
	uint32_t ga = tk_memory(t, n * 4);
	for (unsigned i = 0; i < n; i++)
		tk_put32(t, ga + i * 4, word[i]);
	return ga;
}
#define WORDS(t, ...) words(t, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* Through an XOVERLAPPED; the result, which stands in both its words. */
static uint32_t send(struct tk *t, uint32_t app, uint32_t message, uint32_t buffer)
{
	uint32_t x = xa_overlapped(t, 0);
	assert_int_equal(CALL(t, t->main, "XMsgStartIORequest", app, message, x, buffer, 0), ERROR_IO_PENDING);
	xa_complete(t, x);
	assert_int_equal(XA(t, x, result), XA(t, x, extended_error));
	return XA(t, x, result);
}

/* The words of a question that is answered only when the request is done. */
static void a_message_is_answered_through_its_xoverlapped(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), event = tk_event(t, 1, false), x = xa_overlapped(t, event);
	tk_put32(t, out, 0x77);
	assert_int_equal(CALL(t, t->main, "XMsgStartIORequestEx", MUSIC, 0x70009, x, WORDS(t, 2, out), 8, 0), ERROR_IO_PENDING);
	assert_int_equal(tk_get32(t, out), 0x77);
	assert_int_equal(xa_complete(t, x), 0);
	assert_int_equal(tk_get32(t, out), 0); /* idle */
	assert_int_equal(object_signal_state(t->m, tk_object(t, event)), 1);
	tk_put32(t, out, 0x77);
	assert_int_equal(
		CALL(t, t->main, "XMsgStartIORequest", MUSIC, 0x70009, 0, WORDS(t, 2, out), 8), 0); /* without one: at once */
	assert_int_equal(tk_get32(t, out), 0);
	tk_put32(t, out, 0x77);
	assert_int_equal(CALL(t, t->main, "XMsgInProcessCall", MUSIC, 0x70009, WORDS(t, 2, out), 0), 0);
	assert_int_equal(tk_get32(t, out), 0);
	tk_put32(t, out, 0x77);
	assert_int_equal(CALL(t, t->main, "XMsgSystemProcessCall", MUSIC, 0x70009, WORDS(t, 2, out), 8), 0);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(tk_count(t, EV_STUB), 0);
}

static void what_nobody_knows_is_a_stub_and_never_a_success(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(send(t, XGI, 0xB1234, 0), XMSG_FAIL);
	assert_int_equal(tk_count(t, EV_STUB), 1);
	assert_int_equal(tk_event_at(t, EV_STUB, 0)->args[0], XGI);
	assert_int_equal(tk_event_at(t, EV_STUB, 0)->args[1], 0xB1234);
	assert_int_equal(send(t, 0x12, 0xB1234, 0), XMSG_INVALID_ARGUMENT); /* no app */
	assert_int_equal(CALL(t, t->main, "XMsgInProcessCall", 0x12, 0xB1234, 0, 0), XMSG_NOT_FOUND);
	assert_int_equal(send(t, LIVE, 0x58046, 0), 0); /* titles go on only so: said to be a stub all the same */
	assert_int_equal(tk_count(t, EV_STUB), 4);
}

static void contexts_are_kept_for_each_user(void **state)
{
	struct tk *t = TK(state);
	uint32_t pair = WORDS(t, 0x8001, 0x77), ask = WORDS(t, 0, 0, 0, 0, 0, pair, 0, 0);
	assert_int_equal(send(t, XGI, 0xB0041, ask), XMSG_INVALID_ARGUMENT); /* never set */
	assert_int_equal(send(t, XGI, 0xB0006, WORDS(t, 0, 0, 0, 0, 0x8001, 3)), 0);
	assert_int_equal(send(t, XGI, 0xB0006, WORDS(t, 7, 0, (uint32_t)(XAM_XUID >> 32), (uint32_t)XAM_XUID, 0x8001, 5)),
		0); /* by XUID */
	assert_int_equal(send(t, XGI, 0xB0041, ask), 0);
	assert_int_equal(tk_get32(t, pair + 4), 5);
	assert_int_equal(arena_live(&t->m->world, t->m->t_userdata), 1);
	assert_int_equal(send(t, XGI, 0xB0006, WORDS(t, 2, 0, 0, 0, 0x8001, 3)), 0); /* nobody is there */
	assert_int_equal(send(t, XGI, 0xB0006, WORDS(t, 0, 0, 0, 9, 0x8001, 3)), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_userdata), 1);
	tk_put32(t, ask, 2);
	assert_int_equal(send(t, XGI, 0xB0041, ask), XMSG_NOT_FOUND);
}

static uint32_t property_ask(struct tk *t, uint32_t size, uint32_t property)
{
	return WORDS(t, 0, 0, 0, 0, size, 0, property, 0);
}

static void properties_come_back_as_they_were_set(void **state)
{
	struct tk *t = TK(state);
	uint32_t size = tk_memory(t, 4), number = WORDS(t, 0x10008001, 0, 0, 0, 0, 0), wide = WORDS(t, 0x20008002, 0, 0, 0, 0, 0),
		 text = tk_memory(t, 64), string = WORDS(t, 0x40008003, 0, 0, 0, 0, text);
	assert_int_equal(send(t, XGI, 0xB0041, property_ask(t, size, number)), XMSG_INVALID_ARGUMENT); /* never set */
	for (unsigned i = 1; i < 3; i++)
		assert_int_equal(send(t, XGI, 0xB0007, WORDS(t, 0, 0, 0, 0, 0x10008001, 4, WORDS(t, i * 100))), 0);
	assert_int_equal(send(t, XGI, 0xB0041, property_ask(t, size, number)), 0);
	assert_int_equal(tk_get32(t, size), 4);
	assert_int_equal(tk_get32(t, number + 8), 1 << 24);
	assert_int_equal(tk_get32(t, number + 0x10), 200);
	send(t, XGI, 0xB0007, WORDS(t, 0, 0, 0, 0, 0x20008002, 8, WORDS(t, 1, 2)));
	assert_int_equal(send(t, XGI, 0xB0041, property_ask(t, size, wide)), 0);
	assert_int_equal(tk_get32(t, wide + 0x10), 1);
	assert_int_equal(tk_get32(t, wide + 0x14), 2);
	send(t, XGI, 0xB0007, WORDS(t, 0, 0, 0, 0, 0x40008003, 12, WORDS(t, 'w' << 16 | 'e', 'd' << 16 | 'g', 'e' << 16)));
	assert_int_equal(send(t, XGI, 0xB0041, property_ask(t, size, string)), 0);
	assert_int_equal(tk_get32(t, size), 12);
	assert_int_equal(tk_get32(t, string + 0x10), 12);
	assert_int_equal(tk_get32(t, string + 0x14), text);
	assert_int_equal(tk_get32(t, text + 8), 'e' << 16);
	tk_put32(t, string + 0x14, 0); /* nowhere to put it */
	assert_int_equal(send(t, XGI, 0xB0041, property_ask(t, size, string)), XMSG_INVALID_ARGUMENT);
	assert_int_equal(send(t, XGI, 0xB0041, property_ask(t, 0, string)), XMSG_INVALID_ARGUMENT);
	assert_int_equal(send(t, XGI, 0xB0007, WORDS(t, 0, 0, 0, 0, 0x60008004, 0x10000, text)), XMSG_INVALID_ARGUMENT);
	assert_int_equal(arena_live(&t->m->world, t->m->t_userdata), 3);
}

static void achievements_are_kept_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t list = WORDS(t, 0, 10, 0, 11, 3, 12);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(send(t, XGI, 0xB0008, WORDS(t, 3, list)), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_userdata), 2); /* user 3 is not there */
	assert_int_equal(userdata_peek(t->m, 1)->kind, USERDATA_ACHIEVEMENT);
	assert_int_equal(userdata_peek(t->m, 2)->id, 11);
	assert_int_equal(send(t, XGI, 0xB0008, WORDS(t, 0x10000, list)), XMSG_INVALID_ARGUMENT);
	const uint64_t bad[] = { XGI, 0xB0008, 0, WORDS(t, 1, 0x10), 8 };
	assert_true(tk_call_on(t, t->main, "XMsgStartIORequest", 5, bad).faulted);
}

static void what_needs_the_network_fails(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(send(t, XGI, 0xB0010, WORDS(t, 0, 0, 4, 0, 0, 0, 0)), 0);    /* a session without it */
	assert_int_equal(send(t, XGI, 0xB0010, WORDS(t, 0, 0x21, 4, 0, 0, 0, 0)), 0); /* hosted over system link */
	assert_int_equal(send(t, XGI, 0xB0010, WORDS(t, 0, 4, 4, 0, 0, 0, 0)), XMSG_SESSION_NOT_LOGGED_ON); /* with stats */
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(send(t, XGI, (const uint32_t[]){ 0xB0011, 0xB0012, 0xB0014, 0xB0015 }[i], 0), 0);
	assert_int_equal(send(t, XGI, 0xB0021, 0), XMSG_NOT_LOGGED_ON);
	assert_int_equal(send(t, XGI, 0xB003D, 0), XMSG_FAIL);
	assert_int_equal(send(t, LIVE, 0x58003, 0), XMSG_LOGON_DISCONNECTED);
	assert_int_equal(send(t, LIVE, 0x58004, out), 0);
	assert_int_equal(tk_get32(t, out), 1);
	assert_int_equal(send(t, LIVE, 0x58006, out), XMSG_NOT_LOGGED_ON);
	assert_int_equal(send(t, LIVE, 0x58007, 0), XMSG_NOT_LOGGED_ON);
	assert_int_equal(send(t, LIVE, 0x58037, 0), 0);
	assert_int_equal(tk_count(t, EV_STUB), 0);
}

static void music_is_silent_and_remembers_what_it_is_told(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_memory(t, 4), b = tk_memory(t, 4), c = tk_memory(t, 4);
	assert_int_equal(send(t, MUSIC, 0x7000B, WORDS(t, 2, a)), 0);
	assert_int_equal(tk_get32(t, a), 0x3F800000);
	assert_int_equal(send(t, MUSIC, 0x7000C, WORDS(t, 2, 0x3F000000)), 0);
	assert_int_equal(send(t, MUSIC, 0x7000B, WORDS(t, 2, a)), 0);
	assert_int_equal(tk_get32(t, a), 0x3F000000);
	assert_int_equal(send(t, MUSIC, 0x70008, WORDS(t, 2, 4, 5, 6)), 0);
	assert_int_equal(send(t, MUSIC, 0x70029, WORDS(t, 2, a, b, c)), 0);
	assert_int_equal(tk_get32(t, a) * 100 + tk_get32(t, b) * 10 + tk_get32(t, c), 456);
	assert_int_equal(send(t, MUSIC, 0x7001A, WORDS(t, 2, 0, 0)), 0);
	assert_int_equal(send(t, MUSIC, 0x7001B, WORDS(t, 2, a, b)), 0);
	assert_int_equal(tk_get32(t, a) | tk_get32(t, b), 0);
	assert_int_equal(send(t, MUSIC, 0x7000E, 0), XMSG_FAIL); /* no song */
}

static void xams_own_messages(void **state)
{
	struct tk *t = TK(state);
	uint32_t buffer = tk_memory(t, 80), out = tk_memory(t, 4);
	tk_put32(t, out, 0x77);
	assert_int_equal(send(t, APP_XAM, 0x22005, WORDS(t, out, 0)), 0);
	assert_int_equal(tk_get32(t, out), 0); /* from a disc */
	assert_int_equal(send(t, APP_XAM, 0x21012, WORDS(t, 1)), 0);
	assert_int_equal(mem_poke(&t->m->mem, buffer, "save", 5), MEM_OK);
	tk_put32(t, buffer + 68, out);
	assert_int_equal(send(t, APP_XAM, 0x20021, buffer), XMSG_INVALID_ARGUMENT); /* nothing is open under that name */
	CALL(t, t->main, "XamContentCreate", 0, tk_string(t, "save"), xa_data(t, 1, "S", "s"), 1, 0, 0, 0);
	assert_int_equal(send(t, APP_XAM, 0x20021, buffer), 0);
	assert_int_equal(tk_get32(t, out), 1);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_message_is_answered_through_its_xoverlapped),
	TK_TEST(what_nobody_knows_is_a_stub_and_never_a_success),
	TK_TEST(contexts_are_kept_for_each_user),
	TK_TEST(properties_come_back_as_they_were_set),
	TK_TEST(achievements_are_kept_once),
	TK_TEST(what_needs_the_network_fails),
	TK_TEST(music_is_silent_and_remembers_what_it_is_told),
	TK_TEST(xams_own_messages),
};

TK_MAIN(tests)
