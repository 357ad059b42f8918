/* ui/tui/filter.c - see filter.h */
#include "config.h"

#include "ui/tui/filter.h"

#include <ctype.h>
#include <stdlib.h>

#define FILTER_WORDS 16u

enum relation { CONTAINS, NOT_CONTAINS, EQUAL, NOT_EQUAL, LESS, AT_MOST, GREATER, AT_LEAST, IN_LINE };

struct word {
	enum relation relation;
	bool not, begins; /* begins: the first one of an alternative */
	char column[32], value[64];
	uint64_t number;
	bool is_number;
};

struct filter {
	unsigned count;
	struct word word[FILTER_WORDS];
};

bool text_contains(const char *text, const char *part)
{
	for (; *text || !*part; text++) {
		size_t i = 0;
		while (part[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *sign;
	enum relation relation;
} relations[] = { { "!~", NOT_CONTAINS }, { "!=", NOT_EQUAL }, { "<=", AT_MOST }, { ">=", AT_LEAST }, { "~", CONTAINS },
	{ "=", EQUAL }, { "<", LESS }, { ">", GREATER } };

static bool number_of(const char *text, uint64_t *v)
{
	char digits[32], *end;
	size_t n = 0;
	if (*text == '@' || *text == '#')
		text++;
	for (; *text && n + 1 < sizeof digits; text++)
		if (*text != ',')
			digits[n++] = *text;
	digits[n] = 0;
	*v = strtoull(digits, &end, 0);
	return n && !*end && isdigit((unsigned char)digits[0]);
}

static enum status read_word(struct word *w, const char *text, struct err *err)
{
	size_t column;
	if (*text == '!') {
		w->not = true;
		text++;
	}
	column = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
	w->relation = IN_LINE;
	snprintf(w->value, sizeof w->value, "%s", text);
	for (unsigned i = 0; column && column < sizeof w->column && i < ARRAY_LEN(relations); i++) {
		size_t n = strlen(relations[i].sign);
		if (strncmp(text + column, relations[i].sign, n) != 0)
			continue;
		w->relation = relations[i].relation;
		snprintf(w->column, sizeof w->column, "%.*s", (int)column, text);
		snprintf(w->value, sizeof w->value, "%s", text + column + n);
		break;
	}
	w->is_number = number_of(w->value, &w->number);
	if (!*w->value)
		return err_set(err, ST_BAD_USAGE, "'%.40s': a value is missing", text);
	if (w->relation >= LESS && w->relation <= AT_LEAST && !w->is_number)
		return err_set(err, ST_BAD_USAGE, "'%.40s' is no number", w->value);
	return ST_OK;
}

enum status filter_compile(const char *text, struct filter **out, struct err *err)
{
	struct filter *f = xcalloc(1, sizeof *f);
	char *copy = xstrdup(text), *save = NULL;
	enum status st = ST_OK;
	bool begins = true;
	for (char *p = strtok_r(copy, " \t", &save); p && st == ST_OK; p = strtok_r(NULL, " \t", &save)) {
		if (!strcmp(p, "|")) {
			if (begins)
				st = err_set(err, ST_BAD_USAGE, "nothing stands before the |");
			begins = true;
		} else if (f->count == FILTER_WORDS) {
			st = err_set(err, ST_BAD_USAGE, "a filter has at most %u words", FILTER_WORDS);
		} else {
			f->word[f->count].begins = begins;
			st = read_word(&f->word[f->count++], p, err);
			begins = false;
		}
	}
	if (st == ST_OK && begins && f->count)
		st = err_set(err, ST_BAD_USAGE, "nothing stands behind the |");
	free(copy);
	if (st == ST_OK)
		*out = f;
	else
		free(f);
	return st;
}

void filter_free(struct filter *f)
{
	free(f);
}

/* ---- holding --------------------------------------------------------------------------------------------------------- */

static bool is_decimal(enum column_type type)
{
	return type == COL_U64 || type == COL_S64 || type == COL_CYCLES || type == COL_OBJECT;
}

static bool compare(enum relation r, int order)
{
	switch (r) {
	case EQUAL: return order == 0;
	case NOT_EQUAL: return order != 0;
	case LESS: return order < 0;
	case AT_MOST: return order <= 0;
	case GREATER: return order > 0;
	default: return order >= 0;
	}
}

static bool cell_holds(const struct word *w, const struct table *t, unsigned row, unsigned column)
{
	char text[CELL_TEXT];
	const struct cell *c = table_cell(t, row, column);
	if (w->relation != CONTAINS && w->relation != NOT_CONTAINS && w->is_number && is_decimal(t->def->columns[column].type)) {
		bool is_signed = t->def->columns[column].type == COL_S64;
		int order = is_signed ? ((int64_t)c->v > (int64_t)w->number) - ((int64_t)c->v < (int64_t)w->number)
				      : (c->v > w->number) - (c->v < w->number);
		return !c->none && compare(w->relation, order);
	}
	cell_text(t, row, column, text, sizeof text);
	if (w->relation == CONTAINS || w->relation == NOT_CONTAINS)
		return text_contains(text, w->value) == (w->relation == CONTAINS);
	if (w->relation == EQUAL || w->relation == NOT_EQUAL)
		return !strcasecmp(text, w->value) == (w->relation == EQUAL);
	return !c->none && compare(w->relation, (c->v > w->number) - (c->v < w->number));
}

static bool word_holds(const struct word *w, const struct view *v, unsigned line)
{
	const struct view_line *l = &v->line[line];
	char text[2 * CELL_TEXT];
	if (w->relation == IN_LINE) {
		view_line_text(v, line, text, sizeof text);
		return text_contains(text, w->value) != w->not ;
	}
	if (l->kind != LINE_ROW)
		return false;
	int column = column_find(v->table[l->table].t.def, w->column, strlen(w->column));
	return column >= 0 && cell_holds(w, &v->table[l->table].t, l->row, (unsigned)column) != w->not ;
}

bool filter_holds(const struct filter *f, const struct view *v, unsigned line)
{
	bool holds = true;
	if (!f->count || v->line[line].kind == LINE_TITLES)
		return true;
	for (unsigned i = 0; i < f->count; i++) {
		if (f->word[i].begins && i && holds)
			return true;
		holds = (holds || f->word[i].begins) && word_holds(&f->word[i], v, line);
	}
	return holds;
}
