/* kernel/xam_state.h - the rows of the world arena that hold what XAM does: as kernel/state.h, of which it is a part. */
#ifndef KERNEL_XAM_STATE_H
#define KERNEL_XAM_STATE_H

#include "src/base/arena.h"
#include "src/base/base.h"

enum overlapped_state { OVERLAPPED_FREE, OVERLAPPED_FLIGHT, OVERLAPPED_LOST };

/** A call that completes through its XOVERLAPPED; table "overlapped". What was read from the XOVERLAPPED when it began stands here. */
struct w_overlapped {
	uint64_t id;         /* counts with w_io.id */
	uint64_t started;    /* cycle */
	uint32_t ga;         /* XOVERLAPPED */
	uint32_t event;      /* object row, held; 0 = none */
	uint32_t routine;    /* of its APC; 0 = none */
	uint32_t tid;        /* who called, and whose APC it is */
	uint32_t export_row; /* what, row + 1 */
	uint32_t deadline_row;
	uint32_t result, extended, length; /* as they will be told */
	uint32_t outs_ga,
		outs_bytes; /* what is written into the title's memory then: a block of the kernel's pool, 0 = nothing */
	uint32_t state;     /* enum overlapped_state */
};
ARENA_ROW_SIZE(w_overlapped, 64);

enum enumerator_layout {
	ENUMERATOR_PLAIN,   /* items one behind the other */
	ENUMERATOR_FOREIGN, /* the title made it for an app's messages: what that app would list is not known, and there are none */
	ENUMERATOR_OFFLINE,           /* the network has them: XamEnumerate says that nobody is logged on */
	ENUMERATOR_DETAILS,           /* g_xachievement_item: the details alone */
	ENUMERATOR_DETAILS_AND_TEXTS, /* all details, then all texts */
};

/** An enumerator: items that were listed when it was made, and are handed out one after the other; table "enumerator". */
struct w_enumerator {
	uint32_t object;           /* object row */
	uint32_t items_ga;         /* block of the kernel's pool, 0 = there are none */
	uint32_t item_size, count; /* bytes of one; how many */
	uint32_t next;             /* the first that has not been handed out */
	uint32_t per_call;         /* at most so many at a time */
	uint32_t layout;           /* enum enumerator_layout */
};
ARENA_ROW_SIZE(w_enumerator, 28);

#define CONTENT_ROOT_MAX 63u
#define CONTENT_NAME_MAX 42u /* bytes of a package's file name */
#define CONTENT_DISPLAY_MAX 128u

/** A package that is open under a root name; table "content". */
struct w_content {
	uint64_t xuid;
	uint64_t since; /* cycle */
	uint32_t mount; /* number; 0 = the row is free */
	uint32_t title_id, type, tid;
	char root[CONTENT_ROOT_MAX + 1]; /* "save": the link is "save:" */
	char name[CONTENT_NAME_MAX + 2];
	uint16_t display[CONTENT_DISPLAY_MAX]; /* UTF-16 */
	char path[128];                        /* of its directory, inside of the mount */
	uint32_t created;                      /* 1 = made by this opening */
};
ARENA_ROW_SIZE(w_content, 528);

enum userdata_kind { USERDATA_FREE, USERDATA_CONTEXT, USERDATA_PROPERTY, USERDATA_ACHIEVEMENT };

/** What the title has told of a user; table "userdata". */
struct w_userdata {
	uint64_t when;     /* cycle, of the last time */
	uint32_t kind;     /* enum userdata_kind */
	uint32_t user, id; /* of a property: its highest digit is its type */
	uint32_t tid;      /* who told it last */
	uint32_t value;    /* of a context */
	uint32_t size;     /* bytes of a property */
	uint32_t bytes_ga; /* block of the kernel's pool with them */
	uint32_t pad;
};
ARENA_ROW_SIZE(w_userdata, 40);

/** XAM's own state; table "xam", one row. */
struct w_xam {
	uint32_t launch_ga, launch_size; /* what the title gives to the next one: a block of the kernel's pool */
	uint32_t music_mode, music_repeat, music_flags;
	uint32_t music_volume; /* a float's bits */
};
ARENA_ROW_SIZE(w_xam, 24);

#endif
