/* tests/guest/frames.c - a frame loop as D3D has it: draws from an indirect buffer, a fence, a wait for it, a swap, the vertical blank; thirty frames, then the end.
 *
 * verdict: ENDED 30
 *
 * What the debugger must find: 30 swaps, some 60 a virtual second; the interrupt routine runs on hardware thread 2 for each vertical
 * blank, on hardware thread 4 for each frame that is done. The command processor waits at a WAIT_REG_MEM in each frame until main has let it go on.
 */
#include "ring.h"

static uint32_t *indirect, indirect_physical, *front, front_physical;
static volatile uint32_t *gate;
static uint32_t gate_physical;

static void frame(uint32_t n)
{
	unsigned i = 0;
	indirect[i++] = PACKET0(0x2000, 1);
	indirect[i++] = n;
	indirect[i++] = PACKET3(DRAW_INDX_2, 1);
	indirect[i++] = 3;
	gpu_put(PACKET3(INDIRECT_BUFFER, 2));
	gpu_put(indirect_physical);
	gpu_put(i);
	gpu_draw(4);
	gpu_put(PACKET3(WAIT_REG_MEM, 5));
	gpu_put(WAIT_EQUAL_MEMORY);
	gpu_put(gate_physical | BIG_ENDIAN_DWORD);
	gpu_put(n);
	gpu_put(0xFFFFFFFFu);
	gpu_put(4);
	uint32_t fence = gpu_fence();
	gpu_put(PACKET3(INTERRUPT, 1));
	gpu_put(1u << 4);
	gpu_swap(front);
	gpu_kick();
	KeWaitForSingleObject(&gpu.vblank, 0, 0, NOT_ALERTABLE, NULL);
	*gate = n; /* what the frame needs is there now */
	KeWaitForSingleObject(&gpu.frame_done, 0, 0, NOT_ALERTABLE, NULL);
	while (*gpu.fence != fence)
		;
}

int main(void)
{
	gpu_init();
	indirect = physical_memory(4096, &indirect_physical);
	front = physical_memory(4096, &front_physical);
	gate = physical_memory(4096, &gate_physical);
	for (uint32_t n = 1; n <= 30; n++)
		frame(n);
	VdSetGraphicsInterruptCallback(NULL, NULL);
	return (int)gpu.done;
}
