/* tests/t_audio.c - the laws of the audio driver's clients. */
#include "config.h"

#include "kernel/audio.h"
#include "kernel/deadline.h"
#include "kernel/rows.h"
#include "tests/testkit.h"

#define FRAME_CYCLES ((uint64_t)AUDIO_SAMPLES * TICKS_PER_SECOND / AUDIO_RATE * CYCLES_PER_TICK)

/* A client whose callback counts at its argument's word 1, and, @submits, hands a frame in. */
static uint32_t client(struct tk *t, bool submits, uint32_t *counter)
{
	uint32_t client = tk_memory(t, 8), out = tk_memory(t, 4);
	*counter = tk_memory(t, 8);
	/* lwz r31,0(r3); lwz r7,4(r31); addi; stw; lwz r3,0(r31) (the driver); call; blr by r30 */
	uint32_t code = CODE(t, 0x7FC802A6u /* mflr r30 */, I_LWZ(31, 0, 3), I_LWZ(7, 4, 31), I_ADDI(7, 7, 1), I_STW(7, 4, 31),
		I_LWZ(3, 0, 31), I_CMPWI(3, 0), I_BEQ(16), I_CALL(tk_thunk(t, "XAudioSubmitRenderDriverFrame")),
		0x7FC803A6u /* mtlr r30 */, I_BLR);
	if (!submits)
		tk_put32(t, code + 4 * 7, I_B(4 * 5));
	tk_put32(t, client, code);
	tk_put32(t, client + 4, *counter);
	assert_int_equal(CALL(t, t->main, "XAudioRegisterRenderDriverClient", client, out), 0);
	tk_put32(t, *counter, tk_get32(t, out));
	return tk_get32(t, out);
}

static uint32_t calls(struct tk *t, uint32_t counter)
{
	return tk_get32(t, counter + 4);
}

static void run_to(struct tk *t, uint64_t cycle)
{
	t->m->until_cycle = cycle;
	assert_int_equal(tk_run(t, UINT64_MAX), STOP_LIMIT);
}

static void frames_are_asked_for_as_they_are_played(void **state)
{
	struct tk *t = TK(state);
	uint32_t counter, driver = client(t, true, &counter);
	assert_int_equal(driver, AUDIO_DRIVER);
	run_to(t, FRAME_CYCLES / 2);
	assert_int_equal(calls(t, counter), AUDIO_DEPTH); /* ahead */
	run_to(t, 20 * FRAME_CYCLES + FRAME_CYCLES / 2);
	assert_int_equal(calls(t, counter), AUDIO_DEPTH + 20);
	assert_int_equal(audio_count(t->m, 1)->played, 20);
	assert_int_equal(audio_count(t->m, 1)->submitted, AUDIO_DEPTH + 20);
	assert_int_equal(audio_count(t->m, 1)->empty, 0);
}

static void a_client_that_hands_nothing_in_is_asked_no_more(void **state)
{
	struct tk *t = TK(state);
	uint32_t counter;
	client(t, false, &counter);
	run_to(t, 30 * FRAME_CYCLES);
	assert_int_equal(calls(t, counter), AUDIO_DEPTH);
	assert_true(deadline_of_source(t->m, SOURCE_AUDIO) == DEADLINE_NEVER);
	assert_int_equal(audio_playing(t->m), 0);
}

static void its_worker_is_the_machines_own_and_parks_on_a_host_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t counter, alive = machine_row(t->m)->threads_alive;
	client(t, false, &counter);
	run_to(t, 2 * FRAME_CYCLES);
	uint32_t worker = audio_peek(t->m, 1)->thread;
	assert_string_equal(thread_peek(t->m, worker)->name, "XAudio 0");
	assert_int_equal(thread_peek(t->m, worker)->parent_tid, 0);
	assert_int_equal(thread_peek(t->m, worker)->hw, 4);
	assert_true(tk_parked(t, worker));
	assert_int_equal(slot_peek(t->m, audio_peek(t->m, 1)->slot)->handle, 0xF0000000);
	assert_int_equal(machine_row(t->m)->threads_alive, alive);
}

