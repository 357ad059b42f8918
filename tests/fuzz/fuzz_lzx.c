/* tests/fuzz/fuzz_lzx.c - libFuzzer behind the hashes: its bytes are the compressed stream of a XEX2 image that is right otherwise.
 *
 * The first byte chooses the window; then chunks: two bytes with the length, little-endian, of as many bytes as there are. */
#include "config.h"

#include "tests/badimage.h"
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size);

#define NAME "fuzz.xex"

static const struct bytes *good(void)
{
	static struct bytes file;
	const struct make_spec spec = { .compression = MAKE_NORMAL, .window_bits = 15 };
	struct err err;
	if (!file.size) {
		struct image *img = body_tiny(false);
		if (make_xex(img, &spec, &file, &err) != ST_OK)
			abort();
		image_free(img);
	}
	return &file;
}

static void chunks_put(struct bytes *o, const uint8_t *b, size_t size)
{
	while (size > 2) {
		size_t n = (size_t)b[0] | (size_t)b[1] << 8;
		b += 2;
		size -= 2;
		n = n < size ? n : size;
		bytes_be16(o, (unsigned)n);
		bytes_add(o, b, n);
		b += n;
		size -= n;
	}
	bytes_be16(o, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size)
{
	struct bytes file = { 0 };
	struct image *img = NULL;
	struct err err = { 0 };
	if (size < 1)
		return 0;
	uint32_t format = body_begin(good(), b[0], &file);
	chunks_put(&file, b + 1, size - 1);
	body_end(format, &file);
	bool taken = image_parse(NAME, file.b, file.size, &img, &err) == ST_OK;
	badimage_judge(NAME, taken, img, &err);
	image_free(img);
	bytes_free(&file);
	return 0;
}
