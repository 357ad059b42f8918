/* kernel/audio.c - see audio.h */
#include "config.h"

#include "kernel/audio.h"

#include <stdio.h>

#include "kernel/apc.h"
#include "kernel/call.h"
#include "kernel/cont.h"
#include "kernel/deadline.h"
#include "kernel/guest.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "kernel/wait.h"

#define WORKER_FLAGS (THREAD_ON_HW(4) | THREAD_ABOVE_NORMAL)
#define WORKER_STACK 0x10000u
#define FULL_VOLUME 0x3F800000u /* 1.0f */
#define SPEAKERS 0x00010001u
#define E_INVALIDARG 0x80070057u
#define E_OUTOFMEMORY 0x8007000Eu

void audio_layout(struct machine *m)
{
	m->t_audio = arena_table_add(&m->world, "audio", sizeof(struct w_audio), AUDIO_CLIENTS + 1);
	m->t_audio_count = arena_table_add(&m->history, "audio.count", sizeof(struct h_audio), AUDIO_CLIENTS + 1);
}

static struct w_audio *audio_row(struct machine *m, uint32_t row)
{
	arena_cover(&m->world, m->t_audio, row);
	return arena_row(&m->world, m->t_audio, row);
}

static struct h_audio *count_row(struct machine *m, uint32_t row)
{
	arena_cover(&m->history, m->t_audio_count, row);
	return arena_row(&m->history, m->t_audio_count, row);
}

/* The trap; mtctr r12; bctrl; and back to it. */
void audio_code(struct machine *m)
{
	mem_put32(&m->mem, AUDIO_CODE + 4, 0x7D8903A6u);
	mem_put32(&m->mem, AUDIO_CODE + 8, 0x4E800421u);
	mem_put32(&m->mem, AUDIO_CODE + 12, 0x4BFFFFF4u);
}

/* ---- time -------------------------------------------------------------------------------------------------------------------- */

static uint64_t frame_due(uint64_t number)
{
	return number * AUDIO_SAMPLES * TICKS_PER_SECOND / AUDIO_RATE;
}

/* The deadline is that of the client whose next frame's time comes first; none while nobody has anything to play. */
static void arm(struct machine *m)
{
	uint64_t first = UINT64_MAX;
	for (uint32_t row = 1; row <= AUDIO_CLIENTS; row++)
		if (audio_peek(m, row)->queued && audio_peek(m, row)->frame < first)
			first = audio_peek(m, row)->frame;
	if (first == UINT64_MAX)
		deadline_cancel_source(m, SOURCE_AUDIO);
	else if (deadline_of_source(m, SOURCE_AUDIO) != frame_due(first))
		deadline_set_source(m, SOURCE_AUDIO, frame_due(first));
}

/* The number of the frame whose time is the next to come. */
static uint64_t next_frame(const struct machine *m)
{
	return machine_ticks(m) * AUDIO_RATE / AUDIO_SAMPLES / TICKS_PER_SECOND + 1;
}

/* One more frame may be made; at the limit the worker runs anyway. */
static void ask(struct machine *m, const struct w_audio *a)
{
	int32_t previous;
	(void)semaphore_release(m, 0, a->object, a->slot, 1, 0, &previous);
}

static void play(struct machine *m, uint32_t row)
{
	struct w_audio *a = audio_row(m, row);
	a->queued--;
	a->frame++;
	count_row(m, row)->played++;
	if (a->callback)
		ask(m, a);
}

void source_AUDIO(struct machine *m, uint64_t due)
{
	for (uint32_t row = 1; row <= AUDIO_CLIENTS; row++)
		if (audio_peek(m, row)->queued && frame_due(audio_peek(m, row)->frame) <= due)
			play(m, row);
	arm(m);
}

uint32_t audio_playing(const struct machine *m)
{
	uint32_t n = 0;
	for (uint32_t row = 1; row <= AUDIO_CLIENTS; row++)
		n += audio_peek(m, row)->queued != 0;
	return n;
}

uint64_t audio_next(const struct machine *m, uint32_t row)
{
	return audio_peek(m, row)->queued ? frame_due(audio_peek(m, row)->frame) : DEADLINE_NEVER;
}

/* ---- clients ----------------------------------------------------------------------------------------------------------------- */

static uint32_t semaphore_new(struct machine *m, uint32_t *slot)
{
	uint32_t object = object_new(m, 0, OT_SEMAPHORE, sizeof(struct g_ksemaphore));
	if (!object)
		return 0;
	object_state_set(m, object, AUDIO_DEPTH);
	mem_put32(&m->mem, GA(object_peek(m, object)->body_ga, g_ksemaphore, limit), AUDIO_DEPTH);
	object_hold(m, object);
	object_born(m, 0, object);
	*slot = handle_open_host(m, object);
	object_hold_end(m, object);
	return *slot ? object : 0;
}

