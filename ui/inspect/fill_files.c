/* ui/inspect/fill_files.c - the tables of mounts, open files, I/O requests and the file cache. */
#include "config.h"

#include <stdio.h>

#include "kernel/cache.h"
#include "kernel/exports.h"
#include "kernel/io.h"
#include "kernel/overlapped.h"
#include "kernel/request.h"
#include "ui/inspect/inspect.h"

static void put_mount_row(
	struct table *t, const char *device, const char *kind, const char *access, const char *from, const struct volume *v)
{
	put_str(t, device);
	put_str(t, kind);
	put_str(t, access);
	uint64_t bad = 0, checked = v ? volume_checked(v, &bad) : 0;
	if (v && volume_hidden(v))
		put_u64(t, volume_hidden(v));
	else
		put_none(t);
	put_str(t, !checked ? NULL : bad ? "bad" : "good");
	put_str(t, from);
	if (bad)
		table_note(t, "%s: %llu of %llu blocks that were read are not what the package's hashes say (`info imagefiles`)",
			device, (unsigned long long)bad, (unsigned long long)checked);
}

void fill_mounts(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	const struct mounts *ms = m->options.mounts;
	for (unsigned i = 1; i <= mounts_count(m); i++) {
		const struct mount *mt = mount_peek(m, i);
		put_mount_row(t, mt->device, mt->raw ? "raw disk" : volume_kind_word(volume_kind(mt->volume)),
			mt->dead       ? "dead"
			: mt->writable ? "overlay"
				       : "read only",
			volume_path(mt->volume), mt->volume);
	}
	for (unsigned i = 0; ms && i < ms->aliases; i++) {
		const char *to = link_target(m, ms->alias[i].name, strlen(ms->alias[i].name));
		if (to == ms->alias[i].target)
			put_mount_row(t, ms->alias[i].name, "link", NULL, to, NULL);
	}
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_link); row++)
		if (link_peek(m, row)->target[0])
			put_mount_row(t, link_peek(m, row)->name, "link", NULL, link_peek(m, row)->target, NULL);
	if (mounts_broken(ms))
		table_note(t, "%s", mounts_broken(ms));
}

static void put_known(struct table *t, bool known, uint64_t n)
{
	if (known)
		put_u64(t, n);
	else
		put_none(t);
}

/* Every file below @node: what it is, and how good. */
static void put_contents(struct table *t, const char *device, struct volume *v, uint32_t node, const char *path)
{
	uint32_t first, count;
	char below[VOLUME_PATH_MAX + 1];
	if (volume_children(v, node, &first, &count, NULL) != ST_OK)
		return;
	for (uint32_t i = first; i < first + count; i++) {
		struct volume_entry e = volume_entry(v, i);
		snprintf(below, sizeof below, "%s%s%s", path, *path ? "\\" : "", e.name);
		if (e.directory) {
			put_contents(t, device, v, i, below);
			continue;
		}
		uint64_t blocks = 0, bad = 0;
		bool known = volume_verify(v, i, &blocks, &bad, NULL) == ST_OK && blocks;
		put_str(t, device);
		put_u64(t, e.size);
		put_known(t, known, blocks);
		put_known(t, known, bad);
		put_str(t, below);
	}
}

void fill_imagefiles(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	const char *word = q->word ? q->word : "";
	for (unsigned i = 1; i <= mounts_count(m); i++) {
		const struct mount *mt = mount_peek(m, i);
		bool image = volume_kind(mt->volume) != VOLUME_FOLDER && volume_kind(mt->volume) != VOLUME_EMPTY;
		if (image && (!*word || (strlen(word) == strlen(mt->device) && fs_name_equal(word, mt->device, strlen(word)))))
			put_contents(t, mt->device, mt->volume, 1, "");
	}
}

static const char *state_word(const struct w_file *f)
{
	if (f->delete_pending)
		return "going";
	return f->state == FILE_GONE ? "deleted" : f->state == FILE_KEPT ? "as mounted" : f->from_host ? "changed" : "new";
}

/* What every row says of the file itself. */
static void put_file(struct table *t, const struct machine *m, uint32_t file)
{
	char name[FS_PATH_MAX + FS_LINK_MAX + 3];
	const struct w_file *f = file_peek(m, file);
	put_u64(t, f->size);
	put_str(t, f->directory ? "directory" : state_word(f));
	put_str(t, file_name(m, file, name, sizeof name));
}

