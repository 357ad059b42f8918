/* tests/guest/bank.c - eight clerks move money between sixteen accounts: under any --seed nothing hangs and nothing is lost. It ends with 0.
 *
 * verdict: ENDED 0
 *
 * Each account has a mutant; a transfer takes the two in order of their numbers, so there is no circle. An auditor locks all accounts at once
 * (WaitAll) now and then, and must always find the same sum. The last line is "bank: sum 16000, 0 wrong audits".
 */
#include "kit.h"

#define ACCOUNTS 16u
#define CLERKS 8u
#define TRANSFERS 60u
#define AUDITS 10u
#define START 1000u

static HANDLE lock[ACCOUNTS];
static volatile uint32_t balance[ACCOUNTS];
static volatile uint32_t wrong;

static void take(uint32_t account)
{
	NtWaitForSingleObjectEx(lock[account], USER_MODE, NOT_ALERTABLE, NULL);
}

static void transfer(uint32_t from, uint32_t to, uint32_t amount)
{
	uint32_t first = from < to ? from : to, second = from < to ? to : from;
	take(first);
	take(second);
	if (amount > balance[from])
		amount = balance[from];
	uint32_t left = balance[from] - amount;
	NtYieldExecution();          /* as wrong a moment as there is */
	balance[from] = left;
	balance[to] += amount;
	NtReleaseMutant(lock[second], NULL);
	NtReleaseMutant(lock[first], NULL);
}

static uint32_t clerk(void *arg)
{
	uint32_t random = 12345u + (uint32_t)(uintptr_t)arg;
	for (uint32_t i = 0; i < TRANSFERS; i++) {
		random = random * 1664525u + 1013904223u;
		uint32_t from = random >> 28, to = random >> 24 & 15;
		if (from != to)
			transfer(from, to, random >> 8 & 255);
	}
	return 0;
}

static uint32_t sum(void)
{
	uint32_t total = 0;
	NtWaitForMultipleObjectsEx(ACCOUNTS, lock, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	for (uint32_t i = 0; i < ACCOUNTS; i++)
		total += balance[i];
	for (uint32_t i = 0; i < ACCOUNTS; i++)
		NtReleaseMutant(lock[i], NULL);
	return total;
}

static uint32_t auditor(void *arg)
{
	const int64_t pause = MILLISECONDS(1);
	(void)arg;
	for (uint32_t i = 0; i < AUDITS; i++) {
		wrong += sum() != ACCOUNTS * START;
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &pause);
	}
	return 0;
}

int main(void)
{
	HANDLE threads[CLERKS + 1];
	for (uint32_t i = 0; i < ACCOUNTS; i++) {
		NtCreateMutant(&lock[i], NULL, 0);
		balance[i] = START;
	}
	for (uint32_t i = 0; i < CLERKS; i++)
		ExCreateThread(&threads[i], 0, NULL, NULL, clerk, (void *)(uintptr_t)i, ON_HW(i % 6));
	ExCreateThread(&threads[CLERKS], 0, NULL, NULL, auditor, NULL, ON_HW(4));
	NtWaitForMultipleObjectsEx(CLERKS + 1, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	uint32_t total = sum();
	DbgPrint("bank: sum %u, %u wrong audits\n", total, wrong);
	return total == ACCOUNTS * START && !wrong ? 0 : 1;
}
