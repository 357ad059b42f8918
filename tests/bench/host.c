/* tests/bench/host.c - a kernel as a program of the host: prints its checksum. */
#include <stdio.h>

#include "tests/bench/bench.h"

int main(void)
{
	printf("checksum %08x\n", bench());
	return 0;
}
