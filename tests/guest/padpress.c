/* tests/guest/padpress.c - looks at its pad every four milliseconds, lets it rumble while A is held, and ends when START is pressed.
 *
 * verdict: RUNNING
 * limit: 200k
 *
 * What the debugger must find: nobody holds the pad, so it asks for ever; `pad press a at cycle N` and `pad press start at cycle M` make it end with
 * the number of changes that it has seen.
 */
#include "kit.h"

#define START 0x0010u
#define A 0x1000u

struct state {
	uint32_t packet;
	uint16_t buttons;
	uint8_t trigger[2];
	int16_t stick[4];
};

int main(void)
{
	struct state now = { 0 };
	uint16_t motor[2] = { 0, 0 };
	uint32_t packet = 0, changes = 0;
	long long frame = -40000; /* 4 ms */
	while (!(now.buttons & START)) {
		KeDelayExecutionThread(0, NOT_ALERTABLE, &frame);
		if (XamInputGetState(0, 0, &now))
			continue;
		changes += now.packet != packet;
		packet = now.packet;
		motor[0] = now.buttons & A ? 0xFFFF : 0;
		XamInputSetState(0, 0, motor);
	}
	return (int)changes;
}
