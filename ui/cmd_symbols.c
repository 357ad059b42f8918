/* ui/cmd_symbols.c - commands about symbols: which covers an address, further ones, words with symbols, the title as an ELF file. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/load/dwarf.h"
#include "src/load/elf_write.h"
#include "src/load/symbols.h"
#include "ui/cmd.h"

#define SYNOPSIS "symbol ADDRESS | load FILE | add NAME ADDRESS [SIZE] | del NAME"

/* ---- symbol --------------------------------------------------------------------------------------------------------------------- */

static enum status load_symbols(struct session *s, const char *path, struct err *err)
{
	struct symbols_read r;
	enum status st = image_symbols_read(s->image, path, &r, err);
	if (st != ST_OK)
		return st;
	char skipped[64] = "";
	if (r.skipped)
		snprintf(skipped, sizeof skipped, "; %u lines are no symbols", r.skipped);
	say(s, "%u symbol%s%s%s", r.symbols, r.symbols == 1 ? "" : "s", r.lines ? ", and source lines" : "", skipped);
	if (r.lines && s->image->dwarf->note[0])
		say(s, "(%s)", s->image->dwarf->note);
	return ST_OK;
}

static enum status add_symbol(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint32_t ga = 0;
	uint64_t size = 0;
	enum status st = given_words(a, 3, 4, SYNOPSIS, err);
	if (st == ST_OK)
		st = expr_address(s, a->word[2], &ga, err);
	if (st == ST_OK && a->count == 4 && (!parse_count(a->word[3], &size) || size > UINT32_MAX))
		st = err_set(err, ST_BAD_VALUE, "'%.60s' is no size in bytes", a->word[3]);
	return st == ST_OK ? image_symbol_add(s->image, a->word[1], ga, (uint32_t)size, err) : st;
}

static enum status delete_symbol(struct session *s, const struct cmd_args *a, struct err *err)
{
	enum status st = given_words(a, 2, 2, SYNOPSIS, err);
	return st == ST_OK ? image_symbol_delete(s->image, a->word[1], err) : st;
}

enum status cmd_symbol(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	if (!a->count)
		return err_set(err, ST_BAD_USAGE, "an address is missing: " SYNOPSIS);
	if (a->count > 1 && !strcmp(a->word[0], "load"))
		return load_symbols(s, a->rest + 4 + strspn(a->rest + 4, " \t"), err);
	if (a->count > 1 && !strcmp(a->word[0], "add"))
		return add_symbol(s, a, err);
	if (a->count > 1 && (!strcmp(a->word[0], "del") || !strcmp(a->word[0], "delete")))
		return delete_symbol(s, a, err);
	enum status st = expr_address(s, a->rest, &q.ga, err);
	if (st == ST_OK)
		show_table(s, TABLE_SYMBOL, &q);
	return st;
}

void save_symbols(const struct session *s, FILE *f)
{
	for (unsigned i = 0; i < s->image->symbols; i++) {
		const struct image_symbol *y = &s->image->symbol[i];
		if (y->from == SYMBOL_USER)
			fprintf(f, "symbol add %s 0x%08x %u\n", y->name, y->ga, y->size);
	}
}

/* ---- dps -------------------------------------------------------------------------------------------------------------------------- */

#define DPS_WORDS 16

enum status cmd_dps(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	uint64_t n = 0;
	enum status st = given_words(a, 0, 2, "dps [ADDRESS] [N]", err);
	if (st == ST_OK)
		st = given_count(a, 1, DPS_WORDS, &n, err);
	if (st == ST_OK && a->count)
		st = expr_address(s, a->word[0], &q.ga, err);
	else if (st == ST_OK && s->next_ga)
		q.ga = s->next_ga;
	else if (st == ST_OK)
		st = expr_address(s, "$sp", &q.ga, err);
	if (st == ST_OK && n > 65536)
		st = err_set(err, ST_BAD_VALUE, "a count is 1 to 65536");
	if (st != ST_OK)
		return st;
	q.count = (uint32_t)n;
	show_table(s, TABLE_WORDS, &q);
	s->next_ga = (q.ga & ~3u) + 4 * q.count;
	return ST_OK;
}

/* ---- export-elf ------------------------------------------------------------------------------------------------------------------- */

/* The segments as they are in memory now: imports resolved, what the title wrote in it. */
static struct image_segment *present_segments(const struct session *s)
{
	const struct image *img = s->image;
	struct image_segment *seg = xcalloc(img->segments, sizeof *seg);
	for (unsigned i = 0; i < img->segments; i++) {
		uint8_t *bytes = xcalloc(1, img->segment[i].size);
		uint32_t n = img->segment[i].size;
		for (uint32_t at = 0; at < n; at += MEM_PAGE)
			if (mem_peek(&session_machine(s)->mem, img->segment[i].ga + at, bytes + at, MEM_PAGE) != MEM_OK)
				memset(bytes + at, 0, MEM_PAGE);
		while (n && !bytes[n - 1])
			n--;
		seg[i] = img->segment[i];
		seg[i].file_size = n;
		seg[i].bytes = bytes;
	}
	return seg;
}

enum status cmd_export_elf(struct session *s, const struct cmd_args *a, struct err *err)
{
	if (!*a->rest)
		return err_set(err, ST_BAD_USAGE, "a file is missing: export-elf FILE");
	FILE *f = fopen(a->rest, "wb");
	if (!f)
		return err_set(err, ST_IO, "%s: %s", a->rest, strerror(errno));
	struct image_segment *seg = present_segments(s);
	elf_write(f, &(struct elf_out){ s->image->entry, s->image->segments, s->image->symbols, seg, s->image->symbol });
	for (unsigned i = 0; i < s->image->segments; i++)
		free((void *)(uintptr_t)seg[i].bytes);
	free(seg);
	bool bad = ferror(f) != 0;
	if (fclose(f) || bad)
		return err_set(err, ST_IO, "%s: %s", a->rest, strerror(errno));
	say(s, "%u segments and %u symbols", s->image->segments, s->image->symbols);
	return ST_OK;
}
