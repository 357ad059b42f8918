/* tests/guest/xma.c - half a second of music from an XMA context: main feeds both buffers in turn and clocks on what comes out.
 *
 * verdict: ENDED 64
 *
 * What the debugger must find: eight packets of eight frames go through two buffers of one packet each. The decoder does them ahead of time, at 1/256 of the time that they
 * play; the ring of 24 blocks holds six frames, so it is full after these, and the context goes on when main has read it. In the end it is kicked without input.
 */
#include "stream.h"

#define PACKETS 8u

/* The device's registers have the lowest byte first. */
static uint32_t device(uint32_t offset)
{
	uint32_t v;
	__asm__ volatile("lwbrx %0,0,%1" : "=r"(v) : "r"(0x7FEA0000u + offset) : "memory");
	return v;
}

int main(void)
{
	const int64_t a_while = MILLISECONDS(1);
	struct stream s;
	uint32_t blocks = 0, fed = 0, loud = 0, turn = 0, n;
	stream_open(&s, 0);
	if (device(0x1800) != MmGetPhysicalAddress(s.context))
		return -1;
	do {
		for (; fed < PACKETS; fed++, turn = !turn) {
			if (turn ? XMAIsInputBuffer1Valid(s.context) : XMAIsInputBuffer0Valid(s.context))
				break;
			if (turn) {
				XMASetInputBuffer1(s.context, s.in[1], 1);
				XMASetInputBuffer1Valid(s.context);
			} else {
				XMASetInputBuffer0(s.context, s.in[0], 1);
				XMASetInputBuffer0Valid(s.context);
			}
		}
		XMAEnableContext(s.context);
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &a_while);
		XMABlockWhileInUse(s.context);
		n = stream_take(&s);
		blocks += n;
	} while (n);
	for (uint32_t i = 0; i < RING_BLOCKS * BLOCK_SAMPLES; i++)
		loud += s.ring[i] != 0;
	XMAReleaseContext(s.context);
	return loud ? -2 : (int)(blocks * BLOCK_SAMPLES / FRAME_SAMPLES);
}
