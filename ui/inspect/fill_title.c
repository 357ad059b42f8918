/* ui/inspect/fill_title.c - the tables of the title's image, of the kernel's exports, of guest memory, and of the session. */
#include "config.h"

#include "kernel/module.h"
#include "ui/inspect/inspect.h"

#include <inttypes.h>
#include <stdio.h>

#include "kernel/account.h"
#include "kernel/exports.h"
#include "src/load/dwarf.h"
#include "src/load/image.h"
#include "ui/block.h"
#include "ui/breaks.h"
#include "ui/logline.h"
#include "ui/session.h"
#include "ui/source.h"

static const char *protect_text(unsigned protect, char buf[4])
{
	buf[0] = protect & MEM_PROT_R ? 'r' : '-';
	buf[1] = protect & MEM_PROT_W ? 'w' : '-';
	buf[2] = protect & MEM_PROT_X ? 'x' : '-';
	buf[3] = 0;
	return buf;
}

/* ---- image ------------------------------------------------------------------------------------------------------------ */

void fill_sections(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	char buf[4];
	for (unsigned i = 0; img && i < img->segments; i++) {
		const struct image_segment *s = &img->segment[i];
		put_hex(t, s->ga);
		put_hex(t, s->ga + s->size - 1);
		put_str(t, protect_text(s->protect, buf));
		put_hex(t, s->file_size);
	}
}

static const char *symbol_from_word(unsigned from)
{
	static const char *const words[] = {
#define SYMBOL_FROM(id, word) word,
		SYMBOL_FROM_LIST(SYMBOL_FROM)
#undef SYMBOL_FROM
	};
	return words[from];
}

void fill_symbol(struct table *t, const struct query *q)
{
	uint32_t offset;
	const struct image *img = q->machine->image;
	const struct image_symbol *s = img ? image_symbol_at(machine_image_at(q->machine, q->ga), q->ga, &offset) : NULL;
	char text[SYMBOL_TEXT], source[SOURCE_TEXT];
	if (!s) {
		table_note(t, "no symbol covers %08X", q->ga);
		return;
	}
	put_hex(t, q->ga);
	put_str(t, code_text(q->machine, q->ga, text, sizeof text));
	put_hex(t, s->ga);
	put_u64(t, s->size);
	put_str(t, s->function ? "function" : "data");
	put_str(t, symbol_from_word(s->from));
	put_str(t, source_text_at(img, q->ga, source, sizeof source));
}

static bool chosen(const struct query *q, const char *name)
{
	return !q->word || !*q->word || strcasestr(name, q->word);
}

void fill_symbols(struct table *t, const struct query *q)
{
	const struct image *img;
	for (uint32_t at = 0; (img = machine_image_next(q->machine, &at));)
		for (unsigned i = 0; i < img->symbols; i++) {
			const struct image_symbol *s = &img->symbol[i];
			if (!chosen(q, s->name))
				continue;
			put_hex(t, s->ga);
			put_u64(t, s->size);
			put_str(t, s->function ? "function" : "data");
			put_str(t, symbol_from_word(s->from));
			put_str(t, s->name);
		}
}

/* What an import from a library leads to, "" = that has no name, or is not there. */
static const char *library_export(const struct machine *m, const struct image_import *im, char *buf, size_t size)
{
	uint32_t row = module_by_name(m, im->library), ga = row ? module_export(m, row, im->ordinal) : 0;
	buf[0] = '\0';
	return ga ? code_text(m, ga, buf, size) : buf;
}

void fill_imports(struct table *t, const struct query *q)
{
	const struct image *img = q->machine->image;
	for (unsigned i = 0; img && i < img->imports; i++) {
		const struct image_import *im = &img->import[i];
		int row = export_find(im->library, im->ordinal);
		char other[SYMBOL_TEXT];
		const char *name = row >= 0 ? export_table[row].name : library_export(q->machine, im, other, sizeof other);
		/* A function has two records, its slot and its thunk: the thunk stands for both. */
		bool variable = row < 0 ? im->type == 0 : export_table[row].state == EXPORT_VAR;
		bool first = im->type == 0 && i + 1 < img->imports && im[1].type == 1 && im[1].ordinal == im->ordinal;
		if (first || (im->type == 0 && !variable) || !chosen(q, name))
			continue;
		put_str(t, im->library);
		put_hex(t, im->ordinal);
		put_str(t, variable ? "variable" : "function");
		put_hex(t, im->ga);
		put_str(t, row >= 0 ? export_state_word(export_table[row].state) : export_module(im->library) < 0 ? "library" : "unknown");
		put_str(t, name);
	}
}

static const char *const arg_words[] = {
#define ARG_TYPE(id, word) [AT_##id] = word,
	ARG_TYPES(ARG_TYPE)
#undef ARG_TYPE
};

