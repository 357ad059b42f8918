/* src/load/dwarf.c - see dwarf.h. Source: DWARF 5 (libdw knows the older ones too); the register numbers of the PowerPC ABI. */
#include "config.h"

#include "src/load/dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/cpu/unwind.h"
#include "src/load/image.h"

#define ROWS_MAX (16u << 20)
#define FILES_MAX (1u << 18)
#define FIRST_FPR 32 /* DWARF's numbers: r0-r31, f0-f31 */

struct dwarf_handle {
	Elf *elf;
	Dwarf *dwarf;
	Dwarf_CFI *eh; /* of .eh_frame; NULL = none */
};

/* ---- reading lines ------------------------------------------------------------------------------------------------------------ */

/* Recorded names that were met, by hash: each is kept once. */
struct names {
	uint32_t *slot; /* index + 1, 0 = free */
	unsigned room;
};

struct reader {
	const struct image *img;
	struct dwarf *d;
	struct names names;
	unsigned row_room, file_room;
	const char *last; /* the name met last, by its address */
	uint32_t last_file;
	unsigned bad_units, outside;
};

static void names_grow(struct reader *r)
{
	unsigned room = r->names.room ? 2 * r->names.room : 64;
	uint32_t *slot = xcalloc(room, sizeof *slot);
	for (unsigned i = 0; i < r->d->files; i++) {
		unsigned h = (unsigned)fnv_str(FNV_BASIS, r->d->file[i]) & (room - 1);
		while (slot[h])
			h = (h + 1) & (room - 1);
		slot[h] = i + 1;
	}
	free(r->names.slot);
	r->names = (struct names){ slot, room };
}

static uint32_t file_of(struct reader *r, const char *name)
{
	struct dwarf *d = r->d;
	if (name == r->last)
		return r->last_file;
	if (2 * d->files >= r->names.room)
		names_grow(r);
	unsigned h = (unsigned)fnv_str(FNV_BASIS, name) & (r->names.room - 1);
	while (r->names.slot[h] && strcmp(d->file[r->names.slot[h] - 1], name) != 0)
		h = (h + 1) & (r->names.room - 1);
	if (!r->names.slot[h]) {
		if (d->files == FILES_MAX)
			return 0;
		if (d->files == r->file_room)
			d->file = xrealloc(d->file, (r->file_room = r->file_room ? 2 * r->file_room : 16) * sizeof *d->file);
		d->file[d->files++] = xstrdup(name);
		r->names.slot[h] = d->files;
	}
	r->last = name;
	r->last_file = r->names.slot[h] - 1;
	return r->last_file;
}

static void add_row(struct reader *r, const struct line_row *row)
{
	struct dwarf *d = r->d;
	if (d->rows == ROWS_MAX)
		return;
	if (d->rows == r->row_room)
		d->row = xrealloc(d->row, (r->row_room = r->row_room ? 2 * r->row_room : 256) * sizeof *d->row);
	d->row[d->rows++] = *row;
}

static void read_line(struct reader *r, Dwarf_Line *line)
{
	Dwarf_Addr ga;
	int number = 0;
	bool statement = false, end = false;
	if (dwarf_lineaddr(line, &ga) != 0 || dwarf_lineendsequence(line, &end) != 0)
		return;
	/* Code that the linker left out stands at 0. An end may lie just behind the image. */
	if (ga < r->img->base || ga - r->img->base > r->img->size || (!end && ga - r->img->base == r->img->size)) {
		r->outside += ga >= IMAGE_LOWEST;
		return;
	}
	const char *file = end ? NULL : dwarf_linesrc(line, NULL, NULL);
	if (!end && (!file || dwarf_lineno(line, &number) != 0 || dwarf_linebeginstatement(line, &statement) != 0 || number < 0))
		return;
	if (file && !strncmp(file, "./", 2))
		file += 2;
	add_row(r, &(struct line_row){ (uint32_t)ga, file ? file_of(r, file) : 0, (uint32_t)number, statement, end });
}

