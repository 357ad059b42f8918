/* ui/tui/layout.c - see layout.h */
#include "config.h"

#include "ui/tui/layout.h"

#include <ctype.h>
#include <stdlib.h>

#include "ui/tui/panes.h"

#define LEAST_ROWS 2u
#define LEAST_COLS 12u
#define LARGE_ROWS 40u
#define LARGE_COLS 120u

static const struct {
	const char *name, *help, *small, *large;
} builtins[] = {
#define LAYOUT(name, help, small, large) { #name, help, small, large },
#include "ui/tui/layouts.def"
#undef LAYOUT
};

const char *layout_builtin(unsigned i, const char **help)
{
	if (i >= ARRAY_LEN(builtins))
		return NULL;
	*help = builtins[i].help;
	return builtins[i].name;
}

const char *layout_builtin_spec(unsigned i, unsigned rows, unsigned cols)
{
	return rows >= LARGE_ROWS && cols >= LARGE_COLS ? builtins[i].large : builtins[i].small;
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static bool read_share(const char *text, uint8_t *share)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);
	*share = (uint8_t)n;
	return isdigit((unsigned char)*text) && !*end && n >= 1 && n <= LAYOUT_SHARE_MAX;
}

static enum status read_pane(struct layout *l, char *word, struct err *err)
{
	char *colon = strchr(word, ':');
	struct layout_cell c = { .share = 1, .row = (uint8_t)(l->rows - 1) };
	if (colon)
		*colon = 0;
	if (l->count == LAYOUT_PANES)
		return err_set(err, ST_BAD_USAGE, "a layout has at most %u panes", LAYOUT_PANES);
	if (colon && !read_share(colon + 1, &c.share))
		return err_set(err, ST_BAD_USAGE, "'%.20s' is no share: 1 to %u", colon + 1, LAYOUT_SHARE_MAX);
	int pane;
	enum status st = pane_find(word, &pane, err);
	if (st != ST_OK)
		return st;
	c.pane = (uint8_t)pane;
	for (unsigned i = 0; i < l->count; i++)
		if (l->cell[i].pane == c.pane)
			return err_set(err, ST_BAD_USAGE, "the pane %s is there twice", pane_defs[pane].name);
	l->cell[l->count++] = c;
	return ST_OK;
}

static enum status begin_row(struct layout *l, struct err *err)
{
	if (l->rows && (!l->count || l->cell[l->count - 1].row != l->rows - 1))
		return err_set(err, ST_BAD_USAGE, "a row has no pane");
	if (l->rows == LAYOUT_PANES)
		return err_set(err, ST_BAD_USAGE, "a layout has at most %u rows", LAYOUT_PANES);
	l->share[l->rows++] = 1;
	return ST_OK;
}

enum status layout_parse(struct layout *l, const char *spec, struct err *err)
{
	struct layout read = { 0 };
	char *copy = xstrdup(spec), *save = NULL;
	bool row_begins = true;
	enum status st = begin_row(&read, err);
	memcpy(read.name, l->name, sizeof read.name);
	for (char *w = strtok_r(copy, " \t", &save); w && st == ST_OK; w = strtok_r(NULL, " \t", &save)) {
		uint8_t share;
		if (!strcmp(w, "/")) {
			st = begin_row(&read, err);
			row_begins = true;
		} else if (row_begins && read_share(w, &share)) {
			read.share[read.rows - 1] = share;
			row_begins = false;
		} else {
			st = read_pane(&read, w, err);
			row_begins = false;
		}
	}
	free(copy);
	if (st == ST_OK && (!read.count || read.cell[read.count - 1].row != read.rows - 1))
		st = err_set(err, ST_BAD_USAGE, "a row has no pane: \"3 threads:3 object:2 / 2 timeline / command\"");
	if (st == ST_OK)
		*l = read;
	return st;
}

const char *layout_text(const struct layout *l, char *buf, size_t size)
{
	size_t n = 0;
	buf[0] = 0;
	for (unsigned i = 0; i < l->count && n + 48 < size; i++) {
		const struct layout_cell *c = &l->cell[i];
		if (!i || c->row != c[-1].row)
			n += (size_t)snprintf(buf + n, size - n, "%s%u", i ? " / " : "", l->share[c->row]);
		n += (size_t)snprintf(buf + n, size - n, c->share == 1 ? " %s" : " %s:%u", pane_defs[c->pane].name, c->share);
	}
	return buf;
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

/* Parts @total among @n shares, each at least @least; those of them that find no room (the last ones, but not @keep) get 0. */
static void part(const uint8_t *share, unsigned n, unsigned total, unsigned least, unsigned keep, unsigned *out)
{
	bool in[LAYOUT_PANES];
	unsigned left = n, sum = 0, given = 0, last = 0;
	for (unsigned i = 0; i < n; i++)
		in[i] = true;
	for (unsigned i = n; i-- > 0 && left * least > total;)
		if (i != keep) {
			in[i] = false;
			left--;
		}
	if (left * least > total)
		in[keep] = false;
	for (unsigned i = 0; i < n; i++)
		sum += in[i] ? share[i] : 0;
	unsigned count = 0;
	for (unsigned i = 0; i < n; i++)
		count += in[i];
	for (unsigned i = 0; i < n; i++) {
		out[i] = in[i] ? least + (total - count * least) * share[i] / sum : 0;
		given += out[i];
		if (in[i])
			last = i;
	}
	if (sum)
		out[last] += total - given;
}

void layout_place(const struct layout *l, struct rect area, unsigned keep, struct rect out[LAYOUT_PANES])
{
	unsigned height[LAYOUT_PANES], width[LAYOUT_PANES], top = area.row;
	if (keep >= l->count)
		keep = 0;
	for (unsigned i = 0; i < LAYOUT_PANES; i++)
		out[i] = (struct rect){ area.row, area.col, 0, 0 };
	if (!l->count)
		return;
	part(l->share, l->rows, area.rows, LEAST_ROWS, l->cell[keep].row, height);
	for (unsigned first = 0, n; first < l->count; first += n) {
		unsigned row = l->cell[first].row, left = area.col;
		uint8_t share[LAYOUT_PANES];
		for (n = 0; first + n < l->count && l->cell[first + n].row == row; n++)
			share[n] = l->cell[first + n].share;
		part(share, n, area.cols, LEAST_COLS, keep >= first && keep < first + n ? keep - first : 0, width);
		for (unsigned i = 0; height[row] && i < n; i++) {
			if (width[i])
				out[first + i] = (struct rect){ top, left, height[row], width[i] };
			left += width[i];
		}
		top += height[row];
	}
}
