/* kernel/audio.h - the audio driver: clients whose callback makes frames of sound, which nobody hears (facts: Guest interrupts, XAudio).
 *
 * A client has a worker, a thread of the machine's own on hardware thread 4. It parks on a semaphore with a host handle (F0000000 and up), which has
 * a count for each frame that may be made: AUDIO_DEPTH at first, then one for each frame that was played. The callback hands frames in with
 * XAudioSubmitRenderDriverFrame; one is played each 256 samples of 48 kHz. A client that has handed in nothing is played nothing, and gets no
 * count: with nothing queued and nothing counted its worker never runs again.
 */
#ifndef KERNEL_AUDIO_H
#define KERNEL_AUDIO_H

#include "kernel/machine.h"

#define AUDIO_DEPTH 8u                /* frames that a client is ahead at most */
#define AUDIO_RATE 48000u
#define AUDIO_SAMPLES 256u
#define AUDIO_DRIVER 0x41550000u      /* | the client's number */

/** Counts; table "audio.count" of the history arena, the client's row. */
struct h_audio {
	uint64_t submitted, played;
	uint64_t empty;           /* frame times at which it had nothing to play */
	uint64_t since;           /* cycle at which it was registered */
};
ARENA_ROW_SIZE(h_audio, 32);

void audio_layout(struct machine *m);
/** Writes the workers' code behind the traps. */
void audio_code(struct machine *m);
/** @return the driver's number, 0 = no room or no memory. */
uint32_t audio_register(struct machine *m, uint32_t callback, uint32_t argument);
/** False: there is no such client. */
bool audio_unregister(struct machine *m, uint32_t driver);
/** False: no such client, or it is AUDIO_DEPTH frames ahead. */
bool audio_submit(struct machine *m, uint32_t driver);
/** A worker begins, or its callback has returned; false: @thread is none. */
bool audio_returned(struct machine *m, uint32_t thread);

/** Clients with frames to play. */
uint32_t audio_playing(const struct machine *m);
/** Ticks at which the client of @row is played its next frame; DEADLINE_NEVER: it has handed in none. */
uint64_t audio_next(const struct machine *m, uint32_t row);
static inline const struct w_audio *audio_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_audio, row); }
static inline const struct h_audio *audio_count(const struct machine *m, uint32_t row) { return arena_peek(&m->history, m->t_audio_count, row); }

#endif
