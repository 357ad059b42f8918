/* ui/inspect/table.h - typed tables: the one form in which a question about a machine is answered.
 *
 * A row of tables.def and one fill function make a table; text, JSON, panes and scripts render the same cells. A fill function
 * reads a query's machine, puts cells in column order, and knows nothing of the form.
 */
#ifndef UI_INSPECT_TABLE_H
#define UI_INSPECT_TABLE_H

#include "src/base/base.h"

struct image;                 /* src/load/image.h */
struct query;                 /* ui/inspect/inspect.h */

/** What a cell holds: its text form; its JSON form. */
enum column_type {
	COL_U64,              /* decimal; number */
	COL_S64,              /* decimal; number */
	COL_CYCLES,           /* thousands separators; number */
	COL_HEX,              /* 8 hex digits, or as many as the column is wide, or 16 if it needs more; string of lower-case hex */
	COL_HEX64,            /* 16 hex digits; string of lower-case hex */
	COL_HANDLE,           /* 12AC#3 (generation 0: 12AC); "12ac#3" */
	COL_OBJECT,           /* @17; number */
	COL_STR,              /* guest text made visible; string */
	COL_WORDS,            /* words apart by blanks; array of strings */
	COL_SYMBOL,           /* 824A9F6C name+4C; "824a9f6c", and a second key <key>_symbol: "name+4C" or null */
	COL_BOOL,             /* yes, no; true, false */
	COL_MARK,             /* '*' or blank, before all other columns; true, false */
};

struct column {
	enum column_type type;
	const char *key;      /* in JSON and in expressions */
	const char *title;    /* over the column; NULL: the text form leaves it out */
	unsigned width;       /* least columns on a terminal; COL_HEX: digits */
};

struct cell {
	uint64_t v;
	uint32_t aux;         /* COL_HANDLE: generation */
	uint32_t text;        /* offset in the table's text pool + 1, 0 = no text */
	bool none;            /* no value: "-"; null */
	bool apart;           /* COL_HANDLE: the row has a key of its own for the generation, so JSON's "12ac" is without it */
};

enum table_arg { ARG_NONE, ARG_OBJECT, ARG_THREAD, ARG_WORD, ARG_ADDRESS };
#define TABLE_RECORD 1u       /* one row, shown as lines of "title  value" */
#define TABLE_BARE 2u         /* no line of titles */
#define TABLE_GONE 8u         /* knows objects that are gone */
#define TABLE_OF_MOMENT 16u   /* of something that its own command has at hand: no query alone fills it */
#define TABLE_HIDDEN 4u       /* not offered by `info`: a command of its own shows it */

struct table;
struct table_def {
	const char *name;     /* "threads" */
	unsigned flags;       /* TABLE_* */
	enum table_arg arg;   /* what `info NAME` takes; for ARG_OBJECT and ARG_WORD it may be left out */
	const char *help;
	const struct column *columns;
	unsigned column_count;
	void (*fill)(struct table *t, const struct query *q);
};

/** TABLE_THREADS, ...: rows of tables.def. */
enum table_id {
#define TABLE(ID, name, flags, arg, help, ...) TABLE_##ID,
#include "ui/inspect/tables.def"
#undef TABLE
	TABLES
};
extern const struct table_def table_defs[TABLES];

struct table {
	const struct table_def *def;
	unsigned rows, column;   /* complete rows; next column of the row that is being filled */
	struct cell *cells;      /* rows x columns */
	size_t cell_count, cell_room;
	char *pool;
	size_t pool_size, pool_room;
	char note[200];          /* what the rows leave out; "" = nothing */
};

void table_init(struct table *t, enum table_id id);
void table_fini(struct table *t);
/** Asks @q: makes the table; table_fini it. */
void table_fill(struct table *t, enum table_id id, const struct query *q);
static inline const struct cell *table_cell(const struct table *t, unsigned row, unsigned column)
{
	return &t->cells[(size_t)row * t->def->column_count + column];
}
static inline const char *table_text(const struct table *t, const struct cell *c) { return c->text ? t->pool + c->text - 1 : ""; }

/* The next cell. INVARIANT: the column's type is the right one. A row is complete with its last cell. */
void put_u64(struct table *t, uint64_t v);
void put_tid(struct table *t, uint32_t tid);       /* COL_U64; 0: no value */
void put_s64(struct table *t, int64_t v);
void put_cycles(struct table *t, uint64_t v);
void put_hex(struct table *t, uint64_t v);
void put_handle(struct table *t, uint32_t handle, uint32_t generation);
void put_handle_apart(struct table *t, uint32_t handle, uint32_t generation); /* the generation has a column too */
void put_object(struct table *t, uint32_t id);
void put_str(struct table *t, const char *s);      /* NULL and "": no value */
void put_strf(struct table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void put_words(struct table *t, const char *words);/* "": an empty list */
void put_symbol(struct table *t, const struct image *img, uint32_t ga);
void put_address(struct table *t, uint32_t ga, const char *symbol); /* COL_SYMBOL; "": it has no name */
void put_bool(struct table *t, bool v);            /* COL_BOOL, COL_MARK */
void put_none(struct table *t);                    /* any column */
void table_note(struct table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** The cell as text in @buf (visible, not padded); returns its columns on a terminal. */
size_t cell_text(const struct table *t, unsigned row, unsigned column, char *buf, size_t size);
#define CELL_TEXT 1024
/** Hex digits of a COL_HEX. */
int column_digits(const struct column *c, uint64_t v);

/** The table by name or unique beginning; -1 = none, -2 = several. Hidden ones only by their whole name. */
int table_find(const char *word);

struct out;                   /* ui/out.h */
/** Renders: aligned text, or one line of JSON. */
void table_print(const struct table *t, struct out *o);

/** "name+4C" ("name" at its start, "" if no symbol covers @ga) into @buf; returns @buf. */
const char *symbol_text(const struct image *img, uint32_t ga, char *buf, size_t size);
#define SYMBOL_TEXT 160

#endif
