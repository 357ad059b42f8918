/* tests/bench/guest.c - a kernel as a title: prints its checksum. */
#include "kit.h"

#include "tests/bench/bench.h"

int main(void)
{
	DbgPrint("checksum %08x\n", bench());
	return 0;
}