static bool imported(const struct image *img, unsigned row)
{
	for (unsigned i = 0; img && i < img->imports; i++)
		if (img->import[i].type == 1 && export_find(img->import[i].library, img->import[i].ordinal) == (int)row)
			return true;
	return false;
}

/* A word is a part of the name, or one of those with a dash. */
static bool export_chosen(const struct query *q, unsigned row)
{
	const struct export *e = &export_table[row];
	const struct account_export *a = account_of_export(q->machine, row + 1);
	const char *word = q->word ? q->word : "";
	if (!strcmp(word, "-stubs"))
		return e->state == EXPORT_STUB;
	if (!strcmp(word, "-ranked"))
		return export_rank(row, NULL) != 0;
	if (!strcmp(word, "-failed"))
		return a->failures != 0;
	if (!strcmp(word, "-uncalled"))
		return !a->calls && imported(q->machine->image, row);
	return chosen(q, e->name);
}

static void put_rank(struct table *t, unsigned row)
{
	unsigned titles, rank = export_rank(row, &titles);
	if (!rank) {
		put_none(t);
		put_none(t);
		return;
	}
	put_u64(t, rank);
	put_u64(t, titles);
}

void fill_exports(struct table *t, const struct query *q)
{
	static const char *const choices[] = { "-stubs", "-ranked", "-uncalled", "-failed" };
	bool known = !q->word || *q->word != '-';
	for (unsigned i = 0; i < ARRAY_LEN(choices); i++)
		known = known || !strcmp(q->word, choices[i]);
	if (!known)
		table_note(t, "there is no %.40s: -stubs, -ranked, -uncalled, -failed", q->word);
	for (unsigned i = 0; i < export_count; i++) {
		const struct export *e = &export_table[i];
		char words[WORDS_TEXT] = "";
		size_t n = 0;
		if (!export_chosen(q, i))
			continue;
		for (unsigned a = 0; a < e->nargs && n + 64 < sizeof words; a++)
			n += (size_t)snprintf(words + n, sizeof words - n, "%s%s:%s", a ? " " : "", e->args[a].name, arg_words[e->args[a].type]);
		put_str(t, e->module);
		put_hex(t, e->ordinal);
		put_str(t, export_state_word(e->state));
		put_u64(t, account_of_export(q->machine, i + 1)->calls);
		put_u64(t, account_of_export(q->machine, i + 1)->failures);
		put_rank(t, i);
		put_str(t, e->name);
		put_words(t, words);
	}
}

/* ---- memory ------------------------------------------------------------------------------------------------------------ */

static const char *const page_states[] = { [MEM_FREE] = "free", [MEM_RESERVED_ONLY] = "reserved", [MEM_COMMITTED] = "committed",
	                                   [MEM_MMIO] = "device" };

static bool same_range(const struct mem_page *a, const struct mem_page *b)
{
	/* The kernel allocates for itself page by page: where one ends says nothing. */
	bool kernel = a->owner == MEM_OWNER_kernel;
	return a->state == b->state && a->protect == b->protect && a->owner == b->owner && (kernel || a->alloc_base == b->alloc_base);
}

static void put_range(struct table *t, uint32_t first, uint32_t end, const struct mem_page *p)
{
	char buf[4];
	put_hex(t, (uint64_t)first << MEM_PAGE_SHIFT);
	put_hex(t, ((uint64_t)end << MEM_PAGE_SHIFT) - 1);
	put_u64(t, (uint64_t)(end - first) * (MEM_PAGE / 1024));
	put_str(t, page_states[p->state]);
	put_str(t, protect_text(p->protect, buf));
	put_str(t, p->state == MEM_COMMITTED ? mem_owner_word(p->owner) : NULL);
	if (p->alloc_base)
		put_hex(t, p->alloc_base);
	else
		put_none(t);
}

void fill_memory(struct table *t, const struct query *q)
{
	const struct mem *m = &q->machine->mem;
	uint32_t page = 0;
	while (page < MEM_PAGES) {
		uint32_t first = page, ga = page << MEM_PAGE_SHIFT;
		const struct mem_page *p = mem_canonical(ga) == ga ? mem_page_at(m, ga) : NULL;
		page++;
		if (!p || p->state == MEM_FREE)
			continue;
		while (page < MEM_PAGES && mem_canonical(page << MEM_PAGE_SHIFT) == page << MEM_PAGE_SHIFT &&
		       same_range(p, mem_page_at(m, page << MEM_PAGE_SHIFT)))
			page++;
		put_range(t, first, page, p);
	}
}

