/* tests/guest/diskwalk.c - walks a device's directories and sums up its files: the same whether it is a folder, a disc image or a package.
 *
 * verdict: ENDED 0
 * options: --mount disc:=@HERE@/disc
 *
 * It links walk: to disc:, lists from there with NtQueryDirectoryFile, opens each file below its directory's handle and reads it all,
 * synchronously, in pieces of 16 bytes; then it asks what the volume is.
 */
#include "kit.h"

struct entry {
	uint32_t next, index;
	uint64_t times[4];
	uint64_t size, allocation;
	uint32_t attributes, name_length;
	char name[256];
};

static struct kit_iosb iosb;
static uint32_t files, folders, bytes, sum, failures;

static HANDLE open_below(HANDLE root, const char *name, uint32_t length, uint32_t options)
{
	struct kit_ansi_string s = { (uint16_t)length, (uint16_t)length, (char *)name };
	struct kit_object_attributes a = { root, &s, 0x40 };
	HANDLE h = 0;
	if (NtOpenFile(&h, GENERIC_READ, &a, &iosb, SHARE_ALL, options | FILE_SYNCHRONOUS_IO_NONALERT))
		failures++;
	return h;
}

static void read_file(HANDLE h, uint32_t size)
{
	char buffer[16];
	uint32_t got = 0;
	while (!NtReadFile(h, 0, NULL, NULL, &iosb, buffer, sizeof buffer, NULL)) {
		for (uint32_t i = 0; i < iosb.information; i++)
			sum = sum * 31 + (uint8_t)buffer[i];
		got += iosb.information;
	}
	failures += got != size || iosb.status != STATUS_END_OF_FILE;
	bytes += got;
}

static void walk(HANDLE folder, uint32_t depth)
{
	struct entry e;
	while (!NtQueryDirectoryFile(folder, 0, NULL, NULL, &iosb, &e, sizeof e, NULL, 0)) {
		uint32_t is_folder = e.attributes & 0x10;
		HANDLE h = open_below(folder, e.name, e.name_length, is_folder ? FILE_DIRECTORY_FILE : 0);
		e.name[e.name_length] = 0;
		DbgPrint("%u %s %u\n", depth, e.name, (uint32_t)e.size);
		if (is_folder) {
			folders++;
			walk(h, depth + 1);
		} else {
			files++;
			read_file(h, (uint32_t)e.size);
		}
		NtClose(h);
	}
}

int main(void)
{
	struct kit_ansi_string link = KIT_ANSI("\\??\\walk:"), target = KIT_ANSI("\\??\\disc:");
	struct { uint32_t attributes, longest, length; char name[4]; } volume;
	struct { uint64_t times[4], allocation, size; uint32_t attributes, pad; } info;
	struct kit_ansi_string name = KIT_ANSI("walk:\\Data\\fox.txt");
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	failures += ObCreateSymbolicLink(&link, &target) != 0;
	HANDLE root = open_below(0, "walk:\\", 6, FILE_DIRECTORY_FILE);
	walk(root, 0);
	failures += NtQueryFullAttributesFile(&a, &info) || info.size != 45;
	failures += NtQueryVolumeInformationFile(root, &iosb, &volume, sizeof volume, 5) != 0;
	NtClose(root);
	failures += ObDeleteSymbolicLink(&link) != 0;
	DbgPrint("diskwalk: %u files, %u folders, %u bytes, sum %08x, %u failures\n", files, folders, bytes, sum, failures);
	return failures != 0;
}
