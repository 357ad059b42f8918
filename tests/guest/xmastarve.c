/* tests/guest/xmastarve.c - an audio client that plays what its XMA context makes, and never gives the context its second buffer.
 *
 * verdict: WEDGE
 * root: Semaphore never-sent XAudio 0
 * root: Event/Auto never-sent main
 *
 * What the debugger must find: eight frames of music come out of the one packet that was given, 16 frames of the audio driver's. Then the context is starved: the callback has
 * nothing to hand in, and is asked no more when its credit is used up; main waits for a hundredth frame. Nothing is at work: not the
 * driver, and not the decoder, for a context without input is no source of events. The report says so in its line XMA.
 */
#include "stream.h"

static struct stream music;
static float samples[6 * 256];
static struct kit_event enough;
static uint32_t driver, waiting;
static volatile uint32_t played;

static void on_frame(uint32_t *cell)
{
	(void)cell;
	XMAEnableContext(music.context); /* the bug: it looks after the output only, and never at XMAIsInputBuffer1Valid */
	waiting += stream_take(&music);
	if (waiting < 2)
		return;
	waiting -= 2;
	XAudioSubmitRenderDriverFrame((void *)driver, samples);
	if (++played == 100)
		KeSetEvent(&enough, 1, 0);
}

int main(void)
{
	const int64_t a_while = MILLISECONDS(2);
	struct {
		void (*callback)(uint32_t *cell);
		uint32_t argument;
	} client = { on_frame, 0 };
	KeInitializeEvent(&enough, EVENT_AUTO, 0);
	stream_open(&music, 0);
	XMASetInputBuffer0Valid(music.context);
	XMAEnableContext(music.context);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &a_while);
	XAudioRegisterRenderDriverClient(&client, &driver);
	KeWaitForSingleObject(&enough, 0, 0, NOT_ALERTABLE, NULL);
	return 0;
}
