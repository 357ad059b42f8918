/* tests/guest/xmapoll.c - a music thread polls a context whose input never becomes valid again; main waits for the song's end.
 *
 * verdict: STALL
 * root: Event/Auto never-sent main
 *
 * What the debugger must find: the reader gives the first two packets and ends; the music thread (tid 3) looks every 5 ms whether a buffer is free to be filled and a packet
 * there to fill it, and kicks the context, which is starved. It goes on for ever; main has waited for "over" since it began.
 */
#include "stream.h"

#define SONG_PACKETS 8u

static struct stream music;
static struct kit_event over;
static volatile uint32_t packets_read, blocks;

static uint32_t reader(void *arg)
{
	(void)arg;
	packets_read = 2; /* the bug: the end of the disc's buffer is taken for the file's */
	return 0;
}

static uint32_t player(void *arg)
{
	const int64_t a_while = MILLISECONDS(5);
	uint32_t given = 0;
	(void)arg;
	while (blocks < SONG_PACKETS * PACKET_FRAMES * 4) {
		if (given < packets_read && !XMAIsInputBuffer0Valid(music.context)) {
			XMASetInputBuffer0Valid(music.context);
			given++;
		}
		if (given < packets_read && !XMAIsInputBuffer1Valid(music.context)) {
			XMASetInputBuffer1Valid(music.context);
			given++;
		}
		XMAEnableContext(music.context);
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &a_while);
		blocks += stream_take(&music);
	}
	KeSetEvent(&over, 1, 0);
	return 0;
}

int main(void)
{
	HANDLE a, b;
	KeInitializeEvent(&over, EVENT_AUTO, 0);
	stream_open(&music, 0);
	ExCreateThread(&a, 0, NULL, NULL, reader, NULL, ON_HW(2));
	ExCreateThread(&b, 0, NULL, NULL, player, NULL, ON_HW(4));
	KeWaitForSingleObject(&over, 0, 0, NOT_ALERTABLE, NULL);
	return 0;
}
