/* tests/guest/kitabi.c - calls exports with every shape of arguments that GCC and the console pass differently.
 *
 * Nothing for the debugger to find: tests/t_kit.c runs it without a kernel, looks at each import as it is entered, and compares the
 * registers and stack slots with its own table.
 */
#include "kit.h"

static char buffer[16];

static void wide_arguments(void)
{
	KeSetTimerEx((void *)0x11, 0x2222222233333333u, 0x44, (void *)0x55);
	XamNotifyCreateListener(0x0123456789abcdefu, 7);
}

static void many_arguments(void)
{
	VdInitializeScalerCommandBuffer(1, 2, 3, 4, 5, 6, 7, 8, 0x90000009, 10, (void *)11, 12);
	NtDeviceIoControlFile(1, 2, (void *)3, (void *)4, (void *)5, 6, (void *)7, 8, (void *)9, 10);
}

static void wide_result(void)
{
	uint64_t now = KeQueryInterruptTime();
	KeSetTimer((void *)1, now + 1, (void *)2);
}

static void variadic(void)
{
	DbgPrint("plain\n");
	DbgPrint("%d %s %llx %f %c %% %*d %08lx %I64u %hd %p %u %.*g %lli\n", -1, (const char *)0x200, 0x3333333344444444u, 0.5, 'c', -9,
		 42, 0xfedcba98ul, (uint64_t)1 << 63, (short)-7, (void *)0x1000, 12u, 3, -2.0, (int64_t)-5);
	sprintf(buffer, "%u%u%u%u%u%u%u%u", 1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u);
	_snprintf(buffer, sizeof buffer, "%s", "x");
}

static int runtime_works(void)
{
	char text[8] = "abcdef";
	memmove(text + 1, text, 4);
	memmove(text, text + 2, 3);
	return strcmp(text, "bcdcdf") == 0 && memcmp(text, "bcx", 3) < 0 && strlen(text) == 6;
}

int main(void)
{
	wide_arguments();
	many_arguments();
	wide_result();
	variadic();
	return runtime_works() ? 0x77 : 0x66;
}
