/* tests/guest/sdktitle.c - a title that starts as one from the SDK does: C runtime, XAPI, files, Direct3D, XAudio, XAM; then two seconds of its frame loop.
 *
 * verdict: ENDED 120
 * options: --mount game:=@HERE@/disc
 *
 * Nothing to find: 120 frames, 60 a virtual second; `info stubs` has one row, the address that Direct3D gives the system's command buffer. The calls stand in the order in which the SDK's libraries make them:
 * privileges, process type, critical sections, heap and TLS before main; then the display and the ring; the audio client; the
 * listener, the user and the pad; a loader thread reads a file while the first frames are shown.
 */
#include "ring.h"

#define FRAMES 120u
#define ERROR_NO_MORE_FILES 18u
#define HEAP_RESERVE 0x2000u
#define HEAP_COMMIT 0x1000u

static uint32_t failures;
static struct kit_critical_section heap_lock;

static void check(int ok, const char *what)
{
	if (ok)
		return;
	failures++;
	DbgPrint("sdktitle: %s\n", what);
}

/* ---- what the C runtime and XAPI do before main ------------------------------------------------------------------------------------ */

static void terminated(void)
{
}

static void runtime_start(void)
{
	static struct { void (*routine)(void); uint32_t priority; uint32_t list[2]; } at_end = { terminated, 100, { 0, 0 } };
	uint32_t heap = 0, size = 0x100000, slot, module = 0, address = 0;
	uint64_t now;
	uint16_t fields[8];

	check(KeGetCurrentProcessType() == 1, "process type");
	XexCheckExecutablePrivilege(10);
	RtlInitializeCriticalSectionAndSpinCount(&heap_lock, 4000);
	check(!NtAllocateVirtualMemory(&heap, &size, HEAP_RESERVE, 4, 0), "heap: reserve");
	size = 0x10000;
	check(!NtAllocateVirtualMemory(&heap, &size, HEAP_COMMIT, 4, 0), "heap: commit");
	ExRegisterTitleTerminateNotification(&at_end, 1);
	slot = KeTlsAlloc();
	KeTlsSetValue(slot, heap);
	check(KeTlsGetValue(slot) == heap, "TLS");
	check(KeQueryPerformanceFrequency() == 50000000, "performance counter");
	KeQuerySystemTime(&now);
	RtlTimeToTimeFields(&now, fields);
	check(fields[0] == 2005, "the year");
	check(!XexGetModuleHandle("xam.xex", &module) && !XexGetProcedureAddress((void *)module, 0x3CD, &address) && address, "xam.xex");
	check(((uint32_t(*)(void))address)() == 1, "XGetLanguage by its ordinal");
}

/* ---- the title's own -------------------------------------------------------------------------------------------------------------- */

static struct kit_iosb iosb;
static char level[64];
static volatile uint32_t loaded;

static void level_read(void *context, struct kit_iosb *with, uint32_t unused)
{
	(void)unused;
	loaded = context == level && with->status == STATUS_SUCCESS && with->information == 45;
}

/* Names of its own for its devices, as XAPI links d: to game:; a read that tells its end by APC. */
static uint32_t loader(void *event)
{
	struct kit_ansi_string link = KIT_ANSI("\\??\\level:"), target = KIT_ANSI("game:\\Data"), name = KIT_ANSI("level:\\fox.txt");
	struct kit_object_attributes attributes = KIT_ATTRIBUTES(&name);
	const int64_t second = MILLISECONDS(1000);
	uint64_t start = 0;
	HANDLE file = 0;
	check(!ObCreateSymbolicLink(&link, &target), "a link");
	check(!NtOpenFile(&file, GENERIC_READ, &attributes, &iosb, SHARE_ALL, 0), "the level's file");
	check(NtReadFile(file, 0, level_read, level, &iosb, level, sizeof level, &start) == STATUS_PENDING, "a read");
	check(KeDelayExecutionThread(USER_MODE, ALERTABLE, &second) == STATUS_USER_APC && loaded, "its end");
	NtClose(file);
	NtSetEvent((HANDLE)event, NULL);
	return 0;
}

static float silence[6 * 256];
static uint32_t audio_driver;
static volatile uint32_t audio_frames;

