/* tests/guest/finish.c - a producer and two consumers that come to their end: nothing to find, the title ends with 0.
 *
 * The producer fills a ring under a critical section and releases a semaphore once per item; each consumer takes items until it
 * meets a closing one. main joins all three, checks the sum, and its last line is "finish: sum 5050".
 */
#include "kit.h"

#define ITEMS 100u
#define CONSUMERS 2u
#define RING 8u

static struct kit_critical_section lock;
static HANDLE filled, room;          /* semaphores */
static volatile uint32_t ring[RING], head, tail, sum;

static void put(uint32_t item)
{
	NtWaitForSingleObjectEx(room, USER_MODE, NOT_ALERTABLE, NULL);
	RtlEnterCriticalSection(&lock);
	ring[head++ % RING] = item;
	RtlLeaveCriticalSection(&lock);
	NtReleaseSemaphore(filled, 1, NULL);
}

static uint32_t take(void)
{
	NtWaitForSingleObjectEx(filled, USER_MODE, NOT_ALERTABLE, NULL);
	RtlEnterCriticalSection(&lock);
	uint32_t item = ring[tail++ % RING];
	sum += item;
	RtlLeaveCriticalSection(&lock);
	NtReleaseSemaphore(room, 1, NULL);
	return item;
}

static uint32_t producer(void *arg)
{
	(void)arg;
	for (uint32_t i = 1; i <= ITEMS; i++)
		put(i);
	for (uint32_t i = 0; i < CONSUMERS; i++)
		put(0);              /* closing items */
	return 0;
}

static uint32_t consumer(void *arg)
{
	const int64_t pause = MILLISECONDS(1);
	(void)arg;
	while (take() != 0)
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &pause);
	return 0;
}

int main(void)
{
	HANDLE threads[1 + CONSUMERS];
	RtlInitializeCriticalSection(&lock);
	NtCreateSemaphore(&filled, NULL, 0, RING);
	NtCreateSemaphore(&room, NULL, RING, RING);
	ExCreateThread(&threads[0], 0, NULL, NULL, producer, NULL, ON_HW(1));
	for (uint32_t i = 0; i < CONSUMERS; i++)
		ExCreateThread(&threads[1 + i], 0, NULL, NULL, consumer, NULL, ON_HW(2 + i));
	NtWaitForMultipleObjectsEx(1 + CONSUMERS, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	for (uint32_t i = 0; i < 1 + CONSUMERS; i++)
		NtClose(threads[i]);
	NtClose(filled);
	NtClose(room);
	DbgPrint("finish: sum %u\n", sum);
	return sum == ITEMS * (ITEMS + 1) / 2 ? 0 : 1;
}
