/* tests/guest/plugin.c - loads a library while it runs, calls its exports by ordinal and by name, and gives it back.
 *
 * verdict: ENDED 0
 *
 * Nothing to find: toolbox.xex (toolbox.c) is told of its begin, of the thread that begins after it, of that thread's end, and of its own
 * end; of the thread that was there before only the end. A second load only counts. What the library says it was told is checked.
 */
#include "kit_dll.h"

static HANDLE go;

static uint32_t early(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(go, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}

static uint32_t wrong(const char *what)
{
	DbgPrint("plugin: %s\n", what);
	return 1;
}

static void join(HANDLE thread)
{
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	NtClose(thread);
}

int main(void)
{
	HANDLE before = 0, after = 0;
	uint32_t module = 0, again = 0, add = 0, told = 0, marked = 0, bad = 0, where = 0;
	NtCreateEvent(&go, NULL, EVENT_MANUAL, 0);
	ExCreateThread(&before, 0, NULL, NULL, early, NULL, ON_HW(1));
	const int64_t moment = MILLISECONDS(1);
	KeDelayExecutionThread(USER_MODE, NOT_ALERTABLE, &moment);
	bad += XexLoadImage("game:\\toolbox.xex", XEX_LOAD_DLL, 0, &module) != STATUS_SUCCESS ? wrong("not loaded") : 0;
	bad += XexLoadImage("game:\\toolbox.xex", XEX_LOAD_DLL, 0, &again) != STATUS_SUCCESS ? wrong("not loaded again") : 0;
	bad += module != again ? wrong("two modules") : 0;
	bad += XexGetProcedureAddress((void *)module, (uint32_t)(uintptr_t)"add", &add) != STATUS_SUCCESS ? wrong("no add") : 0;
	bad += XexGetProcedureAddress((void *)module, 5, &told) != STATUS_SUCCESS ? wrong("no export 5") : 0;
	bad += XexGetProcedureAddress((void *)module, 7, &marked) != STATUS_SUCCESS ? wrong("no export 7") : 0;
	if (bad)
		return 1;
	uint32_t (*count)(uint32_t) = (uint32_t(*)(uint32_t))told;
	bad += ((uint32_t(*)(uint32_t, uint32_t))add)(40, 2) != 42 ? wrong("add cannot add") : 0;
	bad += XexGetModuleHandle("toolbox", &again) != STATUS_SUCCESS || again != module ? wrong("no module of that name") : 0;
	bad += XexPcToFileHeader((void *)add, &where) == 0 || where != module ? wrong("add is elsewhere") : 0;
	ExCreateThread(&after, 0, NULL, NULL, (void *)marked, NULL, ON_HW(2));
	join(after);
	NtSetEvent(go, NULL);
	join(before);
	bad += count(DLL_PROCESS_ATTACH) != 1 || count(DLL_THREAD_ATTACH) != 1 || count(DLL_THREAD_DETACH) != 2 ? wrong("told something else") : 0;
	XexUnloadImage((void *)module);
	bad += XexGetModuleHandle("toolbox.xex", &again) != STATUS_SUCCESS ? wrong("gone too early") : 0;
	XexUnloadImage((void *)module);
	bad += XexGetModuleHandle("toolbox.xex", &again) == STATUS_SUCCESS ? wrong("still there") : 0;
	DbgPrint("plugin: %u wrong\n", bad);
	return (int)bad;
}
