/* ui/printed.c - see printed.h */
#include "config.h"

#include "ui/printed.h"

#include <stdlib.h>

void printed_add(struct printed *p, uint64_t seq, const char *text)
{
	while (p->count && p->line[p->count - 1].seq > seq)
		free(p->line[--p->count].text);
	if (p->count == PRINTED_MAX) {
		unsigned cut = PRINTED_MAX / 4;
		for (unsigned i = 0; i < cut; i++)
			free(p->line[i].text);
		memmove(p->line, p->line + cut, (p->count - cut) * sizeof *p->line);
		p->count -= cut;
		p->dropped += cut;
	}
	if (p->count == p->room)
		p->line = xrealloc(p->line, (p->room = p->room ? p->room * 2 : 64) * sizeof *p->line);
	p->line[p->count++] = (struct printed_line){ seq, xstrdup(text) };
}

void printed_fini(struct printed *p)
{
	for (unsigned i = 0; i < p->count; i++)
		free(p->line[i].text);
	free(p->line);
	*p = (struct printed){ 0 };
}
