/* tests/guest/audiostop.c - an audio client that stops handing frames in: its worker is never called again, and who clocks on it waits for ever.
 *
 * verdict: WEDGE
 * root: Semaphore never-sent XAudio 0
 * root: Event/Auto never-sent main
 *
 * What the debugger must find: after twelve calls the callback forgot to submit; it has used up its credit of eight frames, so the audio driver plays nothing and
 * asks for nothing. Main waits for a hundredth frame.
 */
#include "kit.h"

static float samples[6 * 256];
static struct kit_event enough;
static uint32_t driver;
static volatile uint32_t calls;

static void on_frame(uint32_t *cell)
{
	(void)cell;
	if (++calls <= 12) /* the bug: behind some frames nothing is handed in any more */
		XAudioSubmitRenderDriverFrame((void *)driver, samples);
	if (calls == 100)
		KeSetEvent(&enough, 1, 0);
}

int main(void)
{
	struct {
		void (*callback)(uint32_t *cell);
		uint32_t argument;
	} client = { on_frame, 0 };
	KeInitializeEvent(&enough, EVENT_AUTO, 0);
	XAudioRegisterRenderDriverClient(&client, &driver);
	KeWaitForSingleObject(&enough, 0, 0, NOT_ALERTABLE, NULL);
	return 0;
}
