/* tests/guest/demo.c - the built-in demo: a texture streamer that stands still, because its producer never says "ready".
 *
 * What the debugger must find, 10 threads and no source of events left: WEDGE.
 *   - eight loaders (tids 2-9) wait without a timeout on one manual-reset event, "chunk ready": never signalled. The only NtSetEvent
 *     on it is in publish_chunk, which is never reached: feed counts kilobytes and compares them with bytes.
 *   - the flusher waits on an auto-reset singleton, made four calls deep (make_event < open_cache < open_streaming < main), under
 *     a second handle of the same object: never signalled either, publish_chunk would have done that through the first.
 *   - main waits for all nine threads, so it waits for both.
 */
#include "kit.h"

#define LOADERS 8
#define CHUNK_BYTES 65536u

static struct {
	HANDLE chunk_ready;          /* manual: lets all loaders through at once */
	HANDLE flush;                /* auto: one flusher */
	HANDLE flush_alias;          /* the same object, as the flusher knows it */
	volatile uint32_t fed;       /* meant to be bytes */
	volatile uint32_t chunks;
} cache;

static HANDLE threads[LOADERS + 1];

static HANDLE make_event(uint32_t type)
{
	HANDLE event = 0;
	NTSTATUS status = NtCreateEvent(&event, NULL, type, 0);
	if (status != STATUS_SUCCESS)
		DbgPrint("demo: NtCreateEvent failed: %08x\n", status);
	return event;
}

static void open_cache(void)
{
	cache.flush = make_event(EVENT_AUTO);
	NtDuplicateObject(cache.flush, &cache.flush_alias, DUPLICATE_SAME_ACCESS);
}

static void open_streaming(void)
{
	cache.chunk_ready = make_event(EVENT_MANUAL);
	open_cache();
}

static uint32_t loader(void *arg)
{
	NtWaitForSingleObjectEx(cache.chunk_ready, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("demo: loader %u has a chunk\n", (uint32_t)(uintptr_t)arg);
	return 0;
}

static uint32_t flusher(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(cache.flush_alias, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("demo: flushed\n");
	return 0;
}

/* Never reached: see feed. */
static void publish_chunk(void)
{
	cache.chunks++;
	NtSetEvent(cache.chunk_ready, NULL);
	NtSetEvent(cache.flush, NULL);
}

static void feed(uint32_t kilobytes)
{
	cache.fed += kilobytes;      /* the bug: should be kilobytes * 1024 */
	if (cache.fed >= CHUNK_BYTES)
		publish_chunk();
}

static void start(unsigned i, uint32_t (*function)(void *), uint32_t hw)
{
	NTSTATUS status = ExCreateThread(&threads[i], 0, NULL, NULL, function, (void *)(uintptr_t)i, ON_HW(hw));
	if (status != STATUS_SUCCESS)
		DbgPrint("demo: ExCreateThread failed: %08x\n", status);
}

int main(void)
{
	const int64_t frame = MILLISECONDS(16);
	open_streaming();
	for (unsigned i = 0; i < LOADERS; i++)
		start(i, loader, i % 6);
	start(LOADERS, flusher, 5);
	for (unsigned i = 0; i < 16; i++) {
		feed(16);
		KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &frame);
	}
	DbgPrint("demo: fed %u of %u, published %u chunks\n", cache.fed, CHUNK_BYTES, cache.chunks);
	NtWaitForMultipleObjectsEx(LOADERS + 1, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("demo: done\n");
	return 0;
}
