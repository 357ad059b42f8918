/* ui/tui/panes.c - see panes.h; the makers are in pane_*.c. */
#include "config.h"

#include "ui/tui/panes.h"

const struct pane_def pane_defs[PANES] = {
#define TABLE_PANE(name, letter, title, table, depends, columns, keys, odd, open, help) \
	{ #name, title, help, letter, TABLE_##table, NULL, depends, columns, keys, odd, open },
#define PANE(name, letter, title, depends, columns, keys, odd, open, help) \
	{ #name, title, help, letter, -1, pane_##name, depends, columns, keys, odd, open },
#include "ui/tui/panes.def"
#undef PANE
#undef TABLE_PANE
};

static enum status not_found(const char *word, bool several, struct err *err)
{
	char names[400] = "";
	for (unsigned i = 0; i < PANES; i++) {
		size_t n = strlen(names);
		if (!several || !strncmp(pane_defs[i].name, word, strlen(word)))
			snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "", pane_defs[i].name);
	}
	if (several)
		return err_set(err, ST_AMBIGUOUS, "'%.40s' is the beginning of several panes: %s", word, names);
	return err_set(err, ST_NOT_FOUND, "there is no pane '%.40s'; there are: %s", word, names);
}

enum status pane_find(const char *word, int *pane, struct err *err)
{
	unsigned found = 0;
	for (unsigned i = 0; i < PANES; i++)
		if (!strcmp(pane_defs[i].name, word)) {
			*pane = (int)i;
			return ST_OK;
		}
	for (unsigned i = 0; i < PANES; i++)
		if (*word && !strncmp(pane_defs[i].name, word, strlen(word))) {
			*pane = (int)i;
			found++;
		}
	return found == 1 ? ST_OK : not_found(word, found > 1, err);
}

int pane_by_letter(uint32_t letter)
{
	for (unsigned i = 0; i < PANES; i++)
		if ((uint32_t)pane_defs[i].letter == letter)
			return (int)i;
	return -1;
}

void pane_make(struct view *v, unsigned pane, const struct pane_ask *a)
{
	const struct pane_def *d = &pane_defs[pane];
	if (d->make) {
		d->make(v, a);
		return;
	}
	view_table(v, (enum table_id)d->table, &a->query, d->columns, d->keys);
	if (v->table[0].t.rows && !(v->table[0].t.def->flags & TABLE_RECORD))
		snprintf(v->title, sizeof v->title, "%u", v->table[0].t.rows);
}
