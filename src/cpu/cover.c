/* src/cpu/cover.c - see cover.h */
#include "config.h"

#include "src/cpu/cover.h"

#define ROW_WORDS 512u /* instructions per row: 2 KiB of code */

struct h_cover_bits {
	uint64_t bits[ROW_WORDS / 64];
};
ARENA_ROW_SIZE(h_cover_bits, 64);

struct h_cover_total {
	uint64_t words;
};
ARENA_ROW_SIZE(h_cover_total, 8);

void cover_init(struct cover *c, struct arena *history)
{
	c->history = history;
	c->t_bits = arena_table_add(history, "cover", sizeof(struct h_cover_bits), (UINT32_MAX >> 2) / ROW_WORDS + 2);
	c->t_total = arena_table_add(history, "cover.total", sizeof(struct h_cover_total), 2);
}

void cover_note(void *ctx, uint32_t ga, unsigned count)
{
	struct cover *c = ctx;
	for (uint32_t word = ga >> 2, end = word + count; word < end; word++) {
		struct h_cover_bits *row = arena_row(c->history, c->t_bits, word / ROW_WORDS + 1);
		uint64_t bit = UINT64_C(1) << word % 64, *bits = &row->bits[word % ROW_WORDS / 64];
		if (*bits & bit)
			continue;
		*bits |= bit;
		((struct h_cover_total *)arena_row(c->history, c->t_total, 1))->words++;
	}
}

bool cover_ran(const struct cover *c, uint32_t ga)
{
	uint32_t word = ga >> 2;
	const struct h_cover_bits *row = arena_peek(c->history, c->t_bits, word / ROW_WORDS + 1);
	return row->bits[word % ROW_WORDS / 64] >> word % 64 & 1;
}

uint64_t cover_total(const struct cover *c)
{
	return ((const struct h_cover_total *)arena_peek(c->history, c->t_total, 1))->words;
}
