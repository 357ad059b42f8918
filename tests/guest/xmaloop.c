/* tests/guest/xmaloop.c - the music plays on and on while the game waits for what was never asked to load.
 *
 * verdict: STANDSTILL
 * root: Event/Auto never-sent main
 *
 * What the debugger must find: an audio client plays a loop of one packet that a context decodes for ever, kicked through its register in each of its frames, and waited for. So there is always something at work,
 * the decoder too, and no WEDGE; but nothing new happens any more. Main waits for "loaded", an auto-reset event with 0 signals.
 */
#include "stream.h"

static struct stream music;
static float samples[6 * 256];
static struct kit_event loaded;
static uint32_t driver;
static volatile uint32_t blocks;

/* As XMAEnableContext does; the device has the lowest byte first. */
static void kick(const uint32_t *context)
{
	uint32_t array, n;
	__asm__ volatile("lwbrx %0,0,%1" : "=r"(array) : "r"(0x7FEA1800u) : "memory");
	n = (MmGetPhysicalAddress((void *)context) - array) / 64;
	__asm__ volatile("stwbrx %0,0,%1" : : "r"(1u << n % 32), "r"(0x7FEA1940u + n / 32 * 4) : "memory");
}

static void on_frame(uint32_t *cell)
{
	(void)cell;
	kick(music.context);
	XMABlockWhileInUse(music.context);
	blocks += stream_take(&music);
	XAudioSubmitRenderDriverFrame((void *)driver, samples);
}

int main(void)
{
	struct {
		void (*callback)(uint32_t *cell);
		uint32_t argument;
	} client = { on_frame, 0 };
	KeInitializeEvent(&loaded, EVENT_AUTO, 0);
	stream_open(&music, 255);
	XMASetInputBuffer0Valid(music.context);
	XAudioRegisterRenderDriverClient(&client, &driver);
	KeWaitForSingleObject(&loaded, 0, 0, NOT_ALERTABLE, NULL); /* the bug: nothing was ever asked to load */
	return 0;
}
