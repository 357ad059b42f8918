/* tests/bench/threads.c - the same work done by one thread or divided among six: what the rounds cost. Built with THREADS and, for
 * all of them on hardware thread 0, ON_ONE. */
#include "kit.h"

#include "tests/bench/bench.h"

#define ROUNDS 240000u /* divisible by 6 */
#define WORDS 256u
#ifdef ON_ONE
#define PLACE(i) ON_HW(0)
#else
#define PLACE(i) ON_HW((i) % 6)
#endif

static uint32_t words[6][WORDS], sums[6];

static uint32_t work(void *arg)
{
	uint32_t i = (uint32_t)(uintptr_t)arg, seed = i + 1, sum = 0;
	for (uint32_t k = 0; k < WORDS; k++)
		words[i][k] = bench_next(&seed);
	for (uint32_t r = 0; r < ROUNDS / THREADS; r++)
		for (uint32_t k = 0; k < WORDS; k++) {
			uint32_t v = words[i][k] + (sum >> 3);
			sum = (sum << 5 | sum >> 27) ^ v;
			words[i][k] = v;
		}
	sums[i] = sum;
	return 0;
}

int main(void)
{
	HANDLE threads[6];
	uint32_t sum = 0;
	for (uint32_t i = 0; i < THREADS; i++)
		ExCreateThread(&threads[i], 0, NULL, NULL, work, (void *)(uintptr_t)i, PLACE(i));
	NtWaitForMultipleObjectsEx(THREADS, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	for (uint32_t i = 0; i < THREADS; i++)
		sum = sum * 31 + sums[i];
	DbgPrint("checksum %08x\n", sum);
	return 0;
}
