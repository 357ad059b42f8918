/* tests/t_pad.c - pads: what an input does and when it comes, and what the title is told. */
#include "config.h"

#include "kernel/deadline.h"
#include "kernel/guest.h"
#include "kernel/pad.h"
#include "kernel/pad_guest.h"
#include "tests/testkit.h"

#define NOT_CONNECTED 0x48F
#define EMPTY 0x10D2
#define ANY_USER 0x40000000

static void does(struct tk *t, enum pad_op op, uint32_t value)
{
	struct err err;
	assert_int_equal(pad_do(t->m, &(struct pad_input){ .op = op, .value = value }, &err), ST_OK);
}

static void puts_off(struct tk *t, uint64_t cycle, uint64_t hold, enum pad_op op, uint32_t value)
{
	struct err err;
	assert_int_equal(
		pad_do(t->m, &(struct pad_input){ .cycle = cycle, .hold = hold, .op = op, .value = value }, &err), ST_OK);
}

static uint32_t buttons(struct tk *t)
{
	uint32_t out = tk_memory(t, sizeof(struct g_input_state));
	assert_int_equal(CALL(t, t->main, "XamInputGetState", 0, 0, out), 0);
	return tk_get32(t, GA(out, g_input_state, gamepad)) >> 16;
}

static void the_first_pad_alone_is_connected(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 32);
	assert_int_equal(CALL(t, t->main, "XamInputGetState", 0, 0, out), 0);
	assert_int_equal(CALL(t, t->main, "XamInputGetState", 0, 0, 0), 0);
	assert_int_equal(CALL(t, t->main, "XamInputGetState", 0xFF, ANY_USER, out), 0);
	assert_int_equal(CALL(t, t->main, "XamInputGetState", 0, 2, out), NOT_CONNECTED);
	for (uint32_t user = 1; user < 5; user++) {
		tk_put32(t, out, 7);
		assert_int_equal(CALL(t, t->main, "XamInputGetState", user, 0, out), NOT_CONNECTED);
		assert_int_equal(tk_get32(t, out), 0);
		assert_int_equal(CALL(t, t->main, "XamInputGetCapabilities", user, 0, out), NOT_CONNECTED);
		assert_int_equal(CALL(t, t->main, "XamInputSetState", user, 0, out), NOT_CONNECTED);
		assert_int_equal(CALL(t, t->main, "XamInputGetKeystroke", user, 0, out), NOT_CONNECTED);
	}
}

static void each_change_is_a_packet_and_an_event(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, sizeof(struct g_input_state));
	does(t, PAD_OP_PRESS, PAD_A | PAD_START);
	does(t, PAD_OP_PRESS, PAD_A);
	does(t, PAD_OP_STICK_LEFT, 0x80007FFF);
	does(t, PAD_OP_TRIGGER_RIGHT, 200);
	CALL(t, t->main, "XamInputGetState", 0, 1, out);
	assert_int_equal(tk_get32(t, out), 3);
	assert_int_equal(tk_get32(t, out + 4), 0x101000C8);
	assert_int_equal(tk_get32(t, out + 8), 0x80007FFF);
	assert_int_equal(tk_get32(t, out + 12), 0);
	does(t, PAD_OP_RELEASE, PAD_A);
	assert_int_equal(buttons(t), 0x0010);
	assert_int_equal(tk_count(t, EV_INPUT_CHANGE), 4);
	assert_int_equal(tk_event_at(t, EV_INPUT_CHANGE, 0)->aux[1], 0x1010);
	assert_int_equal(pad_count(t->m, 0)->reads, 2);
}

static void a_pad_that_is_gone_takes_no_input_and_comes_back_released(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16);
	does(t, PAD_OP_PRESS, PAD_B);
	does(t, PAD_OP_DISCONNECT, 0);
	assert_int_equal(CALL(t, t->main, "XamInputGetState", 0, 0, out), NOT_CONNECTED);
	does(t, PAD_OP_PRESS, PAD_A);
	does(t, PAD_OP_CONNECT, 0);
	assert_int_equal(buttons(t), 0);
}

static void an_input_put_off_comes_with_its_cycle_and_is_taken_back(void **state)
{
	struct tk *t = TK(state);
	puts_off(t, 64 * 1000, 64 * 500, PAD_OP_PRESS, PAD_A);
	puts_off(t, 64 * 1200, 0, PAD_OP_PRESS, PAD_B);
	tk_pass(t, 999);
	assert_int_equal(buttons(t), 0);
	tk_pass(t, 1);
	assert_int_equal(buttons(t), PAD_A);
	tk_pass(t, 200);
	assert_int_equal(buttons(t), PAD_A | PAD_B);
	tk_pass(t, 300);
	assert_int_equal(buttons(t), PAD_B);
	assert_int_equal(deadline_of_source(t->m, SOURCE_PAD), DEADLINE_NEVER);
}

static void inputs_of_one_cycle_come_in_the_order_in_which_they_were_given(void **state)
{
	struct tk *t = TK(state);
	puts_off(t, 6400, 0, PAD_OP_PRESS, PAD_A);
	puts_off(t, 6400, 0, PAD_OP_RELEASE, PAD_A);
	puts_off(t, 3200, 0, PAD_OP_PRESS, PAD_X);
	tk_pass(t, 200);
	assert_int_equal(buttons(t), PAD_X);
	assert_int_equal(tk_count(t, EV_INPUT_CHANGE), 3);
}

