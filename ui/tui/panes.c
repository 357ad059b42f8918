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

/* The row of the selected object, or of the present: where the cursor begins. */
static int line_of_object(const struct view *v, uint32_t id)
{
	const struct table *t = &v->table[0].t;
	unsigned c = 0;
	while (c < t->def->column_count && t->def->columns[c].type != COL_OBJECT)
		c++;
	for (unsigned i = 0; c < t->def->column_count && id && i < v->lines; i++)
		if (v->line[i].kind == LINE_ROW && table_cell(t, v->line[i].row, c)->v == id)
			return (int)i;
	return -1;
}

static void make_of_object(struct view *v, const struct pane_def *d, const struct pane_ask *a)
{
	if (!a->object_id)
		view_text(v, ROLE_DIM, "no object is selected: stand on a thread, a handle, an object");
	else if (!a->query.object)
		view_text(v, ROLE_DIM, "the object is not there at this moment");
	else
		view_table(v, (enum table_id)d->table, &a->query, d->columns, d->keys);
	if (v->tables)
		snprintf(v->title, sizeof v->title, "%u of @%u", v->table[0].t.rows, a->object_id);
}

void pane_make(struct view *v, unsigned pane, const struct pane_ask *a)
{
	const struct pane_def *d = &pane_defs[pane];
	if (d->make) {
		d->make(v, a);
		return;
	}
	if (d->depends == ON_OBJECT) {
		make_of_object(v, d, a);
		return;
	}
	view_table(v, (enum table_id)d->table, &a->query, d->columns, d->keys);
	v->at_line = pane == PANE_events ? (int)v->lines - 1 : line_of_object(v, a->object_id);
	if (v->table[0].t.rows && !(v->table[0].t.def->flags & TABLE_RECORD))
		snprintf(v->title, sizeof v->title, "%u", v->table[0].t.rows);
}
