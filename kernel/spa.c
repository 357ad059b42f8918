/* kernel/spa.c - see spa.h */
#include "config.h"

#include "kernel/spa.h"

#include <stdio.h>
#include <strings.h>

#include "kernel/xam.h"
#include "src/load/image.h"
#include "src/load/xex.h"

#define HEADER_BYTES 24u
#define ENTRY_BYTES 18u
#define FREE_BYTES 8u
#define SECTION_TABLES 1u
#define SECTION_TEXTS 3u
#define ID_ACHIEVEMENTS 0x58414348u /* XACH */
#define ID_TEXTS 0x58535452u        /* XSTR: what a language's table begins with */
#define LANGUAGE_ENGLISH 1u
#define TABLE_HEADER_BYTES 14u /* magic, version, size, and how many */
#define ACHIEVEMENT_BYTES 0x24u

/* A part of guest memory. */
struct part {
	uint32_t ga, size;
};

static uint32_t read_bytes(const struct machine *m, const struct part *p, uint32_t at, unsigned n)
{
	uint8_t b[4] = { 0 };
	uint32_t v = 0;
	if (at > p->size || n > p->size - at || mem_peek(&m->mem, p->ga + at, b, n) != MEM_OK)
		return 0;
	for (unsigned i = 0; i < n; i++)
		v = v << 8 | b[i];
	return v;
}

static bool resource(const struct machine *m, struct part *out)
{
	char name[9];
	const struct xex *x = m->image->xex;
	snprintf(name, sizeof name, "%08X", xam_title_id(m));
	for (unsigned i = 0; x && i < x->resources; i++)
		if (!strcasecmp(x->resource[i].name, name)) {
			*out = (struct part){ x->resource[i].ga, x->resource[i].size };
			return read_bytes(m, out, 0, 4) == 0x58444246; /* XDBF */
		}
	return false;
}

/* The data of entry @id of @section, which begins with @magic. */
static bool table(const struct machine *m, uint32_t section, uint32_t id, uint32_t magic, struct part *out)
{
	struct part spa;
	if (!resource(m, &spa))
		return false;
	uint32_t room = read_bytes(m, &spa, 8, 4), count = read_bytes(m, &spa, 12, 4), free_room = read_bytes(m, &spa, 16, 4);
	uint64_t data = HEADER_BYTES + (uint64_t)room * ENTRY_BYTES + (uint64_t)free_room * FREE_BYTES;
	for (uint32_t i = 0; i < count && (uint64_t)(i + 1) * ENTRY_BYTES <= spa.size; i++) {
		uint32_t at = HEADER_BYTES + i * ENTRY_BYTES;
		if (read_bytes(m, &spa, at, 2) != section || read_bytes(m, &spa, at + 2, 4) ||
			read_bytes(m, &spa, at + 6, 4) != id)
			continue;
		uint64_t from = data + read_bytes(m, &spa, at + 10, 4), size = read_bytes(m, &spa, at + 14, 4);
		if (from > spa.size || size > spa.size - from)
			return false;
		*out = (struct part){ spa.ga + (uint32_t)from, (uint32_t)size };
		return read_bytes(m, out, 0, 4) == magic;
	}
	return false;
}

bool spa_achievement(const struct machine *m, uint32_t i, struct spa_achievement *out)
{
	struct part p;
	if (!table(m, SECTION_TABLES, ID_ACHIEVEMENTS, ID_ACHIEVEMENTS, &p) || i >= read_bytes(m, &p, 12, 2))
		return false;
	uint32_t at = TABLE_HEADER_BYTES + i * ACHIEVEMENT_BYTES;
	*out = (struct spa_achievement){ .id = read_bytes(m, &p, at, 2),
		.label = read_bytes(m, &p, at + 2, 2),
		.description = read_bytes(m, &p, at + 4, 2),
		.unachieved = read_bytes(m, &p, at + 6, 2),
		.image_id = read_bytes(m, &p, at + 8, 4),
		.gamerscore = read_bytes(m, &p, at + 12, 2),
		.flags = read_bytes(m, &p, at + 16, 4) };
	return at + ACHIEVEMENT_BYTES <= p.size;
}

/* UTF-8 of at most @n bytes at @at; what is none is left out. */
static unsigned decode(const struct machine *m, const struct part *p, uint32_t at, uint32_t n, uint16_t text[SPA_TEXT_MAX + 1])
{
	unsigned length = 0, more = 0;
	uint32_t c = 0;
	for (uint32_t i = 0; i < n && length < SPA_TEXT_MAX; i++) {
		uint32_t b = read_bytes(m, p, at + i, 1);
		if ((b & 0xC0) == 0x80) {
			c = c << 6 | (b & 0x3F);
			more -= more != 0;
		} else {
			more = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : b >= 0xC0 ? 1 : 0;
			c = more ? b & (0x3Fu >> more) : b;
		}
		if (!more && c && c < 0x10000)
			text[length++] = (uint16_t)c;
	}
	text[length] = 0;
	return length;
}

unsigned spa_text(const struct machine *m, uint32_t id, uint16_t text[SPA_TEXT_MAX + 1])
{
	struct part p;
	text[0] = 0;
	if (!table(m, SECTION_TEXTS, LANGUAGE_ENGLISH, ID_TEXTS, &p))
		return 0;
	uint32_t count = read_bytes(m, &p, 12, 2), at = TABLE_HEADER_BYTES;
	for (uint32_t i = 0; i < count && at + 4 <= p.size; i++) {
		uint32_t size = read_bytes(m, &p, at + 2, 2);
		if (read_bytes(m, &p, at, 2) == id)
			return decode(m, &p, at + 4, size, text);
		at += 4 + size;
	}
	return 0;
}
