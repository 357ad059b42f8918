/* kernel/fs_state.h - the rows of the world arena that hold files, their cache and I/O: as kernel/state.h, of which it is a part.
 *
 * A file is known by its mount's number and its path, never by anything of the host's.
 */
#ifndef KERNEL_FS_STATE_H
#define KERNEL_FS_STATE_H

#include "src/base/arena.h"
#include "src/base/base.h"

#define FS_PATH_MAX 255u /* bytes of a path inside of a mount */
#define FS_LINK_MAX 127u /* of a symbolic link's name, or target */

/** What a file row is to its mount. */
enum file_state {
	FILE_FREE,
	FILE_KEPT,    /* as on the host: the row goes with its last open */
	FILE_CHANGED, /* the title has changed or made it */
	FILE_GONE,    /* deleted (or its name moved away): hides what the host has at this path */
};

/** A file or directory that is open, or that the title has made, changed or deleted; table "file". */
struct w_file {
	uint64_t size;             /* bytes */
	uint64_t base_size;        /* so many of the host's bytes show; what lies behind is zero or in blocks */
	uint64_t created, written; /* FILETIME */
	uint32_t mount;            /* number, from 1 */
	uint32_t hash_next;        /* file row: same bucket of "file.bucket" */
	uint32_t opens;            /* open rows */
	uint32_t block_first;      /* block row: its own blocks */
	uint32_t attributes;
	uint8_t state; /* enum file_state */
	uint8_t directory;
	uint8_t delete_pending;
	uint8_t from_host;          /* 1 = @base is a file of the mount's volume */
	char path[FS_PATH_MAX + 1]; /* ended by NUL, '\' between components */
	char base[FS_PATH_MAX + 1];
};
ARENA_ROW_SIZE(w_file, 568);

/** A block of 4 KiB that the title has written; table "file.block"; the same row of table "file.data" holds the bytes. */
struct w_block {
	uint32_t file; /* file row */
	uint32_t index;
	uint32_t hash_next;            /* block row: same bucket of "block.bucket" */
	uint32_t file_next, file_prev; /* block rows of the file */
};
ARENA_ROW_SIZE(w_block, 20);

/** A file object: what NtCreateFile made; table "open". */
struct w_open {
	uint64_t position; /* of a synchronous one */
	uint32_t file;     /* file row */
	uint32_t object;   /* object row */
	uint32_t access;   /* granted; FILE_* of kernel/file.h */
	uint32_t share;
	uint32_t options;
	uint32_t port, key; /* object row of its completion port, 0 = none */
	uint8_t listing;    /* NtQueryDirectoryFile has begun: */
	uint8_t pad[3];
	char pattern[FS_PATH_MAX + 1]; /* of its first call */
	char last[FS_PATH_MAX + 1];    /* name given out last, "" = none */
};
ARENA_ROW_SIZE(w_open, 552);

/** A symbolic link of the title's; table "link". */
struct w_link {
	uint32_t free; /* a free row's first word is its list's */
	char name[FS_LINK_MAX + 1];
	char target[FS_LINK_MAX + 1]; /* "" = a default one that was deleted */
};
ARENA_ROW_SIZE(w_link, 260);

/** A mount as a device; table "device", row = mount number. */
struct w_device {
	uint64_t busy_until; /* ticks: what it has to do till then is known */
};
ARENA_ROW_SIZE(w_device, 8);

/** A file on a device of a title's own driver; table "devfile". */
struct w_devfile {
	uint32_t free;           /* a free row's first word is its list's */
	uint32_t object, device; /* object rows; the device is held */
	uint32_t options;
	uint64_t position;
	uint8_t open; /* its create has succeeded, and no close was sent */
	uint8_t pad[7];
	char name[384]; /* the device's, and what is left for the driver */
};
ARENA_ROW_SIZE(w_devfile, 416);

/** A request to such a driver; table "request". */
struct w_request {
	uint64_t id;              /* from w_cache.next_io */
	uint64_t started, offset; /* cycle; byte of the file */
	uint32_t object, event;   /* object rows, held; event 0 = none */
	uint32_t tid;             /* who asked; 0 = the row is free */
	uint32_t export_row;      /* for what, row + 1 */
	uint32_t irp_ga, handle_out;
	uint32_t status, information; /* when it is done */
	uint8_t major;                /* the routine's place in the driver object */
	uint8_t in_driver;            /* that routine has not returned */
	uint8_t done;
	uint8_t pad[5];
};
ARENA_ROW_SIZE(w_request, 64);

enum io_kind { IO_READ, IO_WRITE, IO_SCATTER, IO_GATHER };
enum io_state { IO_FREE, IO_FLIGHT, IO_LOST, IO_DONE };

/** An I/O request; table "io". */
struct w_io {
	uint64_t id;              /* counts up from 1 */
	uint64_t offset, started; /* byte of the file; cycle */
	uint32_t object;          /* object row of the file, held */
	uint32_t event;           /* object row, held; 0 = none */
	uint32_t tid;             /* who asked */
	uint32_t export_row;      /* for what, row + 1 */
	uint32_t apc_routine, apc_context;
	uint32_t iosb_ga, buffer_ga, length;
	uint32_t deadline_row;
	uint32_t status, information;
	uint8_t kind;  /* enum io_kind */
	uint8_t state; /* enum io_state; DONE: its synchronous caller has not gone on yet */
	uint8_t sync;
	uint8_t append; /* @offset is where the end is when it is done */
	uint8_t pad[4];
};
ARENA_ROW_SIZE(w_io, 80);

/** A completion port; table "port". */
struct w_port {
	uint32_t first, last; /* packet rows */
};
ARENA_ROW_SIZE(w_port, 8);

/** A packet in a port; table "packet". */
struct w_packet {
	uint32_t next; /* packet row */
	uint32_t key, context, status, information;
};
ARENA_ROW_SIZE(w_packet, 20);

/** The page cache; table "cache", one row. */
struct w_cache {
	uint64_t next_io; /* w_io.id counts here */
	uint32_t limit;   /* pages */
	uint32_t used, dirty;
	uint32_t first, last; /* cache.page rows: used last, used longest ago */
	uint32_t pad;
};
ARENA_ROW_SIZE(w_cache, 32);

/** A page of a file in memory; table "cache.page"; its bytes lie at CACHE_BASE + (row - 1) * 4 KiB. */
struct w_cache_page {
	uint32_t hash_next;  /* cache.page row: same bucket of "cache.bucket"; first, as a free row's first word is its list's */
	uint32_t file, page; /* file row (0 = the row is free), number of the 4 KiB page in it */
	uint32_t next, prev; /* cache.page rows: used before, used after this one */
	uint32_t dirty;
};
ARENA_ROW_SIZE(w_cache_page, 24);

/** What the cache has done; table "cache.count" of the history arena. */
struct cache_count {
	uint64_t hits, misses, evicted, flushed;
};
ARENA_ROW_SIZE(cache_count, 32);

#endif
