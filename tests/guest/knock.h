/* tests/guest/knock.h - signalling calls that can be left out, one per build (tests/knockout.sh).
 *
 * `KNOCK(3, NtSetEvent(done, NULL)); // WEDGE | root: Event/Auto:done never-sent main worker` is left out by -DKNOCKED=3; what comes after the
 * slashes is what the debugger must then find (the words of tests/verdict.awk; several roots stand behind several bars, sorted).
 */
#ifndef KNOCK_H
#define KNOCK_H

#include "kit.h"

#ifndef KNOCKED
#define KNOCKED 0
#endif

#define KNOCK(n, call) do { \
		if ((n) != KNOCKED) { \
			call; \
		} \
	} while (0)
/** The same, but the call is left out only if @when. */
#define KNOCK_IF(n, when, call) do { \
		if ((n) != KNOCKED || !(when)) { \
			call; \
		} \
	} while (0)

/** OBJECT_ATTRIBUTES that hold a name. */
struct named {
	struct kit_object_attributes attributes;
	struct kit_ansi_string string;
};

static inline struct kit_object_attributes *name_it(struct named *n, const char *name)
{
	n->string.buffer = (char *)(uintptr_t)name;
	n->string.length = (uint16_t)strlen(name);
	n->string.maximum_length = (uint16_t)(n->string.length + 1);
	n->attributes = (struct kit_object_attributes){ 0, &n->string, 0 };
	return &n->attributes;
}

static inline HANDLE named_event(const char *name, uint32_t type)
{
	struct named n;
	HANDLE event = 0;
	NtCreateEvent(&event, name_it(&n, name), type, 0);
	return event;
}

static inline HANDLE named_semaphore(const char *name, int32_t count, int32_t limit)
{
	struct named n;
	HANDLE semaphore = 0;
	NtCreateSemaphore(&semaphore, name_it(&n, name), count, limit);
	return semaphore;
}

static inline HANDLE named_mutant(const char *name)
{
	struct named n;
	HANDLE mutant = 0;
	NtCreateMutant(&mutant, name_it(&n, name), 0);
	return mutant;
}

static inline void await(HANDLE object)
{
	NtWaitForSingleObjectEx(object, USER_MODE, NOT_ALERTABLE, NULL);
}

#endif
