/* tests/guest/dllwait.c - a library's entry point waits for a thread, and that thread has to wait for the library's entry point.
 *
 * verdict: WEDGE
 * root: Thread owner-cycle main warm
 *
 * Main loads warmup.xex (warmup.c), whose entry point makes a thread (tid 2) and waits for its end. Before its first instruction that thread has
 * to tell all libraries that it begins, under the loader's lock; main has that, until the entry point returns. No signal is missing.
 */
#include "kit_dll.h"

int main(void)
{
	uint32_t module = 0;
	uint32_t status = XexLoadImage("game:\\warmup.xex", XEX_LOAD_DLL, 0, &module);
	DbgPrint("dllwait: loaded after all, %08x\n", status);
	return 0;
}
