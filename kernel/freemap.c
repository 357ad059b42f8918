/* kernel/freemap.c - see freemap.h. A bit of level 0 is a row; a bit of each further level says that a word of the level below is not 0. */
#include "config.h"

#include "kernel/freemap.h"

#include "kernel/rows.h"

#define LEVELS 4u
#define WORD_BITS 6u

/* Table rows of the levels: 1, then 16, 1024 and 65536 words. */
static const uint32_t first[LEVELS] = { 1042, 18, 2, 1 };
_Static_assert(SLOTS_MAX == 1u << 22, "level 0 has 65536 words");

void freemap_layout(struct machine *m)
{
	m->t_slot_free = arena_table_add(&m->world, "slot.free", sizeof(struct w_free_word), first[0] + SLOTS_MAX / 64);
}

static uint64_t word_peek(const struct machine *m, unsigned level, uint32_t word)
{
	const struct w_free_word *w = arena_peek(&m->world, m->t_slot_free, first[level] + word);
	return w->bits;
}

static struct w_free_word *word_row(struct machine *m, unsigned level, uint32_t word)
{
	arena_cover(&m->world, m->t_slot_free, first[level] + word);
	return arena_row(&m->world, m->t_slot_free, first[level] + word);
}

void freemap_add(struct machine *m, uint32_t row)
{
	for (unsigned level = 0; level < LEVELS; level++, row >>= WORD_BITS)
		word_row(m, level, row >> WORD_BITS)->bits |= UINT64_C(1) << (row & 63);
}

void freemap_remove(struct machine *m, uint32_t row)
{
	for (unsigned level = 0; level < LEVELS; level++, row >>= WORD_BITS) {
		struct w_free_word *w = word_row(m, level, row >> WORD_BITS);
		w->bits &= ~(UINT64_C(1) << (row & 63));
		if (w->bits)
			return;
	}
}

uint32_t freemap_lowest(const struct machine *m)
{
	uint32_t at = 0;
	for (unsigned level = LEVELS; level-- > 0;) {
		uint64_t bits = word_peek(m, level, at);
		if (!bits)
			return 0;
		at = at << WORD_BITS | (uint32_t)__builtin_ctzll(bits);
	}
	return at;
}
