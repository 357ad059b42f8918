/* tests/guest/audio.c - an audio client that plays half a second of silence and unregisters; main clocks on the frames that it has made.
 *
 * verdict: ENDED 94
 *
 * What the debugger must find: the machine's own thread "XAudio 0" calls on_frame once for each frame of 256 samples that was played, 187.5 times a second, and eight
 * times ahead at first. It parks on F0000000, a semaphore with a host handle.
 */
#include "kit.h"

#define FRAMES 94u

static float samples[6 * 256];
static struct kit_event enough;
static uint32_t driver, argument_seen;
static volatile uint32_t made;

static void on_frame(uint32_t *cell)
{
	argument_seen = *cell;
	XAudioSubmitRenderDriverFrame((void *)driver, samples);
	if (++made == FRAMES)
		KeSetEvent(&enough, 1, 0);
}

int main(void)
{
	struct {
		void (*callback)(uint32_t *cell);
		uint32_t argument;
	} client = { on_frame, 0x5EED };
	KeInitializeEvent(&enough, EVENT_AUTO, 0);
	XAudioRegisterRenderDriverClient(&client, &driver);
	KeWaitForSingleObject(&enough, 0, 0, NOT_ALERTABLE, NULL);
	XAudioUnregisterRenderDriverClient((void *)driver);
	return argument_seen == 0x5EED ? (int)made : -1;
}
