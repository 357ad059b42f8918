/* ui/tui/grid.c - see grid.h */
#include "config.h"

#include "ui/tui/grid.h"

#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include "ui/out.h"

static const struct {
	const char *word;
	char letter;
} roles[] = {
#define ROLE(id, word, letter) { word, letter },
	GRID_ROLES(ROLE)
#undef ROLE
};

const char *role_word(enum role r)
{
	return roles[r].word;
}

char role_letter(enum role r)
{
	return roles[r].letter;
}

void grid_clear(struct grid *g)
{
	for (size_t i = 0; i < (size_t)g->rows * g->cols; i++)
		g->cell[i] = (struct grid_cell){ .ch = ' ' };
	g->cursor_shown = false;
}

void grid_init(struct grid *g, unsigned rows, unsigned cols)
{
	*g = (struct grid){ .rows = rows, .cols = cols, .cell = xcalloc((size_t)rows * cols + 1, sizeof *g->cell) };
	grid_clear(g);
}

void grid_fini(struct grid *g)
{
	free(g->cell);
	*g = (struct grid){ 0 };
}

void grid_resize(struct grid *g, unsigned rows, unsigned cols)
{
	size_t cells = (size_t)rows * cols + 1;
	g->cell = xrealloc(g->cell, cells * sizeof *g->cell);
	g->rows = rows;
	g->cols = cols;
	g->cursor_row = g->cursor_col = 0;
	grid_clear(g);
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

/* The next thing to be drawn of *@text: a character of @columns cells (0: it goes on top of the one before), or a byte to be escaped. */
struct glyph {
	uint32_t ch;
	int columns;
	bool escaped;
};

static struct glyph next_glyph(const char **text)
{
	const uint8_t *p = (const uint8_t *)*text;
	unsigned n = utf8_length(*text);
	if (!n) {
		(*text)++;
		return (struct glyph){ *p, 4, true };
	}
	*text += n;
	if (n == 1)
		return (struct glyph){ *p, 1, false };
	uint32_t c = *p & (0x7fu >> n);
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	int width = wcwidth((wchar_t)c);
	return (struct glyph){ c, width < 0 ? 1 : width, false };
}

unsigned grid_columns(const char *text)
{
	unsigned n = 0;
	while (*text)
		n += (unsigned)next_glyph(&text).columns;
	return n;
}

/* Half of a wide character is no character. */
static void part_wide(struct grid *g, unsigned row, unsigned col)
{
	struct grid_cell *c = grid_at(g, row, col);
	if (c->ch == 0 && col)
		c[-1].ch = ' ';
	if (col + 1 < g->cols && c[1].ch == 0)
		c[1].ch = ' ';
}

static void put_cell(struct grid *g, const struct rect *clip, unsigned row, unsigned col, struct grid_cell cell)
{
	if (row >= clip->rows || col >= clip->cols || clip->row + row >= g->rows || clip->col + col >= g->cols)
		return;
	part_wide(g, clip->row + row, clip->col + col);
	*grid_at(g, clip->row + row, clip->col + col) = cell;
}

unsigned grid_put(struct grid *g, struct rect clip, unsigned row, unsigned col, enum role role, unsigned flags, const char *text)
{
	unsigned at = col;
	struct grid_cell cell = { .role = (uint8_t)role, .flags = (uint8_t)flags };
	while (*text) {
		struct glyph glyph = next_glyph(&text);
		char escape[5];
		if (glyph.escaped) {
			snprintf(escape, sizeof escape, "\\x%02X", (unsigned)(glyph.ch & 0xff));
			for (unsigned i = 0; i < 4; i++) {
				cell.ch = (uint8_t)escape[i];
				put_cell(g, &clip, row, at + i, cell);
			}
		} else if (glyph.columns == 2 && (at + 1 >= clip.cols || clip.col + at + 1 >= g->cols)) {
			cell.ch = ' ';
			put_cell(g, &clip, row, at, cell);
		} else if (glyph.columns) {
			cell.ch = glyph.ch;
			put_cell(g, &clip, row, at, cell);
			cell.ch = 0;
			if (glyph.columns == 2 && row < clip.rows && clip.row + row < g->rows)
				*grid_at(g, clip.row + row, clip.col + at + 1) = cell;
		}
		at += (unsigned)glyph.columns;
	}
	return at - col;
}

unsigned grid_putf(
	struct grid *g, struct rect clip, unsigned row, unsigned col, enum role role, unsigned flags, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return grid_put(g, clip, row, col, role, flags, text);
}

void grid_fill(
	struct grid *g, struct rect clip, unsigned row, unsigned col, unsigned cols, enum role role, unsigned flags, uint32_t ch)
{
	for (unsigned i = 0; i < cols && col + i < clip.cols; i++)
		put_cell(g, &clip, row, col + i, (struct grid_cell){ ch, (uint8_t)role, (uint8_t)flags });
}

void grid_box(struct grid *g, struct rect r, enum role role, const char *title)
{
	uint32_t corner = g->utf8 ? 0x250c : '+', across = g->utf8 ? 0x2500 : '-', down = g->utf8 ? 0x2502 : '|';
	grid_fill(g, r, 0, 0, r.cols, role, 0, across);
	grid_fill(g, r, 0, 0, 1, role, 0, corner);
	for (unsigned row = 1; row < r.rows; row++)
		grid_fill(g, r, row, 0, 1, role, 0, down);
	if (r.cols < 4)
		return;
	struct rect inner = { r.row, r.col, 1, r.cols - 1 };
	grid_fill(g, inner, 0, 1, 1, role, 0, '[');
	unsigned n = grid_put(g, inner, 0, 2, role, 0, title);
	grid_fill(g, inner, 0, n + 2 < inner.cols ? n + 2 : inner.cols - 1, 1, role, 0, ']');
}

/* ---- saved screens --------------------------------------------------------------------------------------------------- */

static void put_utf8(FILE *f, uint32_t c)
{
	if (c < 0x80) {
		fputc((int)c, f);
	} else if (c < 0x800) {
		fprintf(f, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		fprintf(f, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
	} else {
		fprintf(f, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)), (int)(0x80 | (c >> 6 & 0x3f)),
			(int)(0x80 | (c & 0x3f)));
	}
}

static char attribute(const struct grid_cell *c)
{
	return c->flags & CELL_SELECTED               ? '>'
	       : c->flags & CELL_CHANGED              ? '*'
	       : c->ch == ' ' && c->role == ROLE_TEXT ? ' '
						      : role_letter(c->role);
}

void grid_save(const struct grid *g, bool attributes, FILE *f)
{
	for (unsigned block = 0; block < 1u + attributes; block++)
		for (unsigned row = 0; row < g->rows; row++) {
			const struct grid_cell *c = &g->cell[(size_t)row * g->cols];
			unsigned n = g->cols;
			while (n && (block ? attribute(&c[n - 1]) : (char)c[n - 1].ch) == ' ')
				n--;
			for (unsigned col = 0; col < n; col++)
				if (block)
					fputc(attribute(&c[col]), f);
				else if (c[col].ch)
					put_utf8(f, c[col].ch);
			fputc('\n', f);
		}
}
