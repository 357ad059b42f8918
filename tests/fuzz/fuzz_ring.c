/* tests/fuzz/fuzz_ring.c - libFuzzer on the command processor: its bytes are a ring and the memory that packets name (make fuzz).
 *
 * The first two bytes (big-endian) say how many dwords of the ring are told at first; the rest of it is told at the next round. Then come the ring's
 * 256 dwords, then 4 KiB of memory for indirect buffers and what is polled. Whatever is read: the run goes on to its limit, or stops with one
 * clear line; a hung command processor reads nothing any more. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/gpu.h"
#include "src/snap/snap.h"
#include "tests/testkit.h"

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size);

#define RING_LOG2 7u
#define RING_BYTES 1024u
#define MEMORY_BYTES 4096u
#define PAGE_READWRITE 4u
#define LIMIT 12000u /* instructions: a dozen rounds */

static struct tk *kit;
static struct snapshot *start;
static uint32_t ring, memory;

static uint32_t physical(uint32_t bytes, uint32_t *at)
{
	uint32_t ga = (uint32_t)CALL(kit, kit->main, "MmAllocatePhysicalMemory", 0, bytes, PAGE_READWRITE);
	*at = (uint32_t)CALL(kit, kit->main, "MmGetPhysicalAddress", ga);
	return ga;
}

/* A title with a ring, an interrupt routine that returns at once, and a thread that loops. */
static void begin(void)
{
	uint32_t at, told;
	kit = tk_new();
	uint32_t routine = CODE(kit, I_BLR);
	ring = physical(RING_BYTES, &at);
	CALL(kit, kit->main, "VdInitializeRingBuffer", at, RING_LOG2);
	fprintf(stderr, "ring at %08x", at);
	physical(4096, &told);
	CALL(kit, kit->main, "VdEnableRingBufferRPtrWriteBack", told, 6);
	CALL(kit, kit->main, "VdSetGraphicsInterruptCallback", routine, 0);
	memory = physical(MEMORY_BYTES, &at);
	fprintf(stderr, ", memory at %08x\n", at);
	start = machine_snapshot(kit->m);
}

static void tell(uint32_t dwords)
{
	be32 v = be32_of(dwords);
	if (mem_write(&kit->m->mem, GPU_WINDOW + 4 * GPU_REG_RB_WPTR, &v, sizeof v) != MEM_OK)
		abort();
}

static enum stop_kind go_on(void)
{
	enum stop_kind why = tk_run(kit, LIMIT);
	if (why != STOP_LIMIT && (!kit->stop.text[0] || strchr(kit->stop.text, '\n'))) {
		fprintf(stderr, "stopped without a clear line: %s\n", stop_kind_word(why));
		abort();
	}
	return why;
}

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size)
{
	if (!kit)
		begin();
	if (size < 6)
		return 0;
	uint32_t first = (load_be32(b) >> 16) % (RING_BYTES / 4);
	size_t in_ring = size - 2 < RING_BYTES ? size - 2 : RING_BYTES, behind = size - 2 - in_ring;
	machine_restore(kit->m, start);
	tk_forget(kit);
	if (mem_poke(&kit->m->mem, ring, b + 2, (uint32_t)in_ring) != MEM_OK)
		abort();
	if (behind && mem_poke(&kit->m->mem, memory, b + 2 + in_ring,
			      (uint32_t)(behind < MEMORY_BYTES ? behind : MEMORY_BYTES)) != MEM_OK)
		abort();
	tell(first);
	enum stop_kind why = go_on();
	uint64_t packets = gpu_count(kit->m)->packets;
	tell((uint32_t)in_ring / 4 % (RING_BYTES / 4));
	enum stop_kind then = go_on();
	if (why == STOP_GPU && (!gpu_peek(kit->m)->hung || gpu_count(kit->m)->packets != packets)) {
		fprintf(stderr, "a hung command processor went on: %s\n", stop_kind_word(then));
		abort();
	}
	return 0;
}