static size_t unit_text(char *buf, size_t size, const uint8_t *p, unsigned unit, char format)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < unit; i++)
		v = v << 8 | p[i];
	int64_t s = (int64_t)(v << (64 - 8 * unit)) >> (64 - 8 * unit);
	switch (format) {
	case 'd': return (size_t)snprintf(buf, size, "%" PRId64, s);
	case 'u': return (size_t)snprintf(buf, size, "%" PRIu64, v);
	case 'o': return (size_t)snprintf(buf, size, "0%" PRIo64, v);
	case 'c': return (size_t)snprintf(buf, size, v >= 0x21 && v < 0x7f ? "'%c'" : "\\x%02X", (int)(v & 0xff));
	case 't': {
		char bits[65];
		for (unsigned i = 0; i < 8 * unit; i++)
			bits[i] = v >> (8 * unit - 1 - i) & 1 ? '1' : '0';
		bits[8 * unit] = 0;
		return (size_t)snprintf(buf, size, "%s", bits);
	}
	default: return (size_t)snprintf(buf, size, "%0*" PRIX64, (int)(2 * unit), v);
	}
}

static void dump_strings(struct table *t, const struct query *q)
{
	uint32_t ga = q->ga;
	for (unsigned i = 0; i < q->count; i++) {
		char text[256];
		if (!mem_string(&q->machine->mem, ga, text, sizeof text)) {
			table_note(t, "%08X is not mapped", ga);
			return;
		}
		put_code(t, q->machine, ga);
		put_words(t, text);
		ga += (uint32_t)strlen(text) + 1;
	}
}

void fill_dump(struct table *t, const struct query *q)
{
	unsigned per_line = q->format == 'a' ? 1 : 16 / q->unit;
	if (q->format == 's') {
		dump_strings(t, q);
		return;
	}
	for (unsigned i = 0; i < q->count; i += per_line) {
		char line[WORDS_TEXT] = "";
		size_t n = 0;
		unsigned here = 0;
		uint32_t ga = q->ga + i * q->unit;
		for (; here < per_line && i + here < q->count; here++) {
			uint8_t b[8];
			if (mem_peek(&q->machine->mem, ga + here * q->unit, b, q->unit) != MEM_OK)
				break;
			n += (size_t)snprintf(line + n, sizeof line - n, here ? " " : "");
			n += unit_text(line + n, sizeof line - n, b, q->unit, q->format);
			if (q->format == 'a')
				code_text(q->machine, load_be32(b), line + n + 1, sizeof line - n - 1)[0] ? (line[n] = ' ') : 0;
		}
		if (here) {
			put_code(t, q->machine, ga);
			put_words(t, line);
		}
		if (here < per_line && i + here < q->count) {
			table_note(t, "%08X is not mapped", ga + here * q->unit);
			return;
		}
	}
}

/* The source line, at its first instruction. */
static void put_line_begin(struct table *t, const struct image *img, uint32_t ga, bool first)
{
	struct line_place p;
	if (image_line_at(img, ga, &p) && (first || p.begin == ga))
		put_strf(t, "%s:%u", p.file, p.line);
	else
		put_none(t);
}

void fill_code(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	uint32_t pc = q->thread ? context_peek(m, q->thread)->pc : 0;
	for (unsigned i = 0; i < q->count; i++) {
		uint32_t ga = (q->ga & ~3u) + 4 * i;
		uint8_t b[4];
		char text[96], symbol[SYMBOL_TEXT] = "";
		if (mem_peek(&m->mem, ga, b, sizeof b) != MEM_OK) {
			table_note(t, "%08X is not mapped", ga);
			return;
		}
		uint32_t word = load_be32(b);
		ppc_disasm(ga, word, text, sizeof text);
		/* I-form branches name their target; B-form ones stay inside their function. */
		if (word >> 26 == 18)
			code_text(m, (word & 2 ? 0 : ga) + (uint32_t)((int32_t)(word << 6) >> 6 & ~3), symbol, sizeof symbol);
		put_code(t, m, ga);
		put_bool(t, q->thread && ga == pc);
		put_hex(t, word);
		put_str(t, text);
		put_str(t, symbol);
		put_line_begin(t, m->image, ga, i == 0);
	}
}

/* ---- the session --------------------------------------------------------------------------------------------------------- */

void fill_stop(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char source[SOURCE_TEXT];
	put_str(t, stop_kind_word(q->stop->kind));
	put_tid(t, q->stop->tid);
	if (q->stop->tid)
		put_code(t, m, q->stop->pc);
	else
		put_none(t);
	put_cycles(t, machine_instructions(m));
	put_cycles(t, machine_cycle(m));
	put_u64(t, event_seq(&m->events));
	put_str(t, q->stop->text);
	put_str(t, q->stop->tid ? source_text_at(m->image, q->stop->pc, source, sizeof source) : NULL);
}

static const char *point_word(const struct breakpoint *p)
{
	if (p->kind == POINT_CODE)
		return p->temporary ? "tbreak" : "break";
	if (p->kind == POINT_CATCH || p->kind == POINT_FRAME)
		return p->temporary ? "tcatch" : "catch";
	return p->on_read && p->on_write ? "awatch" : p->on_read ? "rwatch" : "watch";
}