static void read_unit(struct reader *r, Dwarf_Die *unit)
{
	Dwarf_Lines *lines;
	size_t n;
	if (!dwarf_hasattr(unit, DW_AT_stmt_list))
		return;
	if (dwarf_getsrclines(unit, &lines, &n) != 0) {
		r->bad_units++;
		return;
	}
	r->last = NULL;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Line *line = dwarf_onesrcline(lines, i);
		if (line)
			read_line(r, line);
	}
}

/* An end comes before what begins at its address; else libdw's order stays. */
struct keyed {
	struct line_row row;
	unsigned at;
};

static int row_order(const void *va, const void *vb)
{
	const struct keyed *a = va, *b = vb;
	if (a->row.ga != b->row.ga)
		return a->row.ga < b->row.ga ? -1 : 1;
	if (a->row.end != b->row.end)
		return a->row.end ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static void sort_rows(struct dwarf *d)
{
	struct keyed *k = xmalloc((d->rows + 1) * sizeof *k);
	for (unsigned i = 0; i < d->rows; i++)
		k[i] = (struct keyed){ d->row[i], i };
	qsort(k, d->rows, sizeof *k, row_order);
	for (unsigned i = 0; i < d->rows; i++)
		d->row[i] = k[i].row;
	free(k);
}

static void read_units(struct reader *r)
{
	Dwarf *dwarf = r->d->handle->dwarf;
	Dwarf_Off at = 0, next;
	size_t header;
	int more;
	while ((more = dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL)) == 0) {
		Dwarf_Die unit;
		if (dwarf_offdie(dwarf, at + header, &unit))
			read_unit(r, &unit);
		else
			r->bad_units++;
		if (next <= at)
			break;
		at = next;
	}
	r->bad_units += more < 0;
}

static void write_note(struct reader *r)
{
	struct dwarf *d = r->d;
	if (r->bad_units)
		snprintf(d->note, sizeof d->note, "debug information: %u unit%s cannot be read (%s)", r->bad_units,
			r->bad_units == 1 ? "" : "s", dwarf_errmsg(-1) ? dwarf_errmsg(-1) : "malformed");
	else if (r->outside)
		snprintf(d->note, sizeof d->note, "debug information: %u rows of lines lie outside of the image", r->outside);
}

bool dwarf_read(struct image *img, uint8_t *bytes, size_t size, bool owned)
{
	struct dwarf *d = xcalloc(1, sizeof *d);
	struct reader r = { .img = img, .d = d };
	d->handle = xcalloc(1, sizeof *d->handle);
	d->bytes = owned ? bytes : NULL;
	elf_version(EV_CURRENT);
	d->handle->elf = elf_memory((char *)bytes, size);
	d->handle->dwarf = d->handle->elf ? dwarf_begin_elf(d->handle->elf, DWARF_C_READ, NULL) : NULL;
	d->handle->eh = d->handle->elf ? dwarf_getcfi_elf(d->handle->elf) : NULL;
	if (d->handle->dwarf)
		read_units(&r);
	free(r.names.slot);
	sort_rows(d);
	write_note(&r);
	if (!d->rows && !d->handle->dwarf && !d->handle->eh && !d->note[0]) {
		d->bytes = NULL;
		dwarf_free(d);
		return false;
	}
	d->next = img->dwarf;
	img->dwarf = d;
	return true;
}

void dwarf_free(struct dwarf *d)
{
	for (struct dwarf *next; d; d = next) {
		next = d->next;
		if (d->handle->eh)
			dwarf_cfi_end(d->handle->eh);
		dwarf_end(d->handle->dwarf);
		elf_end(d->handle->elf);
		free(d->handle);
		for (unsigned i = 0; i < d->files; i++)
			free(d->file[i]);
		free(d->file);
		free(d->row);
		free(d->bytes);
		free(d);
	}
}

/* ---- lines ----------------------------------------------------------------------------------------------------------------------- */

