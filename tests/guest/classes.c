/* tests/guest/classes.c - objects of C++ classes, as MSVC lays them out, that keep an event: who knows it must be found by class.
 *
 * verdict: WEDGE
 * root: Event/Auto never-sent main streamer
 *
 * What the debugger must find with `whois`: "ready", an auto-reset event with 0 signals for which the streamer (tid 2) waits, is known to a
 * Silph::Streamer at +14 (by a handle; the object lies in memory of its own), to a Cache at +C (by a duplicate; the vtable
 * below is that of its second base class, so the locator's offset counts), to an Audio::Mixer (its vtable has a symbol), and to a global,
 * ready_global. The records of RTTI are laid by hand, in the words that MSVC writes; a third one, whose base class array names another type, is
 * a decoy: not to be believed.
 */
#include "kit.h"

struct type_descriptor {
	const void *vtable, *spare;
	char name[24];
};
struct base_class {
	const struct type_descriptor *type;
	uint32_t contained, mdisp;
	int32_t pdisp;
	uint32_t vdisp, attributes;
};
struct hierarchy {
	uint32_t signature, attributes, bases;
	const struct base_class *const *base;
};
struct locator {
	uint32_t signature, offset, displacement;
	const struct type_descriptor *type;
	const struct hierarchy *hierarchy;
};
struct vtable {
	const struct locator *locator;
	void (*method[2])(void);
};

static void method(void)
{
}

static const struct vtable type_info = { 0, { method, method } };

/* What cl.exe writes for `class CLASS` with @bases base classes; the vtable is of the part at @OFFSET. */
#define RTTI(ID, DECORATED, TYPE_OF_BASE, BASES, OFFSET) \
	static const struct type_descriptor ID##_type = { type_info.method, 0, DECORATED }; \
	static const struct base_class ID##_base = { &TYPE_OF_BASE##_type, 0, 0, -1, 0, 64 }; \
	static const struct base_class *const ID##_bases[] = { &ID##_base }; \
	static const struct hierarchy ID##_hierarchy = { 0, 0, BASES, ID##_bases }; \
	static const struct locator ID##_locator = { 0, OFFSET, 0, &ID##_type, &ID##_hierarchy }; \
	static const struct vtable ID##_vtable = { &ID##_locator, { method, method } }

RTTI(silph, ".?AVStreamer@Silph@@", silph, 1, 0);
RTTI(cache, ".?AUCache@@", cache, 3, 8);
RTTI(decoy, ".?AVDecoy@@", silph, 1, 0);

struct silph_streamer {
	const void *vtable;
	uint32_t chunk[4];
	HANDLE ready;
};
struct cache {
	uint32_t first_base[2];
	const void *vtable;           /* of the second one */
	HANDLE ready;
};

static HANDLE ready_global;
static struct cache cache;
static volatile struct {
	const void *vtable;
	HANDLE ready;
} mixer, false_friend;
/* As GCC lays a vtable: objects point behind its first two words. */
extern const void *const mixer_vtable[4] __asm__("_ZTVN5Audio5MixerE");
const void *const mixer_vtable[4] = { 0, 0, method, method };

static uint32_t streamer(void *arg)
{
	const struct silph_streamer *self = arg;
	NtWaitForSingleObjectEx(self->ready, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

int main(void)
{
	void *block = NULL;
	uint32_t bytes = 0x10000;
	HANDLE thread;
	NtAllocateVirtualMemory(&block, &bytes, 0x1000, 4, 0);
	struct silph_streamer *s = (struct silph_streamer *)((uint8_t *)block + 0x120);
	NtCreateEvent(&ready_global, NULL, EVENT_AUTO, 0);
	NtDuplicateObject(ready_global, &cache.ready, 0);
	*s = (struct silph_streamer){ silph_vtable.method, { 1, 2, 3, 4 }, ready_global };
	cache.vtable = cache_vtable.method;
	false_friend.vtable = decoy_vtable.method;
	false_friend.ready = ready_global;
	mixer.vtable = &mixer_vtable[2];
	mixer.ready = ready_global;
	ExCreateThread(&thread, 0, NULL, NULL, streamer, s, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
