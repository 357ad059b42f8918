/* tests/t_xam_user.c - the one local user: who they are, what they may, the settings of their profile. */
#include "config.h"

#include "kernel/profile.h"
#include "kernel/user_guest.h"
#include "tests/testkit.h"

#define NO_SUCH_USER 1317
#define E_NO_SUCH_USER 0x80070525
#define E_INVALIDARG 0x80070057
#define INVALID_PARAMETER 87
#define INSUFFICIENT_BUFFER 122
#define IO_PENDING 997
#define BINARY 0x63E83FFF
#define VIBRATION 0x10040003

static uint64_t get64(struct tk *t, uint32_t ga)
{
	return (uint64_t)tk_get32(t, ga) << 32 | tk_get32(t, ga + 4);
}

static void the_user_has_a_name_and_a_local_xuid(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 64);
	assert_int_equal(CALL(t, t->main, "XamUserGetName", 0, out, 16), 0);
	assert_int_equal(tk_get32(t, out), 0x55736572);
	assert_int_equal(CALL(t, t->main, "XamUserGetName", 0, out, 3), 0);
	assert_int_equal(tk_get32(t, out), 0x55730072);
	assert_int_equal(CALL(t, t->main, "XamUserGetName", 1, out, 16), NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamUserGetName", 4, out, 16), INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamUserGetGamerTag", 0, out, 16), 0);
	assert_int_equal(tk_get32(t, out), 0x00550073);
	assert_int_equal(CALL(t, t->main, "XamUserGetGamerTag", 0, out, 15), E_INVALIDARG);
	assert_int_equal(CALL(t, t->main, "XamUserGetGamerTag", 1, out, 16), E_INVALIDARG);
	assert_int_equal(CALL(t, t->main, "XamUserGetXUID", 0, 1, out), 0);
	assert_true(get64(t, out) == XAM_XUID);
	assert_int_equal(CALL(t, t->main, "XamUserGetXUID", 0, 2, out), E_NO_SUCH_USER);
	assert_true(get64(t, out) == 0);
	assert_int_equal(CALL(t, t->main, "XamUserGetXUID", 2, 3, out), E_NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamUserGetXUID", 4, 3, out), E_INVALIDARG);
	assert_int_equal(CALL(t, t->main, "XamUserGetXUID", 0, 3, 0), E_INVALIDARG);
}

static void signin_info_tells_of_them(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, sizeof(struct g_user_signin_info));
	assert_int_equal(CALL(t, t->main, "XamUserGetSigninInfo", 0, 0, out), 0);
	assert_true(get64(t, out) == XAM_XUID);
	assert_int_equal(tk_get32(t, GA(out, g_user_signin_info, signin_state)), 1);
	assert_int_equal(tk_get32(t, GA(out, g_user_signin_info, name)), 0x55736572);
	assert_int_equal(CALL(t, t->main, "XamUserGetSigninInfo", 0, 1, out), 0);
	assert_true(get64(t, out) == 0);
	assert_int_equal(CALL(t, t->main, "XamUserGetSigninInfo", 3, 0, out), E_NO_SUCH_USER);
	assert_int_equal(tk_get32(t, GA(out, g_user_signin_info, signin_state)), 0);
	assert_int_equal(CALL(t, t->main, "XamUserGetSigninInfo", 0, 0, 0), E_INVALIDARG);
}

static void whom_the_network_does_not_know_may_nothing_there(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), overlapped = tk_memory(t, 28), xuid = tk_memory(t, 8);
	tk_put32(t, out, 7);
	assert_int_equal(CALL(t, t->main, "XamUserCheckPrivilege", 0, 254, out), 0);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(CALL(t, t->main, "XamUserCheckPrivilege", 0xFF, 254, out), 0);
	assert_int_equal(CALL(t, t->main, "XamUserCheckPrivilege", 1, 254, out), NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamUserCheckPrivilege", 4, 254, out), INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamUserAreUsersFriends", 0, xuid, 1, out, 0), 1245);
	assert_int_equal(CALL(t, t->main, "XamUserAreUsersFriends", 1, xuid, 1, out, 0), NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamUserAreUsersFriends", 0, xuid, 1, 0, overlapped), IO_PENDING);
	tk_pass(t, TICKS_PER_SECOND);
	assert_int_equal(tk_get32(t, overlapped), 1627);
	assert_int_equal(tk_get32(t, overlapped + 24), 0x800704DD);
	assert_int_equal(CALL(t, t->main, "XamUserIsOnlineEnabled", 0), 0);
	assert_int_equal(CALL(t, t->main, "XamUserGetDeviceContext", 0, 0, out), 0);
	assert_int_equal(CALL(t, t->main, "XamUserGetDeviceContext", 2, 0, out), 0x8007048F);
}

