/* tests/guest/gpuwait.c - the command processor waits for memory that nobody writes; main waits for the frame.
 *
 * verdict: STANDSTILL
 * root: Event/Auto never-sent main
 *
 * What the debugger must find: only vertical blanks come. Main waits for "frame done", an auto-reset event that the interrupt routine would set when the command
 * processor reaches an INTERRUPT packet. It stands before it, at a WAIT_REG_MEM: the word "gate" is 0 and must be 1. Nothing stores to it.
 */
#include "ring.h"

int main(void)
{
	uint32_t gate_physical;
	gpu_init();
	(void)physical_memory(4096, &gate_physical);
	gpu_put(PACKET3(WAIT_REG_MEM, 5));
	gpu_put(WAIT_EQUAL_MEMORY);
	gpu_put(gate_physical | BIG_ENDIAN_DWORD);
	gpu_put(1);
	gpu_put(0xFFFFFFFFu);
	gpu_put(4);
	gpu_put(PACKET3(INTERRUPT, 1));
	gpu_put(1u << 4);
	gpu_kick();
	KeWaitForSingleObject(&gpu.frame_done, 0, 0, NOT_ALERTABLE, NULL); /* the bug: the gate is never opened */
	return 0;
}
