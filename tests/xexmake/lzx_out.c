/* tests/xexmake/lzx_out.c - see lzx_out.h: the bit stream, blocks and matches; the trees are in lzx_tree.c. */
#include "config.h"

#include "tests/xexmake/lzx_out.h"

#include "tests/xexmake/lzx_tree.h"

#define MATCH_MIN 3u /* two bytes are worth it at the newest offsets only; simpler without */
#define MATCH_MAX 257u
/* The format allows offsets up to the window less 3; 7z 26.02 gets a byte wrong there, so we leave room for a match. */
#define FAR (3 + MATCH_MAX)
#define CHAIN_MAX 64u /* candidates looked at for a match */
#define HASH_BITS 15
#define SLOTS_MAX 50u
#define MAIN_MAX (256 + 8 * SLOTS_MAX)
#define LENGTHS 249u
#define BLOCK_FRAMES 4u

enum { TYPE_VERBATIM = 1, TYPE_UNCOMPRESSED = 3 };

/* A literal (length 0), or a match: its offset slot and the footer's bits. */
struct token {
	uint8_t literal, slot, footer_bits;
	uint16_t length;
	uint32_t footer;
};

struct packer {
	const uint8_t *plain; /* with the reference, which ends at @start */
	size_t start, size;
	unsigned slots, window;
	uint32_t r[3];             /* the newest offsets */
	uint32_t *head, *previous; /* chains of positions + 1 with the same hash */
	uint8_t main_length[MAIN_MAX], length_length[LENGTHS];
	struct bits bits;
	struct lzx *out;
};

static unsigned slots_of(unsigned window_bits)
{
	static const uint8_t slots[] = { 30, 32, 34, 36, 38, 42, 50 };
	INVARIANT(window_bits >= 15 && window_bits <= 21);
	return slots[window_bits - 15];
}

/* Where the frame ends that @at lies in. */
static size_t frame_end(const struct packer *p, size_t at)
{
	size_t end = p->start + ((at - p->start) / LZX_FRAME + 1) * LZX_FRAME;
	return end < p->size ? end : p->size;
}

/* ---- offsets ----------------------------------------------------------------------------------------------------------- */

static unsigned slot_bits(unsigned slot)
{
	return slot < 4 ? 0 : slot < 36 ? slot / 2 - 1 : 17;
}

/* The slot whose range holds a formatted offset. */
static void slot_find(uint32_t formatted, struct token *t)
{
	uint32_t base = 0;
	unsigned slot = 0;
	while (formatted >= base + (1u << slot_bits(slot)))
		base += 1u << slot_bits(slot++);
	t->slot = (uint8_t)slot;
	t->footer_bits = (uint8_t)slot_bits(slot);
	t->footer = formatted - base;
}

/* Encodes an offset with the three newest ones in mind. */
static void offset_encode(struct packer *p, uint32_t offset, struct token *t)
{
	for (unsigned i = 0; i < 3; i++) {
		if (p->r[i] != offset)
			continue;
		p->r[i] = p->r[0];
		p->r[0] = offset;
		slot_find(i, t);
		return;
	}
	p->r[2] = p->r[1];
	p->r[1] = p->r[0];
	p->r[0] = offset;
	slot_find(offset + 2, t);
}

/* ---- matches ------------------------------------------------------------------------------------------------------------ */

static uint32_t hash_at(const uint8_t *b)
{
	return ((uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2]) * 2654435761u >> (32 - HASH_BITS);
}

static unsigned common(const uint8_t *a, const uint8_t *b, unsigned max)
{
	unsigned n = 0;
	while (n < max && a[n] == b[n])
		n++;
	return n;
}

static void remember(struct packer *p, size_t at)
{
	if (p->size - at < MATCH_MIN)
		return;
	uint32_t *head = &p->head[hash_at(p->plain + at)];
	p->previous[at] = *head;
	*head = (uint32_t)at + 1;
}

/* The longest match at @at that ends before @end; its length, or 0. */
static unsigned match_find(const struct packer *p, size_t at, size_t end, uint32_t *offset)
{
	unsigned max = end - at < MATCH_MAX ? (unsigned)(end - at) : MATCH_MAX, best = 0;
	if (max < MATCH_MIN)
		return 0;
	uint32_t next = p->head[hash_at(p->plain + at)];
	for (unsigned left = CHAIN_MAX; next && left; left--, next = p->previous[next - 1]) {
		if (at - (next - 1) > p->window - FAR)
			break;
		unsigned n = common(p->plain + next - 1, p->plain + at, max);
		if (n > best) {
			best = n;
			*offset = (uint32_t)(at - (next - 1));
		}
	}
	return best >= MATCH_MIN ? best : 0;
}