static void a_gamer_tile_goes_nowhere_and_the_call_completes(void **state)
{
	struct tk *t = TK(state);
	uint32_t overlapped = tk_memory(t, 28);
	assert_int_equal(CALL(t, t->main, "XamWriteGamerTile", 0, 0, 0, 0, 0, overlapped), IO_PENDING);
	tk_pass(t, TICKS_PER_SECOND);
	assert_int_equal(tk_get32(t, overlapped), 0);
	assert_int_equal(CALL(t, t->main, "XamWriteGamerTile", 0, 0, 0, 0, 0, 0), 0);
}

/* ---- settings -------------------------------------------------------------------------------------------------------------------- */

#define ROOM 2048u

struct read {
	uint32_t ids, size, buffer, overlapped;
};

static struct read reading(struct tk *t, uint32_t a, uint32_t b)
{
	struct read r = { tk_memory(t, 8), tk_memory(t, 4), tk_memory(t, ROOM), tk_memory(t, 28) };
	tk_put32(t, r.ids, a);
	tk_put32(t, r.ids + 4, b);
	tk_put32(t, r.size, ROOM);
	return r;
}

static uint32_t reads(struct tk *t, const struct read *r, uint32_t user, uint32_t overlapped)
{
	return (uint32_t)CALL(t, t->main, "XamUserReadProfileSettings", 0, user, 0, 0, 2, r->ids, r->size, r->buffer, overlapped);
}

static uint32_t setting(const struct read *r, unsigned i)
{
	return r->buffer + (uint32_t)(sizeof(struct g_user_settings) + i * sizeof(struct g_user_setting));
}

static void a_read_with_no_room_tells_how_much_it_takes(void **state)
{
	struct tk *t = TK(state);
	struct read r = reading(t, VIBRATION, BINARY);
	tk_put32(t, r.size, 0);
	assert_int_equal(CALL(t, t->main, "XamUserReadProfileSettings", 0, 0, 0, 0, 2, r.ids, r.size, 0, 0), INSUFFICIENT_BUFFER);
	assert_int_equal(tk_get32(t, r.size), 8 + 2 * 40 + 1000);
	tk_put32(t, r.size, 100);
	assert_int_equal(reads(t, &r, 0, 0), INSUFFICIENT_BUFFER);
	assert_int_equal(tk_get32(t, r.size), 100);
}

static void a_setting_says_what_it_did_from_the_first(void **state)
{
	struct tk *t = TK(state);
	struct read r = reading(t, VIBRATION, BINARY);
	assert_int_equal(reads(t, &r, 0, 0), 0);
	assert_int_equal(tk_get32(t, r.buffer), 2);
	assert_int_equal(tk_get32(t, r.buffer + 4), setting(&r, 0));
	uint32_t s = setting(&r, 0);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, from)), 1);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, whose)), 0);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, id)), VIBRATION);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, data)), 0x01000000);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, data) + 8), 3);
	s = setting(&r, 1);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, from)), 0);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, data)), 0x06000000);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, data) + 8), 0);
}

/* One setting at @ga. */
static void put_setting(struct tk *t, uint32_t ga, uint32_t id, uint32_t type, uint32_t a, uint32_t b)
{
	tk_put32(t, GA(ga, g_user_setting, id), id);
	tk_put32(t, GA(ga, g_user_setting, data), type << 24);
	tk_put32(t, GA(ga, g_user_setting, data) + 8, a);
	tk_put32(t, GA(ga, g_user_setting, data) + 12, b);
}