uint32_t audio_register(struct machine *m, uint32_t callback, uint32_t argument)
{
	const struct thread_spec spec = {
		.stack_size = WORKER_STACK, .start_ga = AUDIO_CODE, .flags = WORKER_FLAGS, .host = true
	};
	uint32_t row = 1, slot, object, thread;
	while (row <= AUDIO_CLIENTS && audio_peek(m, row)->thread)
		row++;
	uint32_t cell = row <= AUDIO_CLIENTS ? pool_alloc(m, 4, POOL_KERNEL) : 0;
	if (!cell)
		return 0;
	if (!(object = semaphore_new(m, &slot)) || thread_create(m, 0, &spec, &thread) != NT_SUCCESS) {
		if (object)
			handle_close(m, 0, slot);
		pool_free(m, cell, POOL_KERNEL);
		return 0;
	}
	mem_put32(&m->mem, cell, argument);
	*audio_row(m, row) =
		(struct w_audio){ .callback = callback, .cell_ga = cell, .thread = thread, .object = object, .slot = slot };
	*count_row(m, row) = (struct h_audio){ .since = machine_cycle(m) };
	snprintf(thread_row(m, thread)->name, sizeof thread_row(m, thread)->name, "XAudio %u", row - 1);
	sched_ready(m, thread);
	return AUDIO_DRIVER | (row - 1);
}

/* The row of a driver's number; 0 = none. */
static uint32_t client(const struct machine *m, uint32_t driver)
{
	uint32_t row = (driver & 0xFFFF) + 1;
	return (driver & 0xFFFF0000u) == AUDIO_DRIVER && row <= AUDIO_CLIENTS && audio_peek(m, row)->callback ? row : 0;
}

bool audio_unregister(struct machine *m, uint32_t driver)
{
	uint32_t row = client(m, driver);
	if (!row)
		return false;
	struct w_audio *a = audio_row(m, row);
	a->callback = a->queued = 0;
	ask(m, a); /* so that its worker ends */
	arm(m);
	return true;
}

bool audio_submit(struct machine *m, uint32_t driver)
{
	uint32_t row = client(m, driver);
	if (!row || audio_peek(m, row)->queued == AUDIO_DEPTH)
		return false;
	struct w_audio *a = audio_row(m, row);
	if (!a->queued) {
		uint64_t next = next_frame(m);
		count_row(m, row)->empty += a->frame && next > a->frame ? next - a->frame : 0;
		a->frame = next;
	}
	a->queued++;
	count_row(m, row)->submitted++;
	arm(m);
	return true;
}

/* ---- the worker ---------------------------------------------------------------------------------------------------------------- */

static uint32_t client_of(const struct machine *m, uint32_t thread)
{
	uint32_t row = AUDIO_CLIENTS;
	while (row && audio_peek(m, row)->thread != thread)
		row--;
	return row;
}

static void worker_end(struct machine *m, uint32_t row)
{
	struct w_audio *a = audio_row(m, row);
	uint32_t thread = a->thread;
	handle_close(m, 0, a->slot);
	pool_free(m, a->cell_ga, POOL_KERNEL);
	*a = (struct w_audio){ 0 };
	apc_rundown(m, thread, 0);
}

/* The frame may be made. */
void cont_AUDIO(struct machine *m, uint32_t thread)
{
	uint32_t row = client_of(m, thread);
	const struct w_audio *a = audio_peek(m, row);
	if (!a->callback) {
		worker_end(m, row);
		return;
	}
	struct ppc_context *ctx = context_row(m, thread);
	ctx->gpr[3] = a->cell_ga;
	ctx->gpr[12] = a->callback;
}

bool audio_returned(struct machine *m, uint32_t thread)
{
	uint32_t row = client_of(m, thread), nt;
	if (!row)
		return false;
	const struct w_audio *a = audio_peek(m, row);
	const struct wait_request r = {
		.count = 1, .due = DEADLINE_NEVER, .cont = CONT_AUDIO, .object = { a->object }, .slot = { a->slot }
	};
	if (wait_begin(m, thread, &r, &nt))
		cont_AUDIO(m, thread);
	return true;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------------- */

/* (pointer to {callback, argument}, driver *) */
void k_XAudioRegisterRenderDriverClient(struct machine *m, struct call *c)
{
	if (!arg32(c, 0)) { /* Xenia looks for that, too */
		call_return(c, E_INVALIDARG);
		return;
	}
	uint32_t callback = in32(m, c, arg32(c, 0)), argument = in32(m, c, arg32(c, 0) + 4);
	if (c->faulted)
		return;
	uint32_t driver = callback ? audio_register(m, callback, argument) : 0;
	if (driver)
		out32(m, c, arg32(c, 1), driver);
	call_return(c, driver ? 0 : callback ? E_OUTOFMEMORY : E_INVALIDARG);
}

/* (driver, mask *): no category's volume ever changes here (Xenia answers 0 too). */
void k_XAudioGetVoiceCategoryVolumeChangeMask(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 1), 0);
}

/* (category, float *): all are at full volume (Xenia's answer). */
void k_XAudioGetVoiceCategoryVolume(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 1), FULL_VOLUME);
}

/* (config *): Xenia's answer. */
void k_XAudioGetSpeakerConfig(struct machine *m, struct call *c)
{
	out32(m, c, arg32(c, 0), SPEAKERS);
}

void k_XAudioUnregisterRenderDriverClient(struct machine *m, struct call *c)
{
	call_return(c, audio_unregister(m, arg32(c, 0)) ? 0 : E_INVALIDARG);
}

void k_XAudioSubmitRenderDriverFrame(struct machine *m, struct call *c)
{
	call_return(c, audio_submit(m, arg32(c, 0)) ? 0 : E_INVALIDARG);
}
