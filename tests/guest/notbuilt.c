/* tests/guest/notbuilt.c - a title that calls exports which only answer, or are not built, and goes on with what they answer.
 *
 * verdict: ENDED 0
 * options: --on-stub=continue=0xC0000002
 *
 * What the debugger must find: without --on-stub the run stops at the first call of HalSendSMCMessage, with its arguments and its caller (exit 6).
 * With it the calls are counted: four of HalSendSMCMessage from two places (three from ask, one from the thread), one of the stub
 * * VdSetSystemCommandBufferGpuIdentifierAddress, each with what it answered.
 */
#include "kit.h"

static uint8_t message[16], answer[16];

static __attribute__((noinline)) uint32_t ask(unsigned what)
{
	message[0] = (uint8_t)what;
	return HalSendSMCMessage(message, answer);
}

static uint32_t thread(void *arg)
{
	(void)arg;
	return HalSendSMCMessage(message, NULL);
}

int main(void)
{
	static uint32_t registration[4];
	HANDLE t = 0;
	uint32_t r = VdSetSystemCommandBufferGpuIdentifierAddress((uint32_t)registration);
	for (unsigned i = 0; i < 3; i++)
		r |= ask(i);
	DbgPrint("they answered %08X\n", r);
	ExCreateThread(&t, 0, NULL, NULL, thread, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(t, USER_MODE, NOT_ALERTABLE, NULL);
	NtClose(t);
	return 0;
}
