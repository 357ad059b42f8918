/* tests/guest/rewrite.c - code that is written while it runs: nothing to find, the title ends with 0.
 *
 * 24 pages hold a routine each, more than a small decode cache. main rewrites the one instruction that counts, calls them all, takes the
 * right to write away and gives it back, frees the pages and fills them anew at the same address; a second thread calls the
 * first routine meanwhile. main knows what each call must give; its last line is "rewrite: sum ..., 0 wrong".
 */
#include "kit.h"

#define PAGES 24u
#define PAGE 4096u
#define LAPS 12u
#define RW 0x04u /* PAGE_READWRITE, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE */
#define RX 0x20u
#define RWX 0x40u
#define COMMIT_NEW 0x3000u /* MEM_COMMIT | MEM_RESERVE */
#define RELEASE 0x8000u

#define ADDI_R3_R3(n) (0x38630000u | ((n)&0xffffu))
#define BLR 0x4e800020u

typedef uint32_t routine(uint32_t);

static volatile uint32_t *code;
static volatile uint32_t stop, calls, seen;
static uint32_t wrong;

static routine *at(uint32_t page)
{
	return (routine *)(uintptr_t)&code[page * PAGE / 4];
}

/* As titles do it: store the word, write the data cache's line back, forget the instruction cache's. */
static void write_word(uint32_t page, uint32_t word, uint32_t value)
{
	volatile uint32_t *p = &code[page * PAGE / 4 + word];
	*p = value;
	__asm__ volatile("dcbst 0,%0; sync; icbi 0,%0; isync" : : "r"(p) : "memory");
}

static void routine_write(uint32_t page, uint32_t n)
{
	write_word(page, 0, ADDI_R3_R3(n));
	write_word(page, 1, BLR);
}

static uint32_t call_all(uint32_t add)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < PAGES; i++) {
		uint32_t got = at(i)(100);
		wrong += got != 100 + i + add;
		sum += got;
	}
	return sum;
}

static void protect(uint32_t how)
{
	void *base = (void *)(uintptr_t)code;
	uint32_t size = PAGES * PAGE, old;
	wrong += NtProtectVirtualMemory(&base, &size, how, &old, 0) != STATUS_SUCCESS;
}

static void pages_take(void)
{
	void *base = (void *)(uintptr_t)code;
	uint32_t size = PAGES * PAGE;
	wrong += NtAllocateVirtualMemory(&base, &size, COMMIT_NEW, RWX, 0) != STATUS_SUCCESS;
	wrong += code && base != (void *)(uintptr_t)code;
	code = base;
}

static void pages_give(void)
{
	void *base = (void *)(uintptr_t)code;
	uint32_t size = 0;
	wrong += NtFreeVirtualMemory(&base, &size, RELEASE, 0) != STATUS_SUCCESS;
}

/* Calls what main rewrites, in a page of its own. */
static uint32_t caller(void *arg)
{
	routine *r = arg;
	while (!stop) {
		seen = seen * 31 + r(0);
		calls++;
	}
	return 0;
}

static uint32_t laps(volatile uint32_t *shared)
{
	uint32_t sum = 0;
	for (uint32_t lap = 1; lap <= LAPS; lap++) {
		pages_take();
		for (uint32_t i = 0; i < PAGES; i++)
			routine_write(i, i + lap);
		sum = sum * 3 + call_all(lap);
		for (uint32_t i = 0; i < PAGES; i++)
			write_word(i, 0, ADDI_R3_R3(i + 2 * lap)); /* decoded by now */
		sum = sum * 3 + call_all(2 * lap);
		protect(RX);
		sum = sum * 3 + call_all(2 * lap);
		protect(RW);
		for (uint32_t i = 0; i < PAGES; i++)
			code[i * PAGE / 4] = ADDI_R3_R3(i + 3 * lap);
		protect(RX);
		sum = sum * 3 + call_all(3 * lap);
		pages_give();
		shared[0] = ADDI_R3_R3(lap);
	}
	return sum;
}

int main(void)
{
	void *base = NULL;
	uint32_t size = PAGE;
	HANDLE thread;
	wrong += NtAllocateVirtualMemory(&base, &size, COMMIT_NEW, RWX, 0) != STATUS_SUCCESS;
	volatile uint32_t *shared = base;
	shared[0] = ADDI_R3_R3(0);
	shared[1] = BLR;
	ExCreateThread(&thread, 0, NULL, NULL, caller, base, ON_HW(1));
	uint32_t sum = laps(shared);
	stop = 1;
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	NtClose(thread);
	wrong += ((routine *)base)(0) != LAPS;
	DbgPrint("rewrite: sum %08x, %u calls saw %08x, %u wrong\n", sum, calls, seen, wrong);
	return wrong ? 1 : 0;
}
