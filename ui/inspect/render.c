/* ui/inspect/render.c - a table as aligned text or as one line of JSON. Knows cells and columns, nothing of what they mean. */
#include "config.h"

#include "ui/inspect/table.h"

#include <stdlib.h>

#include "ui/json.h"
#include "ui/out.h"

static bool right_aligned(enum column_type type)
{
	return type == COL_U64 || type == COL_S64 || type == COL_CYCLES;
}

#define LIST_WIDTH 32u                /* of a list of words between other columns */

/* A cell as it stands between others: a long list is cut at a word, and the words left out are counted. */
static size_t short_text(const struct table *t, unsigned row, unsigned column, char *buf, size_t size)
{
	size_t n = cell_text(t, row, column, buf, size);
	unsigned left_out = 0;
	if (t->def->columns[column].type != COL_WORDS || t->def->flags & TABLE_BARE || n <= LIST_WIDTH)
		return n;
	size_t cut = LIST_WIDTH - 4;
	while (cut && buf[cut] != ' ')
		cut--;
	for (size_t i = cut; i < n; i++)
		left_out += buf[i] == ' ';
	return cut + (size_t)snprintf(buf + cut, size - cut, " +%u", left_out);
}

static unsigned *column_widths(const struct table *t)
{
	char buf[CELL_TEXT];
	unsigned *width = xcalloc(t->def->column_count, sizeof *width);
	for (unsigned c = 0; c < t->def->column_count; c++) {
		width[c] = t->def->columns[c].type == COL_MARK ? 1 : t->def->columns[c].width;
		if (!t->def->columns[c].title)
			continue;
		if (!(t->def->flags & TABLE_BARE) && text_columns(t->def->columns[c].title) > width[c])
			width[c] = (unsigned)text_columns(t->def->columns[c].title);
		for (unsigned r = 0; r < t->rows; r++) {
			size_t n = short_text(t, r, c, buf, sizeof buf);
			if (n > width[c])
				width[c] = (unsigned)n;
		}
	}
	return width;
}

static void pad(struct out *o, size_t n)
{
	static const char blanks[] = "                                ";
	for (; n; n -= n < sizeof blanks ? n : sizeof blanks - 1)
		fwrite(blanks, 1, n < sizeof blanks ? n : sizeof blanks - 1, o->file);
}

/* One field, padded unless it ends the line. @used: its columns. */
static void field(struct out *o, const char *text, size_t used, unsigned width, bool right, bool last)
{
	size_t rest = used < width ? width - used : 0;
	if (right)
		pad(o, rest);
	fputs(text, o->file);
	if (!last)
		pad(o, 2 + (right ? 0 : rest));
}

/* Columns in the order of the text form: marks first, where the eye looks for them. */
static unsigned *column_order(const struct table_def *d, unsigned *count)
{
	unsigned *order = xcalloc(d->column_count, sizeof *order), n = 0;
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned c = 0; c < d->column_count; c++)
			if (d->columns[c].title && (d->columns[c].type == COL_MARK) == (pass == 0))
				order[n++] = c;
	*count = n;
	return order;
}

/* The last place with something in it: blanks at a line's end would make saved output hard to keep. */
static unsigned last_place(const struct table *t, const unsigned *order, unsigned count, unsigned row)
{
	char buf[CELL_TEXT];
	unsigned last = count - 1;
	while (last && cell_text(t, row, order[last], buf, sizeof buf) == 0)
		last--;
	return last;
}

static void print_titles(const struct table *t, struct out *o, const unsigned *order, unsigned count, const unsigned *width)
{
	out_printf(o, "%s", out_style(o, STYLE_BOLD));
	for (unsigned i = 0; i < count; i++) {
		const struct column *col = &t->def->columns[order[i]];
		field(o, col->title, text_columns(col->title), width[order[i]], right_aligned(col->type), i + 1 == count);
	}
	out_printf(o, "%s\n", out_style(o, STYLE_PLAIN));
}

