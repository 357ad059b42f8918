/* ui/inspect/fill_found.c - the table of the places where bytes lie in guest memory. */
#include "config.h"

#include <stdlib.h>

#include "ui/inspect/inspect.h"

#define ROWS_MAX 1000u
#define CARRY 256u /* a pattern's bytes at most: what lies across two pages is found too */

static bool readable(const struct mem *m, uint32_t page, uint8_t *bytes)
{
	uint32_t ga = page << MEM_PAGE_SHIFT;
	const struct mem_page *p = mem_canonical(ga) == ga ? mem_page_at(m, ga) : NULL;
	return p && p->state == MEM_COMMITTED && mem_peek(m, ga, bytes, MEM_PAGE) == MEM_OK;
}

/* From q->ga to q->value, both included. */
void fill_found(struct table *t, const struct query *q)
{
	const struct mem *m = &q->machine->mem;
	unsigned size = q->pattern_size;
	uint8_t *bytes = xmalloc(CARRY + MEM_PAGE);
	unsigned carried = 0; /* bytes of the page before, in front */
	uint64_t more = 0;
	for (uint64_t page = q->ga >> MEM_PAGE_SHIFT; page <= q->value >> MEM_PAGE_SHIFT; page++) {
		uint32_t ga = (uint32_t)page << MEM_PAGE_SHIFT;
		if (!readable(m, (uint32_t)page, bytes + carried)) {
			carried = 0;
			continue;
		}
		unsigned have = carried + MEM_PAGE;
		for (uint8_t *p = bytes; (p = memmem(p, have - (size_t)(p - bytes), q->pattern, size)); p++) {
			uint32_t at = ga - carried + (uint32_t)(p - bytes);
			if (at < q->ga || at > q->value)
				continue;
			if (t->rows < ROWS_MAX)
				put_code(t, q->machine, at);
			else
				more++;
		}
		carried = size - 1;
		memmove(bytes, bytes + have - carried, carried);
	}
	if (more)
		table_note(t, "and at %llu more places", (unsigned long long)more);
	else if (!t->rows)
		table_note(t, "nowhere");
	free(bytes);
}
