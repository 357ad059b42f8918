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

static enum status write_out(struct machine *m, uint32_t file, struct err *err)
{
	const struct w_file *f = file_peek(m, file);
	struct volume *v = mount_peek(m, f->mount)->volume;
	if (f->state == FILE_GONE)
		return volume_out_remove(v, f->path, err);
	if (f->directory)
		return volume_out_directory(v, f->path, err);
	cache_flush(m, file);
	return volume_out_file(v, f->path, f->size, read_page, &(struct page_source){ m, file }, err);
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
		for (; at && strcmp(file_peek(m, rows[at - 1])->path, f->path) > 0; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
	*out = rows;
	return n;
}

enum status files_write_through(struct machine *m, uint32_t mount, struct err *err)
{
	uint32_t *rows;
	enum status st = ST_OK;
	unsigned n = changed_rows(m, mount, &rows);
	for (unsigned i = 0; st == ST_OK && i < n; i++)
		if (file_peek(m, rows[i])->state == FILE_CHANGED)
			st = write_out(m, rows[i], err);
	for (unsigned i = n; st == ST_OK && i-- > 0;)
		if (file_peek(m, rows[i])->state == FILE_GONE)
			st = write_out(m, rows[i], err);
	free(rows);
	return st;
}