static void what_was_written_is_read_back_through_an_overlapped(void **state)
{
	struct tk *t = TK(state);
	uint32_t from = tk_memory(t, 80), bytes = tk_memory(t, 8), overlapped = tk_memory(t, 28);
	struct read r = reading(t, VIBRATION, BINARY);
	tk_put32(t, bytes, 0xCAFE1234);
	put_setting(t, from, BINARY, 6, 4, bytes);
	put_setting(t, from + 40, VIBRATION, 1, 0, 0);
	assert_int_equal(CALL(t, t->main, "XamUserWriteProfileSettings", 0, 0, 2, from, overlapped), IO_PENDING);
	assert_int_equal(tk_get32(t, overlapped), IO_PENDING);
	tk_pass(t, TICKS_PER_SECOND);
	assert_int_equal(tk_get32(t, overlapped), 0);
	assert_int_equal(reads(t, &r, 0, r.overlapped), IO_PENDING);
	assert_int_equal(tk_get32(t, r.buffer), 0);
	tk_pass(t, TICKS_PER_SECOND);
	assert_int_equal(tk_get32(t, r.overlapped), 0);
	uint32_t s = setting(&r, 1), at = tk_get32(t, GA(s, g_user_setting, data) + 12);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, from)), 2);
	assert_int_equal(tk_get32(t, GA(s, g_user_setting, data) + 8), 4);
	assert_int_equal(at, r.buffer + 8 + 2 * 40);
	assert_int_equal(tk_get32(t, at), 0xCAFE1234);
	assert_int_equal(tk_get32(t, GA(setting(&r, 0), g_user_setting, data) + 8), 0);
	put_setting(t, from, BINARY, 6, 1001, bytes);
	assert_int_equal(CALL(t, t->main, "XamUserWriteProfileSettings", 0, 0, 1, from, 0), INVALID_PARAMETER);
	put_setting(t, from, BINARY, 0xFF, 0, 0);
	assert_int_equal(CALL(t, t->main, "XamUserWriteProfileSettings", 0, 0, 1, from, 0), 0);
	assert_int_equal(arena_live(&t->m->world, t->m->t_setting), 2);
}

static void nobody_has_no_settings_and_unknown_ones_are_refused(void **state)
{
	struct tk *t = TK(state);
	struct read r = reading(t, VIBRATION, 0x10049999);
	uint32_t xuid = tk_memory(t, 8), from = tk_memory(t, 40);
	assert_int_equal(reads(t, &r, 0, 0), INVALID_PARAMETER);
	assert_int_equal(reads(t, &r, 1, 0), NO_SUCH_USER);
	tk_put64(t, xuid, XAM_XUID);
	assert_int_equal(CALL(t, t->main, "XamUserReadProfileSettingsEx", 0, 0, 1, xuid, 1, r.ids, r.size, 0, r.buffer, 0), 0);
	assert_true(get64(t, GA(setting(&r, 0), g_user_setting, whose)) == XAM_XUID);
	tk_put64(t, xuid, 5);
	assert_int_equal(
		CALL(t, t->main, "XamUserReadProfileSettingsEx", 0, 0, 1, xuid, 1, r.ids, r.size, 0, r.buffer, 0), NO_SUCH_USER);
	assert_int_equal(
		CALL(t, t->main, "XamUserReadProfileSettings", 0, 0, 0, 0, 33, r.ids, r.size, r.buffer, 0), INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamUserWriteProfileSettings", 0, 1, 1, from, 0), NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamUserWriteProfileSettings", 0, 0, 0, from, 0), INVALID_PARAMETER);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_user_has_a_name_and_a_local_xuid),
	TK_TEST(signin_info_tells_of_them),
	TK_TEST(whom_the_network_does_not_know_may_nothing_there),
	TK_TEST(a_gamer_tile_goes_nowhere_and_the_call_completes),
	TK_TEST(a_read_with_no_room_tells_how_much_it_takes),
	TK_TEST(a_setting_says_what_it_did_from_the_first),
	TK_TEST(what_was_written_is_read_back_through_an_overlapped),
	TK_TEST(nobody_has_no_settings_and_unknown_ones_are_refused),
};

TK_MAIN(tests)
