/* tests/xexmake/cab_out.c - see cab_out.h. */
#include "config.h"

#include "tests/xexmake/cab_out.h"

#define HEADER_BYTES 36u
#define FOLDER_BYTES 8u
#define FILE_BYTES 16u
#define DATA_BYTES 8u
#define COMPRESS_LZX 3u

static void header_put(struct bytes *o, size_t total)
{
	bytes_add(o, "MSCF", 4);
	bytes_le32(o, 0);
	bytes_le32(o, (uint32_t)total);
	bytes_le32(o, 0);
	bytes_le32(o, HEADER_BYTES + FOLDER_BYTES);
	bytes_le32(o, 0);
	bytes_le16(o, 0x0103); /* version 1.3 */
	bytes_le16(o, 1);      /* folders */
	bytes_le16(o, 1);      /* files */
	bytes_le16(o, 0);
	bytes_le32(o, 0); /* set, number in the set */
}

void cab_make(const struct lzx *z, size_t size, unsigned window_bits, const char *name, struct bytes *out)
{
	size_t name_bytes = strlen(name) + 1, data_at = HEADER_BYTES + FOLDER_BYTES + FILE_BYTES + name_bytes;
	header_put(out, data_at + z->stream.size + z->frames * DATA_BYTES);
	bytes_le32(out, (uint32_t)data_at);
	bytes_le16(out, z->frames);
	bytes_le16(out, COMPRESS_LZX | window_bits << 8);
	bytes_le32(out, (uint32_t)size);
	bytes_le32(out, 0);      /* offset in the folder */
	bytes_le16(out, 0);      /* folder */
	bytes_le16(out, 0x5921); /* a date */
	bytes_le32(out, 0);      /* time, attributes */
	bytes_add(out, name, name_bytes);
	for (size_t i = 0, at = 0; i < z->frames; at = z->frame_end[i++]) {
		size_t plain = size - i * LZX_FRAME;
		bytes_le32(out, 0); /* not checked */
		bytes_le16(out, (unsigned)(z->frame_end[i] - at));
		bytes_le16(out, plain < LZX_FRAME ? (unsigned)plain : LZX_FRAME);
		bytes_add(out, z->stream.b + at, z->frame_end[i] - at);
	}
}
