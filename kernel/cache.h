/* kernel/cache.h - the file system's page cache: pages of 4 KiB keyed by (file, page), shared by all handles on a file.
 *
 * Its pages lie in the kernel's part of guest memory, in frames that the cache owns. All reads and writes of file data go through it. A dirty page goes
 * into the machine's overlay (kernel/file.h) when the file is flushed, at its last close, or when its place is needed; clean pages that were
 * used longest ago make room first, also when frames are out. FscSetCacheElementCount says how many pages there may be: an
 * element is taken for a page.
 */
#ifndef KERNEL_CACHE_H
#define KERNEL_CACHE_H

#include "kernel/file.h"

#define CACHE_PAGES_DEFAULT 256u

void cache_layout(struct machine *m);
void cache_init(struct machine *m);

/** Copies @size bytes of a file, all inside of one page, from @bytes (@store) or to it.
 * @return a guest status: NT_SUCCESS, NT_DISK_FULL, NT_INSUFFICIENT_RESOURCES (no frame), file_page_read's. */
uint32_t cache_copy(struct machine *m, uint32_t file, uint64_t offset, void *bytes, uint32_t size, bool store);
/** Are all pages of this range in it? */
bool cache_holds(const struct machine *m, uint32_t file, uint64_t offset, uint64_t size);
/** Dirty pages of @file are written into the overlay. */
void cache_flush(struct machine *m, uint32_t file);
/** Pages behind byte @size go unwritten; the rest of the one that @size lies in becomes zero. */
void cache_truncate(struct machine *m, uint32_t file, uint64_t size);
/** At most @pages from now on (0: the default). */
void cache_resize(struct machine *m, uint32_t pages);
/** For whoever is about to commit memory: gives frames back till @pages of them are free, or the cache is empty. True: it gave some. */
bool cache_reclaim(struct machine *m, uint32_t pages);

static inline const struct w_cache *cache_peek(const struct machine *m)
{
	return arena_peek(&m->world, m->t_cache, 1);
}
static inline const struct w_cache_page *cache_page_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_cache_page, row);
}
static inline const struct cache_count *cache_count_peek(const struct machine *m)
{
	return arena_peek(&m->history, m->t_cache_count, 1);
}
/** Where row @row's bytes lie. */
uint32_t cache_page_ga(uint32_t row);

#endif
