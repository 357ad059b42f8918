/* tests/guest/references.c - a title that is careless with references and handles, and ends: the debugger must list what it never dropped,
 * what it dropped too often, and each use of a closed handle with the life that it belonged to.
 *
 *   kept     referenced twice by pointer, dereferenced once; all its handles are closed
 *   balanced its last handle is closed under a reference, which is dropped then
 *   surplus  dereferenced once more than referenced
 *   stale    a handle used after its close; then again when its number names a mutant
 */
#include "kit.h"


static uint32_t reference(HANDLE h)
{
	uint32_t pointer = 0;
	ObReferenceObjectByHandle(h, NULL, &pointer);
	return pointer;
}

static void drop(uint32_t pointer)
{
	ObDereferenceObject((void *)(uintptr_t)pointer);
}

static HANDLE event(void)
{
	HANDLE h = 0;
	NtCreateEvent(&h, NULL, EVENT_AUTO, 0);
	return h;
}

int main(void)
{
	HANDLE kept = event(), alias = 0, mutant = 0;
	NtDuplicateObject(kept, &alias, 0);
	reference(kept);
	drop(reference(alias));
	NtClose(kept);
	NtClose(alias);

	HANDLE balanced = event();
	uint32_t pointer = reference(balanced);
	NtClose(balanced);
	drop(pointer);

	HANDLE surplus = event();
	pointer = reference(surplus);
	drop(pointer);
	drop(pointer);

	HANDLE stale = event();
	NtClose(stale);
	uint32_t closed = NtSetEvent(stale, NULL);
	for (unsigned i = 0; i < 100 && mutant != stale; i++)
		NtCreateMutant(&mutant, NULL, 0);
	uint32_t met = NtSetEvent(stale, NULL);
	DbgPrint("references: %08x %08x\n", closed, met);
	return closed == 0xC0000008 && met == 0xC0000024 ? 0 : 1;
}
