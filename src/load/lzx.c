/* src/load/lzx.c - see lzx.h
 *
 * libmspack's public interface knows LZX within container files only. The stream is handed to it as the content of a CHM file made in memory: there
 * the content is one bare stream (in a cabinet it would have to be cut into blocks), and the decoder's state, but not its window, can be reset at an
 * interval. So a reference is put before the stream as one stored block that fills the first interval; at the reset the stream then begins as it
 * stands, with its own first bit. Source: the CHM format as described by libmspack and the "Unofficial CHM specification".
 */
#include "config.h"

#include "src/load/lzx.h"

#include <mspack.h>
#include <stdlib.h>

#define FRAME 0x8000u
#define HEADER_AT 0x60u    /* header section 0, behind file header and section table */
#define DIRECTORY_AT 0x78u /* header section 1 */
#define CHUNK_AT (DIRECTORY_AT + 0x54u)
#define CHUNK_BYTES 0x200u
#define CONTENT_AT (CHUNK_AT + CHUNK_BYTES) /* content section 0: span info, control data, the stream */
#define CONTROL_AT 8u
#define CONTROL_BYTES 0x1Cu
#define STREAM_AT (CONTROL_AT + CONTROL_BYTES)
#define STORED_HEADER 16u /* of a stored block that begins a stream */
#define NAME "/x"

/* ---- files in memory ------------------------------------------------------------------------------------------------- */

/* What libmspack calls a file: the container to read, or the output to write. */
struct memory {
	uint8_t *bytes;
	size_t size, at;
};

struct system {
	struct mspack_system base; /* first: libmspack hands it back */
	struct memory in, out;
};

static struct mspack_file *sys_open(struct mspack_system *self, const char *name, int mode)
{
	struct system *s = (struct system *)self;
	struct memory *m = xmalloc(sizeof *m);
	(void)name;
	*m = mode == MSPACK_SYS_OPEN_READ ? s->in : s->out;
	return (struct mspack_file *)m;
}

static void sys_close(struct mspack_file *file)
{
	free(file);
}

static int sys_read(struct mspack_file *file, void *buffer, int bytes)
{
	struct memory *m = (struct memory *)file;
	size_t n = m->size - m->at < (size_t)bytes ? m->size - m->at : (size_t)bytes;
	memcpy(buffer, m->bytes + m->at, n);
	m->at += n;
	return (int)n;
}

static int sys_write(struct mspack_file *file, void *buffer, int bytes)
{
	struct memory *m = (struct memory *)file;
	if (m->size - m->at < (size_t)bytes)
		return -1;
	memcpy(m->bytes + m->at, buffer, (size_t)bytes);
	m->at += (size_t)bytes;
	return bytes;
}

/* From the start only: libmspack asks for nothing else. */
static int sys_seek(struct mspack_file *file, off_t offset, int mode)
{
	struct memory *m = (struct memory *)file;
	if (mode != MSPACK_SYS_SEEK_START || offset < 0 || (size_t)offset > m->size)
		return -1;
	m->at = (size_t)offset;
	return 0;
}

static off_t sys_tell(struct mspack_file *file)
{
	return (off_t)((struct memory *)file)->at;
}

static void sys_message(struct mspack_file *file, const char *format, ...)
{
	(void)file;
	(void)format;
}

static void *sys_alloc(struct mspack_system *self, size_t bytes)
{
	(void)self;
	return xcalloc(1, bytes); /* zero: a damaged stream must not see what lay there before */
}

static void sys_copy(void *source, void *target, size_t bytes)
{
	memcpy(target, source, bytes);
}

/* ---- the container --------------------------------------------------------------------------------------------------- */

static void le32(uint8_t *b, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> i * 8);
}

/* A signature: four letters, no NUL. */
static void sign(uint8_t *b, const char *four)
{
	for (unsigned i = 0; i < 4; i++)
		b[i] = (uint8_t)four[i];
}

/* An entry of the directory: name, section, offset, length; numbers in 7 bits a byte, highest first. */
static uint8_t *entry(uint8_t *p, const char *name, uint32_t section, uint32_t offset, uint32_t length)
{
	const uint32_t number[] = { section, offset, length };
	*p++ = (uint8_t)strlen(name);
	while (*name)
		*p++ = (uint8_t)*name++;
	for (unsigned i = 0; i < ARRAY_LEN(number); i++) {
		for (unsigned shift = 28; shift; shift -= 7)
			if (number[i] >> shift)
				*p++ = (uint8_t)(0x80 | (number[i] >> shift & 0x7f));
		*p++ = (uint8_t)(number[i] & 0x7f);
	}
	return p;
}

