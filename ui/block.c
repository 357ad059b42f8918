/* ui/block.c - see block.h */
#include "config.h"

#include "ui/block.h"

#include <stdlib.h>

struct block *block_new(const char *from)
{
	struct block *b = xcalloc(1, sizeof *b);
	b->references = 1;
	b->from = xstrdup(from);
	return b;
}

struct block *block_get(struct block *b)
{
	b->references++;
	return b;
}

void block_put(struct block *b)
{
	if (!b || --b->references)
		return;
	for (unsigned i = 0; i < b->count; i++)
		free(b->line[i]);
	free(b->line);
	free(b->number);
	free(b->from);
	free(b);
}

void block_add(struct block *b, const char *line, unsigned number)
{
	if (b->count == b->room) {
		b->room = b->room ? 2 * b->room : 8;
		b->line = xrealloc(b->line, b->room * sizeof *b->line);
		b->number = xrealloc(b->number, b->room * sizeof *b->number);
	}
	b->line[b->count] = xstrdup(line);
	b->number[b->count++] = number;
}
