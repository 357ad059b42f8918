/* tests/t_xam_ui.c - dialogs that nobody answers, a network without a cable, no headset. */
#include "config.h"

#include <stdio.h>

#include "kernel/dialog.h"
#include "kernel/guest.h"
#include "kernel/net_guest.h"
#include "kernel/notify.h"
#include "tests/testkit.h"

#define ACCESS_DENIED 5
#define INVALID_PARAMETER 87
#define IO_PENDING 997
#define NO_SUCH_USER 1317
#define NETDOWN 10050
#define NOTSOCK 10038

static void closes(struct tk *t)
{
	assert_int_equal(CALL(t, t->main, "XamIsUIActive"), 1);
	tk_pass(t, DIALOG_CLOSE_TICKS);
	assert_int_equal(CALL(t, t->main, "XamIsUIActive"), 0);
}

static void a_message_box_is_answered_with_the_marked_button(void **state)
{
	struct tk *t = TK(state);
	uint32_t result = tk_memory(t, 16), overlapped = tk_memory(t, 28), buttons = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "XamShowMessageBoxUI", 0, 0, 0, 2, buttons, 1, 0, result, overlapped), IO_PENDING);
	assert_int_equal(CALL(t, t->main, "XamShowMessageBoxUI", 0, 0, 0, 2, buttons, 1, 0, result, overlapped), ACCESS_DENIED);
	assert_int_equal(tk_get32(t, result), 0);
	tk_pass(t, DIALOG_ANSWER_TICKS + 1);
	assert_int_equal(tk_get32(t, overlapped), 0);
	assert_int_equal(tk_get32(t, result), 1);
	closes(t);
	assert_int_equal(tk_count(t, EV_NOTIFY_POST), 2);
	assert_int_equal(tk_event_at(t, EV_NOTIFY_POST, 0)->aux[0], NOTIFY_SYS_UI);
	assert_int_equal(tk_event_at(t, EV_NOTIFY_POST, 0)->aux[1], 1);
	assert_int_equal(tk_event_at(t, EV_NOTIFY_POST, 1)->aux[1], 0);
	assert_int_equal(CALL(t, t->main, "XamShowMessageBoxUIEx", 0, 0, 0, 1, buttons, 7, 0, 0, result, 0), 0);
	assert_int_equal(tk_get32(t, result), 0);
	assert_int_equal(CALL(t, t->main, "XamShowMessageBoxUIEx", 0, 0, 0, 1, buttons, 7, 0, 0, 0, 0), INVALID_PARAMETER);
}

static void a_keyboard_gives_the_text_that_stands_there(void **state)
{
	struct tk *t = TK(state);
	uint32_t text = tk_memory(t, 16), buffer = tk_memory(t, 16), overlapped = tk_memory(t, 28);
	tk_put32(t, text, 0x00410042);
	tk_put32(t, text + 4, 0x00430000);
	tk_put32(t, buffer, 0x55555555);
	assert_int_equal(CALL(t, t->main, "XamShowKeyboardUI", 0, 0, text, 0, 0, buffer, 3, overlapped), IO_PENDING);
	assert_int_equal(tk_get32(t, buffer), 0x55555555);
	closes(t);
	assert_int_equal(tk_get32(t, overlapped), 0);
	assert_int_equal(tk_get32(t, buffer), 0x00410042);
	assert_int_equal(tk_get32(t, buffer + 4) >> 16, 0);
	assert_int_equal(CALL(t, t->main, "XamShowKeyboardUI", 0, 0, 0, 0, 0, buffer, 3, 0), 0);
	assert_int_equal(tk_get32(t, buffer) >> 16, 0);
	assert_int_equal(CALL(t, t->main, "XamShowKeyboardUI", 0, 0, 0, 0, 0, 0, 3, overlapped), INVALID_PARAMETER);
}

static void signing_in_again_is_heard(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "XamShowSigninUI", 1, 0), 0);
	closes(t);
	assert_int_equal(tk_count(t, EV_NOTIFY_POST), 3);
	assert_int_equal(tk_event_at(t, EV_NOTIFY_POST, 1)->aux[0], NOTIFY_SYS_SIGNIN_CHANGED);
}