/* How many rows lie at or below @ga. */
static unsigned rows_upto(const struct dwarf *d, uint32_t ga)
{
	unsigned low = 0, high = d->rows;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (d->row[mid].ga <= ga)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool same_line(const struct line_row *a, const struct line_row *b)
{
	return !a->end && !b->end && a->line == b->line && a->file == b->file;
}

/* The last row at the address of row @i: the one that counts. */
static unsigned last_at(const struct dwarf *d, unsigned i)
{
	while (i + 1 < d->rows && d->row[i + 1].ga == d->row[i].ga)
		i++;
	return i;
}

/* How good a place row @i is for its line: optimised code has lines whose statements begin where another line's instructions stand. */
enum rank { NO_PLACE, BEGINS_ONLY, CODE_ONLY, BEGINS };

static enum rank rank_of(const struct dwarf *d, unsigned i)
{
	const struct line_row *r = &d->row[i];
	if (r->end || !r->line)
		return NO_PLACE;
	if (same_line(r, &d->row[last_at(d, i)]))
		return r->statement ? BEGINS : CODE_ONLY;
	return r->statement ? BEGINS_ONLY : NO_PLACE;
}

static void fill_place(const struct dwarf *d, unsigned i, struct line_place *p)
{
	const struct line_row *row = &d->row[i];
	unsigned low = i, high = i + 1;
	while (low && (same_line(&d->row[low - 1], row) || d->row[low - 1].ga == d->row[low].ga))
		low--;
	while (!same_line(&d->row[low], row))
		low++;
	while (high < d->rows && same_line(&d->row[last_at(d, high)], row))
		high = last_at(d, high) + 1;
	*p = (struct line_place){ d->file[row->file], row->line, d->row[low].ga, high < d->rows ? d->row[high].ga : row->ga + 4,
		false };
}

bool image_line_at(const struct image *img, uint32_t ga, struct line_place *p)
{
	for (const struct dwarf *d = img ? img->dwarf : NULL; d; d = d->next) {
		unsigned n = rows_upto(d, ga);
		if (!n || d->row[n - 1].end || !d->row[n - 1].line)
			continue;
		fill_place(d, n - 1, p);
		for (unsigned i = n; i-- > 0 && d->row[i].ga == ga;)
			p->starts |= d->row[i].statement;
		return true;
	}
	return false;
}

/* Is @name the recorded @file, or an end of it? */
static bool names_file(const char *file, const char *name)
{
	size_t n = strlen(file), k = strlen(name);
	return k && k <= n && !strcmp(file + n - k, name) && (k == n || file[n - k - 1] == '/');
}

const char *image_source(const struct image *img, unsigned i)
{
	for (const struct dwarf *d = img ? img->dwarf : NULL; d; d = d->next) {
		if (i < d->files)
			return d->file[i];
		i -= d->files;
	}
	return NULL;
}

const char *image_source_find(const struct image *img, const char *name, bool *several)
{
	const char *found = NULL, *file;
	*several = false;
	for (unsigned i = 0; (file = image_source(img, i)); i++) {
		if (!strcmp(file, name))
			return file;
		if (names_file(file, name)) {
			*several |= found && strcmp(found, file) != 0;
			found = file;
		}
	}
	return found;
}

/* The lowest line from @line on that has a place, and the rank of its best; 0 = none. */
static uint32_t line_with_code(const struct image *img, const char *file, uint32_t line, enum rank *best)
{
	uint32_t found = 0;
	*best = NO_PLACE;
	for (const struct dwarf *d = img->dwarf; d; d = d->next)
		for (unsigned i = 0; i < d->rows; i++) {
			const struct line_row *r = &d->row[i];
			enum rank rank = r->line >= line && (!found || r->line <= found) ? rank_of(d, i) : NO_PLACE;
			if (rank == NO_PLACE || !names_file(d->file[r->file], file))
				continue;
			*best = r->line == found && *best > rank ? *best : rank;
			found = r->line;
		}
	return found;
}

bool image_line_find(const struct image *img, const char *file, uint32_t line, unsigned nth, struct line_place *p)
{
	enum rank best;
	uint32_t wanted = line_with_code(img, file, line, &best), seen_to = 0;
	for (const struct dwarf *d = img->dwarf; wanted && d; d = d->next, seen_to = 0)
		for (unsigned i = 0; i < d->rows; i++) {
			const struct line_row *r = &d->row[i];
			if (r->line != wanted || r->ga < seen_to || rank_of(d, i) != best || !names_file(d->file[r->file], file))
				continue;
			fill_place(d, best == BEGINS_ONLY ? last_at(d, i) : i, p);
			p->line = wanted;
			p->begin = r->ga; /* the statement's, though other code of the line may stand before it */
			p->starts = r->statement;
			seen_to = p->end;
			if (!nth--)
				return true;
		}
	return false;
}

/* ---- frames ------------------------------------------------------------------------------------------------------------------------ */

/* A rule in unwind.h's words: same, or at a constant offset from CFA. */
static struct unwind_reg rule_of(Dwarf_Frame *frame, int number)
{
	struct unwind_reg reg = { .how = UNWIND_UNKNOWN };
	Dwarf_Op mem[3], *ops = mem;
	size_t n = 0;
	if (dwarf_frame_register(frame, number, mem, &ops, &n) != 0)
		return reg;
	if (!n && !ops)
		reg.how = UNWIND_SAME;
	/* call_frame_cfa, plus_uconst (or plus of a constant); without stack_value it is where the value lies. */
	if (n == 1 && ops[0].atom == DW_OP_call_frame_cfa)
		reg = (struct unwind_reg){ UNWIND_SAVED, 4, 0 };
	if (n == 2 && ops[0].atom == DW_OP_call_frame_cfa && ops[1].atom == DW_OP_plus_uconst)
		reg = (struct unwind_reg){ UNWIND_SAVED, 4, (int32_t)ops[1].number };
	return reg;
}

static bool frame_rules(Dwarf_Frame *frame, struct unwind *u)
{
	Dwarf_Op *ops = NULL;
	size_t n = 0;
	if (dwarf_frame_cfa(frame, &ops, &n) != 0 || n != 1)
		return false;
	*u = (struct unwind){ .lr_in = -1 };
	if (ops[0].atom == DW_OP_bregx && ops[0].number == 1)
		u->cfa = (int32_t)ops[0].number2;
	else if (ops[0].atom == DW_OP_breg1)
		u->cfa = (int32_t)ops[0].number;
	else
		return false; /* from a register that upper frames may not know */
	u->cfa_known = true;
	for (int i = 0; i < 32; i++) {
		u->gpr[i] = rule_of(frame, i);
		u->fpr[i] = rule_of(frame, FIRST_FPR + i);
		if (u->fpr[i].how == UNWIND_SAVED)
			u->fpr[i].size = 8;
	}
	int lr = dwarf_frame_info(frame, NULL, NULL, NULL);
	if (lr >= 0) {
		Dwarf_Op mem[3];
		u->lr = rule_of(frame, lr);
		if (dwarf_frame_register(frame, lr, mem, &ops, &n) == 0 && n == 1 && ops[0].atom == DW_OP_regx &&
			ops[0].number < 32)
			u->lr_in = (int8_t)ops[0].number;
	}
	return true;
}

bool image_cfi_at(const struct image *img, uint32_t pc, struct unwind *u)
{
	for (const struct dwarf *d = img ? img->dwarf : NULL; d; d = d->next) {
		Dwarf_CFI *cfi[] = { d->handle->dwarf ? dwarf_getcfi(d->handle->dwarf) : NULL, d->handle->eh };
		for (unsigned i = 0; i < ARRAY_LEN(cfi); i++) {
			Dwarf_Frame *frame = NULL;
			if (!cfi[i] || dwarf_cfi_addrframe(cfi[i], pc, &frame) != 0)
				continue;
			bool said = frame_rules(frame, u);
			free(frame);
			if (said)
				return true;
		}
	}
	return false;
}