static void while_an_input_is_to_come_nothing_is_proven(void **state)
{
	struct tk *t = TK(state);
	struct quiescence q;
	uint32_t event = tk_event(t, 1, false);
	tk_start(t, CODE(t, I_LOAD(3, event), I_LI(4, 0), I_LI(5, 0), I_LI(6, 0), I_CALL(tk_thunk(t, "NtWaitForSingleObjectEx")),
			    I_B(0)));
	puts_off(t, 64 * 5000, 0, PAD_OP_PRESS, PAD_A);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.inputs, 1);
	assert_int_equal(tk_run(t, 1000), STOP_WEDGE);
	assert_true(machine_cycle(t->m) >= 64 * 5000);
	assert_int_equal(tk_count(t, EV_INPUT_CHANGE), 1);
	machine_quiescence(t->m, &q);
	assert_int_equal(q.inputs, 0);
}

static void what_cannot_come_is_refused(void **state)
{
	struct tk *t = TK(state);
	struct err err;
	tk_pass(t, 100);
	const struct pad_input bad[] = { { .cycle = 64, .op = PAD_OP_PRESS, .value = PAD_A }, { .op = PAD_OP_PRESS },
		{ .op = PAD_OP_PRESS, .value = 0x400 }, { .op = PAD_OP_TRIGGER_LEFT, .value = 256 },
		{ .pad = 4, .op = PAD_OP_CONNECT }, { .cycle = UINT64_MAX, .op = PAD_OP_PRESS, .value = PAD_A },
		{ .hold = UINT64_MAX, .op = PAD_OP_PRESS, .value = PAD_A } };
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(pad_do(t->m, &bad[i], &err), ST_BAD_VALUE);
	assert_int_equal(tk_count(t, EV_INPUT_CHANGE), 0);
	for (unsigned i = 0; i < PAD_INPUTS - 1; i++)
		puts_off(t, 64 * 1000 * 1000 - i, 0, PAD_OP_PRESS, PAD_A);
	assert_int_equal(
		pad_do(t->m, &(struct pad_input){ .cycle = 640000, .op = PAD_OP_PRESS, .value = PAD_A }, &err), ST_STATE);
}

static void keystrokes_are_taken_in_order(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, sizeof(struct g_input_keystroke)), user = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "XamInputGetKeystroke", 0, 0, out), EMPTY);
	does(t, PAD_OP_PRESS, PAD_A);
	does(t, PAD_OP_TRIGGER_LEFT, 20);
	does(t, PAD_OP_TRIGGER_LEFT, 255);
	does(t, PAD_OP_RELEASE, PAD_A);
	assert_int_equal(CALL(t, t->main, "XamInputGetKeystroke", 0, 1, out), 0);
	assert_int_equal(tk_get32(t, out), 0x58000000);
	assert_int_equal(tk_get32(t, out + 4), 0x00010000);
	assert_int_equal(CALL(t, t->main, "XamInputGetKeystroke", 0xFF, ANY_USER, out), 0);
	assert_int_equal(tk_get32(t, out), 0x58060000);
	tk_put32(t, user, 0xFF);
	assert_int_equal(CALL(t, t->main, "XamInputGetKeystrokeEx", user, 0, out), 0);
	assert_int_equal(tk_get32(t, user), 0);
	assert_int_equal(tk_get32(t, out + 4), 0x00020000);
	assert_int_equal(CALL(t, t->main, "XamInputGetKeystrokeEx", user, 0, out), EMPTY);
	assert_int_equal(CALL(t, t->main, "XamInputGetKeystrokeEx", user, 0, 0), 160);
	for (unsigned i = 0; i < PAD_KEYS; i++)
		does(t, i % 2 ? PAD_OP_RELEASE : PAD_OP_PRESS, PAD_X | PAD_Y);
	assert_int_equal(pad_peek(t->m, 0)->keys, PAD_KEYS);
	assert_int_equal(pad_count(t->m, 0)->lost, PAD_KEYS);
}

static void a_pad_has_all_that_a_pad_has_and_rumbles(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, sizeof(struct g_input_capabilities)), motor = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "XamInputGetCapabilities", 0, 1, out), 0);
	assert_int_equal(tk_get32(t, out), 0x01010000);
	assert_int_equal(tk_get32(t, out + 4), 0xF3FFFFFF);
	assert_int_equal(tk_get32(t, out + 16), 0xFFFFFFFF);
	assert_int_equal(CALL(t, t->main, "XamInputGetCapabilitiesEx", 1, 0, 1, out), 0);
	assert_int_equal(CALL(t, t->main, "XamInputGetCapabilitiesEx", 2, 0, 1, out), 50);
	assert_int_equal(CALL(t, t->main, "XamInputGetCapabilities", 0, 1, 0), 160);
	tk_put32(t, motor, 0x12345678);
	assert_int_equal(CALL(t, t->main, "XamInputSetState", 0, 0, motor), 0);
	assert_int_equal(pad_peek(t->m, 0)->motor[0], 0x1234);
	assert_int_equal(pad_peek(t->m, 0)->motor[1], 0x5678);
	assert_int_equal(CALL(t, t->main, "XamInputSetState", 0, 0, 0), 160);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_first_pad_alone_is_connected),
	TK_TEST(each_change_is_a_packet_and_an_event),
	TK_TEST(a_pad_that_is_gone_takes_no_input_and_comes_back_released),
	TK_TEST(an_input_put_off_comes_with_its_cycle_and_is_taken_back),
	TK_TEST(inputs_of_one_cycle_come_in_the_order_in_which_they_were_given),
	TK_TEST(while_an_input_is_to_come_nothing_is_proven),
	TK_TEST(what_cannot_come_is_refused),
	TK_TEST(keystrokes_are_taken_in_order),
	TK_TEST(a_pad_has_all_that_a_pad_has_and_rumbles),
};

TK_MAIN(tests)
