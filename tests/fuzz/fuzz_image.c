/* tests/fuzz/fuzz_image.c - libFuzzer on the image reader: a file's bytes, ELF or XEX2 (make fuzz; HACKING.md). */
#include "config.h"

#include "tests/badimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size);

#define NAME "fuzz.img"

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size)
{
	struct image *img = NULL;
	struct err err = { 0 };
	bool taken = image_parse(NAME, b, size, &img, &err) == ST_OK;
	badimage_judge(NAME, taken, img, &err);
	image_free(img);
	return 0;
}
