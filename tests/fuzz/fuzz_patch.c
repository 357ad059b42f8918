/* tests/fuzz/fuzz_patch.c - libFuzzer behind the hashes: its bytes are the records of a patch that is right otherwise.
 *
 * The first byte chooses the window, the second how many of the bytes go over the headers' records (in units of 4); the rest are the image's. */
#include "config.h"

#include "src/load/xex.h"
#include "tests/badimage.h"
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size);

#define NAME "fuzz.xex"
#define PATCH "fuzz.xexp"
#define RECORDS_AT 0x4Cu /* in the descriptor */

static struct bytes base, good;

static void goods_make(void)
{
	const struct make_spec spec = { .features = MAKE_WITH(EXECUTION) };
	struct image *from = body_tiny(false), *to = body_tiny(true);
	struct err err;
	if (make_xex(from, &spec, &base, &err) != ST_OK || make_xexp(from, to, &spec, &good, &err) != ST_OK)
		abort();
	image_free(from);
	image_free(to);
}

/* As many as there is room for. */
static void head_put(struct bytes *file, const uint8_t *b, size_t size)
{
	uint32_t at = body_field(file, KEY_DESCRIPTOR), room = load_be32(file->b + at) - RECORDS_AT;
	memcpy(file->b + at + RECORDS_AT, b, size < room ? size : room);
}

int LLVMFuzzerTestOneInput(const uint8_t *b, size_t size)
{
	struct bytes file = { 0 };
	struct image *img = NULL;
	struct err err = { 0 };
	if (!good.size)
		goods_make();
	if (size < 2)
		return 0;
	size_t head = b[1] * 4u < size - 2 ? b[1] * 4u : size - 2;
	uint32_t format = body_begin(&good, b[0], &file);
	head_put(&file, b + 2, head);
	bytes_add(&file, b + 2 + head, size - 2 - head);
	body_end(format, &file);
	const struct xex_options with = { .patch_name = PATCH, .patch = file.b, .patch_size = file.size };
	bool taken = xex_open(base.b, base.size, &with, NAME, &img, &err) == ST_OK;
	badimage_judge(strncmp(err.text, PATCH, strlen(PATCH)) == 0 ? PATCH : NAME, taken, img, &err);
	image_free(img);
	bytes_free(&file);
	return 0;
}