static void put_headers(uint8_t *b, uint32_t file_size)
{
	static const uint8_t guids[32] = { 0x10, 0xFD, 0x01, 0x7C, 0xAA, 0x7B, 0xD0, 0x11, 0x9E, 0x0C, 0x00, 0xA0, 0xC9, 0x22,
		0xE6, 0xEC, 0x11, 0xFD, 0x01, 0x7C, 0xAA, 0x7B, 0xD0, 0x11, 0x9E, 0x0C, 0x00, 0xA0, 0xC9, 0x22, 0xE6, 0xEC };
	sign(b, "ITSF");
	le32(b + 4, 3); /* version */
	le32(b + 8, HEADER_AT);
	memcpy(b + 0x18, guids, sizeof guids);
	le32(b + 0x38, HEADER_AT);
	le32(b + 0x40, DIRECTORY_AT - HEADER_AT);
	le32(b + 0x48, DIRECTORY_AT);
	le32(b + 0x50, CONTENT_AT - DIRECTORY_AT);
	le32(b + 0x58, CONTENT_AT);
	le32(b + HEADER_AT + 8, file_size);
	b += DIRECTORY_AT;
	sign(b, "ITSP");
	le32(b + 4, 1);
	le32(b + 8, CHUNK_AT - DIRECTORY_AT);
	le32(b + 0x10, CHUNK_BYTES);
	le32(b + 0x14, 2);          /* density of the quick references, of which there are none */
	le32(b + 0x18, 1);          /* depth */
	le32(b + 0x1C, UINT32_MAX); /* no index: chunks 0 to 0 are searched */
	le32(b + 0x2C, 1);          /* chunks */
}

static void put_directory(uint8_t *b, uint32_t stream_size, uint32_t skip, uint32_t length)
{
	sign(b, "PMGL");
	le32(b + 4, 2); /* quick references: only their count */
	le32(b + 12, UINT32_MAX);
	le32(b + 16, UINT32_MAX);
	uint8_t *p = entry(b + 20, NAME, 1, skip, length);
	p = entry(p, "::DataSpace/Storage/MSCompressed/Content", 0, STREAM_AT, stream_size);
	p = entry(p, "::DataSpace/Storage/MSCompressed/ControlData", 0, CONTROL_AT, CONTROL_BYTES);
	entry(p, "::DataSpace/Storage/MSCompressed/SpanInfo", 0, 0, 8);
	b[CHUNK_BYTES - 2] = 4; /* entries */
}

static void put_control(uint8_t *b, uint32_t window, uint32_t interval, uint32_t total)
{
	le32(b, total);
	b += CONTROL_AT;
	le32(b, 6);
	sign(b + 4, "LZXC");
	le32(b + 8, 1); /* version: sizes are in bytes */
	le32(b + 12, interval);
	le32(b + 16, window);
}

/* A stream of one stored block of @skip bytes, the reference at its end. */
static void put_reference(uint8_t *b, struct lzx_reference ref, uint32_t skip)
{
	uint32_t bits = 3u << 28 | skip << 4; /* no E8 translation (0), type 3 (3 bits), length (24 bits), filled up to words */
	b[0] = (uint8_t)(bits >> 16);
	b[1] = (uint8_t)(bits >> 24);
	b[2] = (uint8_t)bits;
	b[3] = (uint8_t)(bits >> 8);
	le32(b + 4, 1); /* R0, R1, R2 */
	le32(b + 8, 1);
	le32(b + 12, 1);
	memcpy(b + STORED_HEADER + skip - ref.size, ref.bytes, ref.size);
}

/* The container of @in; the output begins @skip bytes into its content. */
static struct memory container(const uint8_t *in, size_t size, uint32_t window, struct lzx_reference ref, uint32_t out_size)
{
	uint32_t frames = (ref.size > out_size ? ref.size : out_size) / FRAME + 1;
	uint32_t interval = frames * FRAME, skip = ref.size ? interval : 0, before = skip ? STORED_HEADER + skip : 0;
	struct memory m = { .size = CONTENT_AT + STREAM_AT + before + size };
	m.bytes = xcalloc(1, m.size);
	put_headers(m.bytes, (uint32_t)m.size);
	put_directory(m.bytes + CHUNK_AT, (uint32_t)(before + size), skip, out_size);
	put_control(m.bytes + CONTENT_AT, window, interval, skip + out_size);
	if (skip)
		put_reference(m.bytes + CONTENT_AT + STREAM_AT, ref, skip);
	memcpy(m.bytes + CONTENT_AT + STREAM_AT + before, in, size);
	return m;
}

/* ---- decompression --------------------------------------------------------------------------------------------------- */

bool lzx_window_is_good(uint32_t window)
{
	return window >= LZX_WINDOW_MIN && window <= LZX_WINDOW_MAX && !(window & (window - 1));
}

static const char *words(int error)
{
	switch (error) {
	case MSPACK_ERR_OK: return NULL;
	case MSPACK_ERR_READ: return "the LZX stream ends before the image is whole";
	case MSPACK_ERR_DECRUNCH: return "the LZX stream is damaged";
	default: return "libmspack cannot read the LZX stream";
	}
}

const char *lzx_decompress(
	const uint8_t *in, size_t size, uint32_t window, struct lzx_reference ref, uint8_t *out, uint32_t out_size)
{
	struct system s = {
		.base = { sys_open, sys_close, sys_read, sys_write, sys_seek, sys_tell, sys_message, sys_alloc, free, sys_copy,
			NULL },
		.in = container(in, size, window, ref, out_size),
		.out = { .bytes = out, .size = out_size },
	};
	struct mschm_decompressor *d = mspack_create_chm_decompressor(&s.base);
	struct mschmd_header *h = d ? d->open(d, "container") : NULL;
	int error = h && h->files ? d->extract(d, h->files, "output") : MSPACK_ERR_ARGS;
	if (h)
		d->close(d, h);
	mspack_destroy_chm_decompressor(d);
	free(s.in.bytes);
	return words(error);
}