static void put_open(struct table *t, const struct machine *m, uint32_t row)
{
	char handle[32], access[8] = "", *p = access;
	const struct w_open *o = open_peek(m, row);
	for (unsigned i = 0; i < 3; i++)
		if (o->access & (const uint32_t[]){ FILE_READ_DATA, FILE_WRITE_DATA | FILE_APPEND_DATA, FILE_DELETE }[i])
			*p++ = "rwd"[i];
	*p = 0;
	put_object(t, object_peek(m, o->object)->id);
	put_str(t, object_handle_text(m, o->object, handle, sizeof handle));
	put_str(t, access);
	put_str(t, o->options & (FILE_SYNC_ALERT | FILE_SYNC_NONALERT) ? "sync" : "async");
	put_u64(t, o->position);
	if (o->port)
		put_object(t, object_peek(m, o->port)->id);
	else
		put_none(t);
	put_file(t, m, o->file);
}

void fill_files(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_open); row++)
		if (open_peek(m, row)->object)
			put_open(t, m, row);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_file); row++) {
		const struct w_file *f = file_peek(m, row);
		if (f->state == FILE_FREE || f->opens)
			continue;
		for (unsigned i = 0; i < 6; i++)
			put_none(t);
		put_file(t, m, row);
	}
	if (file_blocks(m))
		table_note(t, "the title's own blocks: %u of 4 KiB", file_blocks(m));
}

static void put_due(struct table *t, const struct machine *m, uint32_t deadline_row)
{
	if (deadline_row)
		put_cycles(t,
			((const struct w_deadline *)arena_peek(&m->world, m->t_deadline, deadline_row))->due * CYCLES_PER_TICK);
	else
		put_none(t);
}

static void put_overlapped(struct table *t, const struct machine *m, const struct w_overlapped *o)
{
	char text[32];
	put_u64(t, o->id);
	put_str(t, "overlapped");
	put_str(t, o->state == OVERLAPPED_LOST ? "lost" : "in flight");
	put_tid(t, o->tid);
	for (unsigned i = 0; i < 3; i++)
		put_none(t);
	if (o->event)
		put_object(t, object_peek(m, o->event)->id);
	else
		put_none(t);
	put_cycles(t, o->started);
	put_due(t, m, o->deadline_row);
	put_str(t, export_table[o->export_row - 1].name);
	snprintf(text, sizeof text, "XOVERLAPPED %08X", o->ga);
	put_str(t, text);
}

/* One that a title's own driver has. */
static void put_request(struct table *t, const struct machine *m, const struct w_request *r)
{
	put_u64(t, r->id);
	put_str(t, request_word(r->major));
	put_str(t, r->done ? "done" : r->in_driver ? "in driver" : "pending");
	put_tid(t, r->tid);
	put_object(t, object_peek(m, r->object)->id);
	put_u64(t, r->offset);
	put_none(t);
	if (r->event)
		put_object(t, object_peek(m, r->event)->id);
	else
		put_none(t);
	put_cycles(t, r->started);
	put_none(t);
	put_str(t, export_table[r->export_row - 1].name);
	put_str(t, devfile_of(m, r->object)->name);
}

void fill_io(struct table *t, const struct query *q)
{
	static const char *const states[] = { "", "in flight", "lost", "done" };
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_io); row++) {
		char name[FS_PATH_MAX + FS_LINK_MAX + 3];
		const struct w_io *io = io_peek(m, row);
		if (io->state == IO_FREE)
			continue;
		put_u64(t, io->id);
		put_str(t, io_kind_word(io->kind));
		put_str(t, states[io->state]);
		put_tid(t, io->tid);
		put_object(t, object_peek(m, io->object)->id);
		put_u64(t, io->offset);
		put_u64(t, io->length);
		if (io->event)
			put_object(t, object_peek(m, io->event)->id);
		else
			put_none(t);
		put_cycles(t, io->started);
		put_due(t, m, io->deadline_row);
		put_str(t, export_table[io->export_row - 1].name);
		put_str(t, file_name(m, open_of(m, io->object)->file, name, sizeof name));
	}
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_request); row++)
		if (request_peek(m, row)->tid)
			put_request(t, m, request_peek(m, row));
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_overlapped); row++)
		if (overlapped_peek(m, row)->state != OVERLAPPED_FREE)
			put_overlapped(t, m, overlapped_peek(m, row));
}

void fill_cache(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	const struct w_cache *c = cache_peek(m);
	const struct cache_count *n = cache_count_peek(m);
	const uint64_t v[] = { c->limit, c->used, c->dirty, n->hits, n->misses, n->evicted, n->flushed };
	for (unsigned i = 0; i < ARRAY_LEN(v); i++)
		put_u64(t, v[i]);
}

void fill_cachepages(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = cache_peek(m)->first; row; row = cache_page_peek(m, row)->next) {
		char name[FS_PATH_MAX + FS_LINK_MAX + 3];
		const struct w_cache_page *p = cache_page_peek(m, row);
		put_hex(t, cache_page_ga(row));
		put_u64(t, p->page);
		put_str(t, p->dirty ? "dirty" : "clean");
		put_str(t, file_name(m, p->file, name, sizeof name));
	}
}
