/* kernel/file_out.c - see file.h: what the title has changed goes to the host, when the user asked for it. */
#include "config.h"

#include <stdlib.h>

#include "kernel/cache.h"
#include "kernel/file_priv.h"
#include "kernel/ntstatus.h"

struct page_source {
	struct machine *m;
	uint32_t file;
};

static bool read_page(void *ctx, uint64_t block, uint8_t bytes[VOLUME_BLOCK])
{
	const struct page_source *s = ctx;
	return file_page_read(s->m, s->file, (uint32_t)block, bytes) == NT_SUCCESS;
}

/* Rows of @mount that differ from the host, by path: a directory before what lies in it. */
static unsigned changed_rows(const struct machine *m, uint32_t mount, uint32_t **out)
{
	uint32_t count = arena_count(&m->world, m->t_file), *rows = xcalloc(count + 1, sizeof *rows), n = 0;
	for (uint32_t row = 1; row < count; row++) {
		const struct w_file *f = file_peek(m, row);
		if (f->mount != mount || (f->state != FILE_CHANGED && f->state != FILE_GONE) || f->delete_pending)
			continue;
		uint32_t at = n++;
		for (; at && file_name_order(file_peek(m, rows[at - 1])->path, f->path) > 0; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
	*out = rows;
	return n;
}

static bool is_file(const struct w_file *f)
{
	return f->state == FILE_CHANGED && !f->directory;
}

enum step { STAGE, REMOVE, DIRECTORY, PLACE, STEPS };

static enum status take(struct machine *m, enum step step, unsigned number, uint32_t row, struct err *err)
{
	const struct w_file *f = file_peek(m, row);
	struct volume *v = mount_peek(m, f->mount)->volume;
	bool changed = f->state == FILE_CHANGED, file = is_file(f);
	switch (step) {
	case STAGE:
		if (!file)
			return ST_OK;
		cache_flush(m, row);
		return volume_out_stage(v, number, f->path, f->size, read_page, &(struct page_source){ m, row }, err);
	case REMOVE: return changed ? ST_OK : volume_out_remove(v, f->path, err);
	case DIRECTORY: return changed && f->directory ? volume_out_directory(v, f->path, err) : ST_OK;
	default: return file ? volume_out_place(v, number, f->path, err) : ST_OK;
	}
}

/* All bytes are read before anything on the host changes, as files may have changed places. What is not there any more goes deepest first. */
enum status files_write_through(struct machine *m, uint32_t mount, struct err *err)
{
	uint32_t *rows;
	enum status st = ST_OK;
	unsigned n = changed_rows(m, mount, &rows), staged = 0;
	for (enum step step = STAGE; step < STEPS && st == ST_OK; step++)
		for (unsigned i = 0; i < n && st == ST_OK; i++) {
			unsigned at = step == REMOVE ? n - 1 - i : i;
			st = take(m, step, at, rows[at], err);
			staged += step == STAGE && st == ST_OK;
		}
	for (unsigned i = 0; staged < n && i < staged; i++) /* nothing has been changed, and nothing stays behind */
		if (is_file(file_peek(m, rows[i])))
			volume_out_unstage(mount_peek(m, mount)->volume, i);
	free(rows);
	return st;
}