static void an_unregistered_client_is_called_no_more_and_its_worker_ends(void **state)
{
	struct tk *t = TK(state);
	uint32_t counter, driver = client(t, true, &counter), n;
	run_to(t, 3 * FRAME_CYCLES);
	n = calls(t, counter);
	assert_int_equal(CALL(t, t->main, "XAudioUnregisterRenderDriverClient", driver), 0);
	run_to(t, 9 * FRAME_CYCLES);
	assert_int_equal(calls(t, counter), n);
	assert_int_equal(audio_peek(t->m, 1)->thread, 0);
	assert_int_equal(tk_count(t, EV_THREAD_EXIT), 1);
	assert_int_not_equal(CALL(t, t->main, "XAudioUnregisterRenderDriverClient", driver), 0);
	assert_int_not_equal(CALL(t, t->main, "XAudioSubmitRenderDriverFrame", driver, 0), 0);
	assert_int_equal(client(t, true, &counter), AUDIO_DRIVER); /* the place is free again; the handle is not used again */
	assert_int_equal(slot_peek(t->m, audio_peek(t->m, 1)->slot)->handle, 0xF0000004);
}

static void eight_clients_and_no_more(void **state)
{
	struct tk *t = TK(state);
	uint32_t counter, bad = tk_memory(t, 8);
	for (uint32_t i = 0; i < AUDIO_CLIENTS; i++)
		assert_int_equal(client(t, true, &counter), AUDIO_DRIVER | i);
	tk_put32(t, bad, TK_CODE);
	assert_int_equal(CALL(t, t->main, "XAudioRegisterRenderDriverClient", bad, bad + 4), 0x8007000E);
	assert_int_equal(CALL(t, t->main, "XAudioRegisterRenderDriverClient", 0, bad + 4), 0x80070057);
	tk_put32(t, bad, 0);
	assert_int_equal(CALL(t, t->main, "XAudioRegisterRenderDriverClient", bad, bad + 4), 0x80070057);
	run_to(t, 10 * FRAME_CYCLES + FRAME_CYCLES / 2);
	assert_int_equal(calls(t, counter), AUDIO_DEPTH + 10);
}

static void no_client_is_more_than_its_depth_ahead(void **state)
{
	struct tk *t = TK(state);
	uint32_t counter, driver = client(t, false, &counter);
	for (uint32_t i = 0; i < AUDIO_DEPTH; i++)
		assert_int_equal(CALL(t, t->main, "XAudioSubmitRenderDriverFrame", driver, 0), 0);
	assert_int_not_equal(CALL(t, t->main, "XAudioSubmitRenderDriverFrame", driver, 0), 0);
	assert_int_not_equal(CALL(t, t->main, "XAudioSubmitRenderDriverFrame", driver + 1, 0), 0);
	assert_int_not_equal(CALL(t, t->main, "XAudioSubmitRenderDriverFrame", 0, 0), 0);
}

static void volumes_are_full_and_do_not_change(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8);
	tk_put32(t, out, 0xAAAAAAAA);
	assert_int_equal(CALL(t, t->main, "XAudioGetVoiceCategoryVolumeChangeMask", AUDIO_DRIVER, out), 0);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(CALL(t, t->main, "XAudioGetVoiceCategoryVolume", 1, out), 0);
	assert_int_equal(tk_get32(t, out), 0x3F800000);
	assert_int_equal(CALL(t, t->main, "XAudioGetSpeakerConfig", out), 0);
	assert_int_equal(tk_get32(t, out), 0x00010001);
	assert_true(tk_call_on(t, t->main, "XAudioGetSpeakerConfig", TK_ARGS(4)).faulted);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(frames_are_asked_for_as_they_are_played),
	TK_TEST(a_client_that_hands_nothing_in_is_asked_no_more),
	TK_TEST(its_worker_is_the_machines_own_and_parks_on_a_host_handle),
	TK_TEST(an_unregistered_client_is_called_no_more_and_its_worker_ends),
	TK_TEST(eight_clients_and_no_more),
	TK_TEST(no_client_is_more_than_its_depth_ahead),
	TK_TEST(volumes_are_full_and_do_not_change),
};

TK_MAIN(tests)