/* All that a stop does beside stopping, in the words in which it is said. */
static void point_what(struct table *t, const struct breakpoint *p, const struct image *img)
{
	char text[CELL_TEXT] = "", source[SOURCE_TEXT];
	const char *what = p->what ? p->what : p->kind == POINT_CODE ? source_text_at(img, p->ga, source, sizeof source) : "";
	size_t n = (size_t)snprintf(text, sizeof text, "%.300s", what);
	if (p->kind == POINT_WATCH)
		n += (size_t)snprintf(text + n, sizeof text - n, " (%u byte%s%s)", p->size, p->size == 1 ? "" : "s", p->on_change ? ", on change" : "");
	if (p->tid)
		n += (size_t)snprintf(text + n, sizeof text - n, " thread %u", p->tid);
	if (p->condition)
		n += (size_t)snprintf(text + n, sizeof text - n, " if %.200s", expr_text(p->condition));
	if (p->ignore)
		n += (size_t)snprintf(text + n, sizeof text - n, " ignore %" PRIu64, p->ignore);
	if (p->left)
		n += (size_t)snprintf(text + n, sizeof text - n, " count %" PRIu64, p->left);
	if (p->log)
		n += (size_t)snprintf(text + n, sizeof text - n, " log \"%.200s\"", log_format_text(p->log));
	if (p->arms)
		n += (size_t)snprintf(text + n, sizeof text - n, " arms %u", p->arms);
	if (p->function)
		n += (size_t)snprintf(text + n, sizeof text - n, " calls a script's function");
	if (p->commands)
		snprintf(text + n, sizeof text - n, " %u commands", p->commands->count);
	put_str(t, text[0] == ' ' ? text + 1 : text);
}

void fill_breakpoints(struct table *t, const struct query *q)
{
	static const char *const fates[] = { [FATE_KEEP] = "keep", [FATE_DISABLE] = "disable", [FATE_DELETE] = "delete" };
	for (unsigned i = 0; q->breaks && i < q->breaks->count; i++) {
		const struct breakpoint *p = q->breaks->list[i];
		char words[WORDS_TEXT] = "";
		size_t n = 0;
		if (!p->number)
			continue;
		put_u64(t, p->number);
		put_str(t, point_word(p));
		put_str(t, fates[p->fate]);
		put_bool(t, p->enabled);
		if (p->kind == POINT_CATCH)
			put_none(t);
		else
			put_code(t, q->machine, p->ga);
		put_u64(t, p->hits);
		put_u64(t, p->reached);
		for (unsigned k = 0; k < p->threads && n + 40 < sizeof words; k++)
			n += (size_t)snprintf(words + n, sizeof words - n, "%s%u:%" PRIu64, n ? " " : "", p->by_thread[k].tid, p->by_thread[k].n);
		put_words(t, words);
		if (p->hits)
			put_cycles(t, p->last_cycle);
		else
			put_none(t);
		point_what(t, p, q->machine->image);
	}
}

void fill_log(struct table *t, const struct query *q)
{
	put_u64(t, q->value);
	put_str(t, q->word);
}

void fill_text(struct table *t, const struct query *q)
{
	put_str(t, q->word);
}

void fill_journal(struct table *t, const struct query *q)
{
	char text[JOURNAL_TEXT];
	for (unsigned i = 0; i < q->journal->done; i++) {
		put_cycles(t, q->journal->entry[i].at.instr);
		put_str(t, journal_text(&q->journal->entry[i], text, sizeof text));
	}
}

void fill_digest(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	put_u64(t, machine_instructions(m));
	put_u64(t, machine_cycle(m));
	put_u64(t, event_seq(&m->events));
	put_hex(t, machine_digest(m));
}

void fill_events(struct table *t, const struct query *q)
{
	static const char *const aux[] = {
#define EVENT(id, kind, text, facts) facts,
#include "src/event/event.def"
#undef EVENT
	};
	for (unsigned k = 0; k < EV_KINDS; k++) {
		put_str(t, event_kind_name(k));
		put_str(t, event_kind_text(k));
		put_str(t, aux[k]);
	}
}

void fill_value(struct table *t, const struct query *q)
{
	char symbol[SYMBOL_TEXT], text[128];
	struct value v = value_u(q->value);
	put_str(t, q->word);
	if (q->shown) {
		put_str(t, q->shown);
		put_none(t);
		put_none(t);
		return;
	}
	value_format(&v, q->format, text, sizeof text);
	put_str(t, text);
	put_strf(t, "%" PRId64, (int64_t)q->value);
	put_str(t, q->value >> 32 ? "" : code_text(q->machine, (uint32_t)q->value, symbol, sizeof symbol));
}