static void what_is_only_shown_is_shown_to_who_is_signed_in(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "XamShowGamerCardUIForXUID", 0, 5), 0);
	closes(t);
	assert_int_equal(CALL(t, t->main, "XamShowGamerCardUIForXUID", 1, 5), NO_SUCH_USER);
	assert_int_equal(CALL(t, t->main, "XamShowMarketplaceUI", 0, 0, 0, 0, 0, 0), 0);
	closes(t);
	assert_int_equal(CALL(t, t->main, "XamShowMarketplaceUI", 4, 0, 0, 0, 0, 0), INVALID_PARAMETER);
}

static void a_dirty_disc_is_the_end(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 0), I_CALL(tk_thunk(t, "XamShowDirtyDiscErrorUI")), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_ENDED);
	assert_non_null(strstr(t->stop.text, "disc"));
	assert_int_equal(tk_count(t, EV_TITLE_EXIT), 1);
}

/* ---- no cable -------------------------------------------------------------------------------------------------------------------- */

static void the_network_starts_and_has_no_link(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, sizeof(struct g_wsadata));
	assert_int_equal(CALL(t, t->main, "NetDll_XNetStartup", 1, 0), 0);
	assert_int_equal(CALL(t, t->main, "NetDll_WSAStartup", 1, 0x0202, out), 0);
	assert_int_equal(tk_get32(t, out), 0x02020202);
	assert_int_equal(CALL(t, t->main, "NetDll_WSAStartup", 1, 0x0202, 0), 0);
	assert_int_equal(CALL(t, t->main, "NetDll_XNetGetEthernetLinkStatus", 1), 0);
	assert_int_equal(CALL(t, t->main, "NetDll_XNetGetTitleXnAddr", 1, out), 2);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_not_equal(tk_get32(t, out + 12), 0);
	assert_int_equal(CALL(t, t->main, "NetDll_WSACleanup", 1), 0);
	assert_int_equal(CALL(t, t->main, "NetDll_XNetCleanup", 1, 0), 0);
}

static void no_socket_is_ever_made(void **state)
{
	struct tk *t = TK(state);
	static const char *const calls[] = { "closesocket", "shutdown", "ioctlsocket", "setsockopt", "getsockopt", "bind",
		"connect", "listen", "accept", "recv", "recvfrom", "send", "sendto" };
	char name[40];
	assert_int_equal(CALL(t, t->main, "NetDll_socket", 1, 2, 1, 6), 0xFFFFFFFF);
	assert_int_equal(CALL(t, t->main, "NetDll_WSAGetLastError"), NETDOWN);
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
		snprintf(name, sizeof name, "NetDll_%s", calls[i]);
		CALL(t, t->main, "NetDll_WSASetLastError", i);
		assert_int_equal(CALL(t, t->main, "NetDll_WSAGetLastError"), i);
		assert_int_equal(CALL(t, t->main, name, 1, 0x1000, 0, 0), 0xFFFFFFFF);
		assert_int_equal(CALL(t, t->main, "NetDll_WSAGetLastError"), NOTSOCK);
	}
}

static void no_headset_is_there(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	tk_put32(t, out, 7);
	assert_int_equal(CALL(t, t->main, "XamVoiceCreate", 0, 15, out), ACCESS_DENIED);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(CALL(t, t->main, "XamVoiceClose", 0), 0);
	assert_int_equal(CALL(t, t->main, "XamVoiceHeadsetPresent", 0), 0);
	assert_int_equal(CALL(t, t->main, "XamVoiceIsActiveProcess"), 0);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_message_box_is_answered_with_the_marked_button),
	TK_TEST(a_keyboard_gives_the_text_that_stands_there),
	TK_TEST(signing_in_again_is_heard),
	TK_TEST(what_is_only_shown_is_shown_to_who_is_signed_in),
	TK_TEST(a_dirty_disc_is_the_end),
	TK_TEST(the_network_starts_and_has_no_link),
	TK_TEST(no_socket_is_ever_made),
	TK_TEST(no_headset_is_there),
};

TK_MAIN(tests)
