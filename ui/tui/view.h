/* ui/tui/view.h - what a pane shows: lines, each of them text, the titles of a table, a row of it, or one field of a record. Made anew at each look;
 * a line is known again by its key, never by its place. */
#ifndef UI_TUI_VIEW_H
#define UI_TUI_VIEW_H

#include "ui/inspect/inspect.h"
#include "ui/tui/grid.h"

/** What a line is about: as much as can be read from it. 0 = nothing. */
struct subject {
	uint32_t tid, object;         /* object id */
	uint32_t handle, generation;
	uint32_t ga;
	uint32_t number;              /* NUM of a breakpoint or checkpoint */
	uint32_t frame;               /* of a stack */
	bool has_number, has_frame;
	uint64_t cycle;
	bool has_cycle;
};

enum line_kind { LINE_TEXT, LINE_TITLES, LINE_ROW, LINE_FIELD };

struct view_line {
	uint64_t key;                 /* identity */
	uint32_t text;                /* LINE_TEXT: offset in the view's texts + 1 */
	uint32_t row;                 /* of the table; LINE_FIELD: columns + 1, eight bits each */
	uint8_t kind, table, role;
	uint8_t depth;                /* of a tree */
	bool opens;                   /* lines behind it lie deeper */
};

/** Keys to numbers. */
struct key_map {
	struct key_entry {
		uint64_t key;
		uint32_t line;        /* + 1, 0 = free */
	} *entry;
	uint32_t room, count;         /* room: a power of two, or 0 */
};

#define VIEW_TABLES 12u

struct view_table {
	struct table t;
	const char *columns;          /* columns.h; NULL = all of them */
};

struct view {
	struct view_table table[VIEW_TABLES];
	unsigned tables;
	struct view_line *line;
	unsigned lines, room;
	struct key_map map;           /* key -> line */
	char *texts;
	size_t texts_size, texts_room;
	char title[120];              /* behind the pane's own title */
	int at_line;                  /* the line where the present lies (pc, newest entry), -1 = none */
};

void view_init(struct view *v);
void view_fini(struct view *v);

/** A line of text; text with newlines becomes several. */
void view_text(struct view *v, enum role role, const char *text);
void view_textf(struct view *v, enum role role, const char *fmt, ...) PRINTF_LIKE(3, 4);
/** The same in a tree. */
void view_node(struct view *v, enum role role, unsigned depth, const char *text);
/** Asks for a table; returns its number in the view. @columns: as columns.h has it. No lines yet. */
unsigned view_ask(struct view *v, enum table_id id, const struct query *q, const char *columns);
/** Lines for it: titles unless it is a bare one, all rows. @keys: the columns that a row is known by, apart by blanks; "" = all. */
void view_rows(struct view *v, unsigned table, const char *keys);
void view_row(struct view *v, unsigned table, unsigned row, const char *keys, unsigned depth);
void view_titles(struct view *v, unsigned table);
/** A record's fields: the columns named, those joined by + on one line; those without a value are left out. */
void view_fields(struct view *v, unsigned table, const char *keys);
/** view_ask and view_rows; a table's note becomes a line. */
void view_table(struct view *v, enum table_id id, const struct query *q, const char *columns, const char *keys);

/** The @i-th column of a LINE_FIELD, -1 past the last. */
int field_column(const struct view_line *l, unsigned i);
/** The line of a key, -1 = none. */
int view_find(const struct view *v, uint64_t key);
struct subject view_subject(const struct view *v, unsigned line);
/** The line as text, blanks between its columns: for copying, searching. */
void view_line_text(const struct view *v, unsigned line, char *buf, size_t size);
const char *view_texts(const struct view *v, const struct view_line *l);
/** Number of the table's column of that key, -1 = none. */
int column_find(const struct table_def *d, const char *key, size_t length);

#endif