static void audio_frame(uint32_t *argument)
{
	(void)argument;
	audio_frames++;
	XAudioSubmitRenderDriverFrame((void *)audio_driver, silence);
}

/* In the order of Direct3D's CreateDevice. */
static uint32_t *display_start(void)
{
	static uint32_t system_buffer[0x94 / 4 + 1], scaler[64], mode[12], information[22];
	uint32_t size, physical, kept = 0;
	XGetVideoMode(mode);
	VdQueryVideoMode(mode);
	check(mode[0] == 1280 && mode[1] == 720, "the mode");
	check(VdQueryVideoFlags() == 3, "the flags");
	VdGetCurrentDisplayInformation(information);
	gpu_init();
	VdGetSystemCommandBuffer(system_buffer, &size);
	VdSetSystemCommandBufferGpuIdentifierAddress(gpu.fence_physical + 64);
	VdInitializeScalerCommandBuffer(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, scaler, 64);
	check(VdIsHSIOTrainingSucceeded(), "HSIO");
	if (VdGetGraphicsAsicID() >= 0x10) {
		VdRetrainEDRAMWorker(0);
		VdRetrainEDRAM(0, 0, 0, 0, 0, 0);
	}
	VdEnableDisableClockGating(0);
	VdSetDisplayMode(mode[0]);
	VdPersistDisplay(0, &kept);
	MmFreePhysicalMemory(0, (void *)kept);
	VdCallGraphicsNotificationRoutines(1, NULL);
	return physical_memory(1280 * 720 * 4, &physical);
}

static uint32_t contents(void)
{
	HANDLE list = 0;
	uint32_t size = 0, items = 0;
	static uint8_t buffer[4 * 0x134];
	check(!XamContentCreateEnumerator(0, 1, 1, 0, 4, &size, &list) && size <= sizeof buffer, "an enumerator");
	check(XamEnumerate(list, 0, buffer, size, &items, NULL) == ERROR_NO_MORE_FILES, "no saved games yet");
	NtClose(list);
	return items;
}

static uint32_t frames(uint32_t *front, HANDLE listener)
{
	uint32_t seen = 0, id, value, pad[4];
	for (uint32_t n = 0; n < FRAMES; n++) {
		XamInputGetState(0, 1, pad);
		seen += XNotifyGetNext(listener, 0, &id, &value);
		RtlEnterCriticalSection(&heap_lock);
		gpu_draw(loaded ? 12 : 3);
		RtlLeaveCriticalSection(&heap_lock);
		uint32_t fence = gpu_fence();
		gpu_put(PACKET3(INTERRUPT, 1));
		gpu_put(1u << 4);
		gpu_swap(front);
		gpu_kick();
		while ((int32_t)(*gpu.fence - fence) < 0)
			;
		KeWaitForSingleObject(&gpu.vblank, 0, 0, NOT_ALERTABLE, NULL);
	}
	return seen;
}

int main(void)
{
	struct { void (*callback)(uint32_t *); uint32_t argument; } client = { audio_frame, 1 };
	HANDLE event, thread, listener;
	uint32_t xma = 0;
	runtime_start();
	uint32_t *front = display_start();
	check(!XAudioRegisterRenderDriverClient(&client, &audio_driver), "an audio client");
	check(!XMACreateContext(&xma), "an XMA context");
	listener = XamNotifyCreateListener(0x2F, 0);
	check(listener != 0, "a listener");
	check(XamUserGetSigninState(0) == 1, "the user");
	contents();
	NtCreateEvent(&event, NULL, EVENT_MANUAL, 0);
	ExCreateThread(&thread, 0, NULL, NULL, loader, (void *)event, ON_HW(3));
	check(frames(front, listener) == 4, "what the system says at first");
	check(!NtWaitForSingleObjectEx(event, USER_MODE, NOT_ALERTABLE, NULL), "the loader");
	check(loaded, "the level");
	check(audio_frames > 300, "sound");
	XMAReleaseContext((void *)xma);
	XAudioUnregisterRenderDriverClient((void *)audio_driver);
	VdSetGraphicsInterruptCallback(NULL, NULL);
	VdShutdownEngines();
	NtClose(listener);
	return failures ? -1 : (int)gpu.done;
}