static void print_rows(const struct table *t, struct out *o)
{
	char buf[CELL_TEXT];
	unsigned count, *width = column_widths(t), *order = column_order(t->def, &count);
	if (!(t->def->flags & TABLE_BARE))
		print_titles(t, o, order, count, width);
	for (unsigned r = 0; r < t->rows; r++) {
		unsigned last = last_place(t, order, count, r);
		for (unsigned i = 0; i <= last; i++) {
			unsigned c = order[i];
			size_t n = short_text(t, r, c, buf, sizeof buf);
			field(o, buf, n, width[c], right_aligned(t->def->columns[c].type), i == last);
		}
		fputc('\n', o->file);
	}
	free(width);
	free(order);
}

static void print_record(const struct table *t, struct out *o)
{
	char buf[CELL_TEXT];
	unsigned width = 0;
	for (unsigned c = 0; c < t->def->column_count; c++)
		if (text_columns(t->def->columns[c].title) > width)
			width = (unsigned)text_columns(t->def->columns[c].title);
	for (unsigned r = 0; r < t->rows; r++)
		for (unsigned c = 0; c < t->def->column_count; c++) {
			const char *title = t->def->columns[c].title;
			cell_text(t, r, c, buf, sizeof buf);
			out_printf(o, "%s%s%s%*s  %s\n", out_style(o, STYLE_BOLD), title, out_style(o, STYLE_PLAIN),
			           (int)(width - text_columns(title)), "", buf);
		}
}

static void json_words(struct json *j, const char *words)
{
	char *copy = xstrdup(words), *save = NULL;
	json_open(j, '[');
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		json_str(j, w);
	json_close(j, ']');
	free(copy);
}

static void json_symbol(struct json *j, const struct table *t, const struct column *col, const struct cell *c)
{
	char key[64];
	if (c->none)
		json_null(j);
	else
		json_strf(j, "%08llx", (unsigned long long)c->v);
	snprintf(key, sizeof key, "%s_symbol", col->key);
	json_put_opt(j, key, c->none ? NULL : table_text(t, c));
}

static void json_cell(struct json *j, const struct table *t, const struct column *col, const struct cell *c)
{
	unsigned long long v = c->v;
	json_key(j, col->key);
	if (col->type == COL_SYMBOL) {
		json_symbol(j, t, col, c);
		return;
	}
	if (c->none) {
		json_null(j);
		return;
	}
	switch (col->type) {
	case COL_U64: case COL_CYCLES: case COL_OBJECT: json_u64(j, v); break;
	case COL_S64: json_s64(j, (int64_t)v); break;
	case COL_HEX: json_strf(j, "%0*llx", column_digits(col, v), v); break;
	case COL_HEX64: json_strf(j, "%016llx", v); break;
	case COL_HANDLE: json_strf(j, c->aux && !c->apart ? "%llx#%u" : "%llx", v, c->aux); break;
	case COL_STR: json_str(j, table_text(t, c)); break;
	case COL_WORDS: json_words(j, table_text(t, c)); break;
	case COL_BOOL: case COL_MARK: json_bool(j, v != 0); break;
	case COL_SYMBOL: break;
	}
}

static void print_json(const struct table *t, struct out *o)
{
	struct json j;
	json_init(&j, o->file);
	json_open(&j, '{');
	json_put_str(&j, "table", t->def->name);
	json_key(&j, "rows");
	json_open(&j, '[');
	for (unsigned r = 0; r < t->rows; r++) {
		json_open(&j, '{');
		for (unsigned c = 0; c < t->def->column_count; c++)
			json_cell(&j, t, &t->def->columns[c], table_cell(t, r, c));
		json_close(&j, '}');
	}
	json_close(&j, ']');
	if (t->note[0])
		json_put_str(&j, "note", t->note);
	json_close(&j, '}');
	fputc('\n', o->file);
}

void table_print(const struct table *t, struct out *o)
{
	if (o->json) {
		print_json(t, o);
		return;
	}
	if (!t->rows)
		out_printf(o, "no %s\n", t->def->name);
	else if (t->def->flags & TABLE_RECORD)
		print_record(t, o);
	else
		print_rows(t, o);
	if (t->note[0]) {
		char note[4 * sizeof t->note];
		visible_text(note, sizeof note, t->note);
		out_printf(o, "(%s)\n", note);
	}
}