/* Tokens of [at, end); a match never crosses a frame. Returns how many. */
static size_t tokens_make(struct packer *p, size_t at, size_t end, struct token *out)
{
	size_t n = 0;
	while (at < end) {
		size_t frame = frame_end(p, at);
		uint32_t offset = 0;
		struct token t = { .literal = p->plain[at],
			.length = (uint16_t)match_find(p, at, frame < end ? frame : end, &offset) };
		if (t.length)
			offset_encode(p, offset, &t);
		for (unsigned i = 0; i < (t.length ? t.length : 1u); i++)
			remember(p, at++);
		out[n++] = t;
	}
	return n;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------------- */

static unsigned main_symbol(const struct token *t)
{
	return t->length ? 256u + t->slot * 8u + (t->length < 9 ? t->length - 2u : 7u) : t->literal;
}

static void frame_ends(struct packer *p)
{
	bits_align(&p->bits);
	p->out->frame_end[p->out->frames++] = p->out->stream.size;
}

static void block_header(struct packer *p, unsigned type, size_t size)
{
	bits_put(&p->bits, type, 3);
	bits_put(&p->bits, (uint32_t)size >> 8, 16);
	bits_put(&p->bits, size & 0xff, 8);
}

static void tokens_put(struct packer *p, size_t at, const struct token *token, size_t n)
{
	struct code main[MAIN_MAX], length[LENGTHS];
	codes_make(p->main_length, 256 + 8 * p->slots, main);
	codes_make(p->length_length, LENGTHS, length);
	for (size_t i = 0; i < n; i++) {
		const struct token *t = &token[i];
		bits_put_code(&p->bits, main[main_symbol(t)]);
		if (t->length >= 9)
			bits_put_code(&p->bits, length[t->length - 9]);
		if (t->length) {
			bits_put(&p->bits, t->footer >> 8, t->footer_bits > 8 ? t->footer_bits - 8u : 0);
			bits_put(&p->bits, t->footer & 0xff, t->footer_bits > 8 ? 8 : t->footer_bits);
		}
		at += t->length ? t->length : 1;
		if (at == frame_end(p, at - 1))
			frame_ends(p);
	}
}

static void verbatim_block(struct packer *p, size_t at, size_t end)
{
	struct token *token = xmalloc((end - at) * sizeof *token);
	size_t n = tokens_make(p, at, end, token);
	uint32_t main_count[MAIN_MAX] = { 0 }, length_count[LENGTHS] = { 0 };
	uint8_t main_length[MAIN_MAX], length_length[LENGTHS];
	for (size_t i = 0; i < n; i++) {
		main_count[main_symbol(&token[i])]++;
		if (token[i].length >= 9)
			length_count[token[i].length - 9]++;
	}
	lengths_make(main_count, 256 + 8 * p->slots, 16, true, main_length);
	lengths_make(length_count, LENGTHS, 16, false, length_length);
	block_header(p, TYPE_VERBATIM, end - at);
	lengths_put(&p->bits, p->main_length, main_length, 256);
	lengths_put(&p->bits, p->main_length + 256, main_length + 256, 8 * p->slots);
	lengths_put(&p->bits, p->length_length, length_length, LENGTHS);
	tokens_put(p, at, token, n);
	free(token);
}

/* Between 1 and 16 bits up to a word, the newest offsets, the bytes, and one more if they are odd in number. */
static void uncompressed_block(struct packer *p, size_t at, size_t end)
{
	block_header(p, TYPE_UNCOMPRESSED, end - at);
	bits_put(&p->bits, 0, 1);
	bits_align(&p->bits);
	for (unsigned i = 0; i < 3; i++)
		bytes_le32(&p->out->stream, p->r[i]);
	for (size_t frame; at < end; at = frame) {
		frame = frame_end(p, at) < end ? frame_end(p, at) : end;
		for (size_t i = at; i < frame; i++)
			remember(p, i);
		bytes_add(&p->out->stream, p->plain + at, frame - at);
		bytes_align(&p->out->stream, 2);
		if (frame == frame_end(p, at))
			frame_ends(p);
	}
}

void lzx_compress(
	const uint8_t *plain, size_t size, size_t reference, unsigned window_bits, enum lzx_blocks blocks, struct lzx *out)
{
	struct packer *p = xcalloc(1, sizeof *p);
	size_t all = reference + size;
	*out = (struct lzx){ .frame_end = xcalloc(size / LZX_FRAME + 1, sizeof(size_t)) };
	*p = (struct packer){ .plain = plain - reference,
		.start = reference,
		.size = all,
		.slots = slots_of(window_bits),
		.window = 1u << window_bits,
		.r = { 1, 1, 1 },
		.bits.out = &out->stream,
		.out = out };
	p->head = xcalloc(1u << HASH_BITS, sizeof *p->head);
	p->previous = xcalloc(all + 1, sizeof *p->previous);
	for (size_t at = 0; at < reference; at++)
		remember(p, at);
	bits_put(&p->bits, 0, 1); /* no E8 translation */
	for (size_t at = reference, end, n = 0; at < all; at = end, n++) {
		size_t frames = blocks == LZX_MIXED ? 1 + n % 3 : BLOCK_FRAMES;
		end = all - at < frames * LZX_FRAME ? all : at + frames * LZX_FRAME;
		if (blocks == LZX_STORED || (blocks == LZX_MIXED && n % 2))
			uncompressed_block(p, at, end);
		else
			verbatim_block(p, at, end);
	}
	free(p->previous);
	free(p->head);
	free(p);
}

void lzx_free(struct lzx *z)
{
	bytes_free(&z->stream);
	free(z->frame_end);
	*z = (struct lzx){ 0 };
}
