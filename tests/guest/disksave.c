/* tests/guest/disksave.c - a title that saves: makes, writes, flushes, renames and deletes files; none of it reaches the host.
 *
 * verdict: ENDED 0
 * options: --mount game:=@HERE@/disc
 *
 * Nothing to find. `info files` shows what it has changed, `info cache` its six pages at most.
 */
#include "kit.h"

static struct kit_iosb iosb;
static uint32_t failures;
static char page[4096];

static HANDLE open(const char *path, uint32_t disposition, uint32_t options)
{
	struct kit_ansi_string name = { (uint16_t)strlen(path), (uint16_t)strlen(path), (char *)path };
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	HANDLE h = 0;
	failures += NtCreateFile(&h, GENERIC_READ | GENERIC_WRITE | DELETE_ACCESS, &a, &iosb, NULL, 0, SHARE_ALL, disposition,
		options | FILE_SYNCHRONOUS_IO_NONALERT) != 0;
	return h;
}

static void expect(HANDLE h, uint64_t offset, const char *text)
{
	char got[32];
	uint32_t n = strlen(text);
	failures += NtReadFile(h, 0, NULL, NULL, &iosb, got, n, &offset) || iosb.information != n || memcmp(got, text, n);
}

/* What XAPI asks of a disk, and a name that goes at once. */
static uint32_t disk_questions(HANDLE h)
{
	uint32_t geometry[2], bad = 0;
	struct { uint64_t allocation, size; uint32_t links; uint8_t pending, directory; } standard;
	struct kit_ansi_string name = KIT_ANSI("cache:\\scratch");
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	bad += NtDeviceIoControlFile(h, 0, NULL, NULL, &iosb, 0x70000, NULL, 0, geometry, sizeof geometry) || geometry[1] != 512;
	bad += NtQueryInformationFile(h, &iosb, &standard, 24, 5) || standard.size != 40960;
	bad += NtCancelIoFile(h, &iosb) != 0;
	NtClose(open("cache:\\scratch", FILE_CREATE, 0));
	bad += NtDeleteFile(&a) != 0;
	return bad + (NtDeleteFile(&a) != 0xC0000034);
}

static uint32_t port_questions(void)
{
	HANDLE port;
	uint32_t bad, packets = 0, key = 0, context = 0;
	bad = NtCreateIoCompletion(&port, 0x1F0003, NULL, 1) != 0;
	bad += NtSetIoCompletion(port, 1, 2, 3, 4) != 0;
	bad += NtQueryIoCompletion(port, &packets) || packets != 1;
	bad += NtRemoveIoCompletion(port, &key, &context, &iosb, NULL) || key != 1 || context != 2 || iosb.information != 4;
	NtClose(port);
	return bad;
}

int main(void)
{
	HANDLE h, save;
	void *segments[2] = { page, page };
	uint8_t gone = 1;
	uint64_t size = 6, at = 4;
	struct { uint32_t replace; HANDLE root; struct kit_ansi_string name; } to = { 0, 0, KIT_ANSI("cache:\\saves\\slot2.sav") };

	failures += FscSetCacheElementCount(0, 6) != 0;
	failures += FscGetCacheElementCount(0) != 6;

	NtClose(open("cache:\\saves", FILE_CREATE, FILE_DIRECTORY_FILE));
	save = open("cache:\\saves\\slot1.sav", FILE_CREATE, 0);
	for (uint32_t i = 0; i < 10; i++) {
		memset(page, 'a' + (int)i, sizeof page);
		failures += NtWriteFile(save, 0, NULL, NULL, &iosb, page, sizeof page, NULL) || iosb.information != sizeof page;
	}
	failures += NtFlushBuffersFile(save, &iosb) != 0;
	expect(save, 4095, "ab");
	expect(save, 9 * 4096, "jjj");
	failures += NtWriteFileGather(save, 0, NULL, NULL, &iosb, segments, 8192, &(uint64_t){ 0 }) != 0;
	failures += NtReadFileScatter(save, 0, NULL, NULL, &iosb, segments, 8192, &(uint64_t){ 8192 }) != 0;
	failures += page[0] != 'd';
	failures += NtSetInformationFile(save, &iosb, &to, sizeof to, 10) != 0;
	NtClose(save);

	h = open("game:\\Data\\fox.txt", FILE_OPEN, 0); /* over a file of the host's */
	failures += NtWriteFile(h, 0, NULL, NULL, &iosb, "slow ", 5, &at) != 0;
	expect(h, 0, "The slow  brown");
	failures += NtSetInformationFile(h, &iosb, &size, sizeof size, 20) != 0;
	failures += NtReadFile(h, 0, NULL, NULL, &iosb, page, 1, &size) != STATUS_END_OF_FILE;
	NtClose(h);

	h = open("game:\\README.TXT", FILE_OPEN, 0);
	failures += NtSetInformationFile(h, &iosb, &gone, 1, 13) != 0;
	NtClose(h);
	h = open("cache:\\saves\\slot2.sav", FILE_OPEN, 0);
	expect(h, 2 * 4096, "ccc");
	failures += disk_questions(h);
	failures += port_questions();
	DbgPrint("disksave: %u failures\n", failures);
	return failures != 0;
}
