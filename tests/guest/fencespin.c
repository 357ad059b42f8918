/* tests/guest/fencespin.c - main spins on a fence that the command processor never reaches: the packets were written, the write pointer was not.
 *
 * verdict: RUNNING
 * limit: 2M
 *
 * What the debugger must find: main runs in a loop for ever; the command processor has read all that it was told of, and no fence was ever
 * written (`info gpu`).
 */
#include "ring.h"

int main(void)
{
	gpu_init();
	gpu_draw(3);
	uint32_t fence = gpu_fence();
	while (*gpu.fence != fence) /* the bug: gpu_kick() is missing */
		;
	return 0;
}
