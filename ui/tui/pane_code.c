/* ui/tui/pane_code.c - code, registers and memory of the selected thread's frame. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>

#include "kernel/module.h"
#include "src/load/dwarf.h"
#include "src/load/image.h"
#include "ui/inspect/stack.h"
#include "ui/source.h"
#include "ui/tui/panes.h"

#define CODE_BEFORE 64u /* instructions above, where no symbol begins */
#define CODE_COUNT 256u
#define MEMORY_LINE 16u
#define MEMORY_LINES 64u

/* Where the selected frame stands; frame 0 of a thread in a call of the kernel's: where it made the call. 0: the thread has none.
 * *@export: that call's name, NULL = none; static. */
static uint32_t frame_pc(const struct query *q, const char **export)
{
	struct stack s;
	*export = NULL;
	if (!q->thread)
		return 0;
	thread_stack(q->machine, q->thread, STACK_FRAMES_MAX, &s);
	if (q->frame >= s.count)
		return 0;
	if (q->frame == 0 && s.export)
		*export = s.export;
	return *export ? thread_pc(q->machine, q->thread) : s.frame[q->frame].pc;
}

static bool mapped(const struct machine *m, uint32_t ga)
{
	uint8_t b[4];
	return mem_peek(&m->mem, ga, b, sizeof b) == MEM_OK;
}

/* Begin of the function around @ga if that is near, else some instructions above. */
static uint32_t code_begin(const struct machine *m, uint32_t ga)
{
	uint32_t offset = 0, begin = ga;
	const struct image_symbol *f = m->image ? image_symbol_at(machine_image_at(m, ga), ga, &offset) : NULL;
	if (f && ga - f->ga <= 4 * CODE_BEFORE)
		return f->ga;
	while (begin >= 4 && ga - begin < 4 * CODE_BEFORE && mapped(m, begin - 4))
		begin -= 4;
	return begin;
}

/* The source that the lines above came from: one file at a time. */
struct listing {
	struct source_text text;
	char file[SOURCE_TEXT]; /* "" = none has been looked for */
	unsigned line;          /* the last one shown, 0 = none of this file */
};

/* The line of source that begins at @ga, above its instructions. */
static void put_source(struct view *v, const struct pane_ask *a, uint32_t ga, struct listing *l)
{
	struct line_place p;
	struct err err;
	if (!a->query.machine->image || !image_line_at(a->query.machine->image, ga, &p))
		return;
	if (strncmp(l->file, p.file, sizeof l->file - 1) != 0) {
		source_free(&l->text);
		l->text = (struct source_text){ 0 };
		snprintf(l->file, sizeof l->file, "%s", p.file);
		l->line = 0;
		if (source_open(a->s, p.file, &l->text, &err) != ST_OK)
			l->text = (struct source_text){ 0 };
	}
	if (p.line == l->line || !p.line || p.line > l->text.lines)
		return;
	l->line = p.line;
	view_textf(v, ROLE_DIM, "%5u  %s", p.line, l->text.line[p.line - 1]);
}

void pane_code(struct view *v, const struct pane_ask *a)
{
	const struct pane_def *d = &pane_defs[PANE_code];
	struct query q = a->query;
	const char *export;
	uint32_t pc = frame_pc(&q, &export);
	char symbol[SYMBOL_TEXT];
	if (!pc) {
		view_text(v, ROLE_DIM, "the selected thread stands nowhere");
		return;
	}
	q.ga = code_begin(q.machine, pc);
	q.count = CODE_COUNT;
	code_text(q.machine, pc, symbol, sizeof symbol);
	snprintf(v->title, sizeof v->title, "tid %u frame %u  %.40s%s%s", thread_peek(q.machine, q.thread)->tid, q.frame, symbol,
		export ? "  in " : "", export ? export : "");
	unsigned table = view_ask(v, TABLE_CODE, &q, d->columns);
	const struct table *t = &v->table[table].t;
	struct listing source = { 0 };
	for (unsigned row = 0; row < t->rows; row++) {
		uint32_t ga = (uint32_t)table_cell(t, row, 0)->v;
		put_source(v, a, ga, &source);
		if (ga == pc)
			v->at_line = (int)v->lines;
		view_row(v, table, row, d->keys, 0);
		v->line[v->lines - 1].role = ga == pc ? ROLE_PROVEN : ROLE_TEXT;
		for (unsigned i = 0; i < a->s->breaks.count; i++)
			if (a->s->breaks.list[i]->kind == POINT_CODE && a->s->breaks.list[i]->ga == ga &&
				a->s->breaks.list[i]->number)
				v->line[v->lines - 1].role = ROLE_ANOMALY;
	}
	source_free(&source.text);
	if (t->note[0])
		view_textf(v, ROLE_DIM, "(%s)", t->note);
}

/* ---- registers -------------------------------------------------------------------------------------------------------------- */

static void registers(struct view *v, const struct pane_ask *a, unsigned pane, const char *set)
{
	struct query q = a->query;
	q.word = set;
	if (!q.thread) {
		view_text(v, ROLE_DIM, "no thread is selected");
		return;
	}
	snprintf(v->title, sizeof v->title, "tid %u", thread_peek(q.machine, q.thread)->tid);
	view_table(v, TABLE_REGISTERS, &q, pane_defs[pane].columns, pane_defs[pane].keys);
}

void pane_registers(struct view *v, const struct pane_ask *a)
{
	registers(v, a, PANE_registers, "gpr");
}
void pane_floats(struct view *v, const struct pane_ask *a)
{
	registers(v, a, PANE_floats, "fpr");
}
void pane_vectors(struct view *v, const struct pane_ask *a)
{
	registers(v, a, PANE_vectors, "vmx");
}

/* ---- memory ----------------------------------------------------------------------------------------------------------------- */

static void memory_line(struct view *v, const struct machine *m, uint32_t ga, const char *mark)
{
	char hex[4 * MEMORY_LINE] = "", letters[MEMORY_LINE + 1] = "";
	size_t n = 0;
	for (unsigned i = 0; i < MEMORY_LINE; i++) {
		uint8_t b;
		bool there = mem_peek(&m->mem, ga + i, &b, 1) == MEM_OK;
		n += (size_t)(there ? snprintf(hex + n, sizeof hex - n, "%s%02X", i % 4 ? "" : " ", b)
				    : snprintf(hex + n, sizeof hex - n, "%s--", i % 4 ? "" : " "));
		letters[i] = there ? (char)(isprint(b) ? b : '.') : ' ';
	}
	view_textf(v, ROLE_TEXT, "%08X%s %s  %s", ga, hex, letters, mark);
}

void pane_memory(struct view *v, const struct pane_ask *a)
{
	const struct query *q = &a->query;
	uint32_t sp = q->thread ? (uint32_t)context_peek(q->machine, q->thread)->gpr[1] : 0, ga = a->ga ? a->ga : sp;
	char symbol[SYMBOL_TEXT];
	if (!ga) {
		view_text(v, ROLE_DIM, "no address: M on a line that has one");
		return;
	}
	code_text(q->machine, ga, symbol, sizeof symbol);
	snprintf(v->title, sizeof v->title, "at %08X%s%.60s%s", ga, *symbol ? " " : "", symbol, a->ga ? "" : " (stack)");
	uint32_t begin = ga & ~(MEMORY_LINE - 1);
	for (unsigned i = 0; i < MEMORY_LINES && begin + i * MEMORY_LINE >= begin; i++)
		memory_line(v, q->machine, begin + i * MEMORY_LINE, i ? "" : "<");
	v->at_line = 0;
}
