/* kernel/module.h - the modules of the title's process: the title itself, and libraries (XEX2 DLLs) that were loaded beside it.
 *
 * What decides the future lies in rows of "module" and in guest memory: a library's image, its headers, its LDR entry with the count of
 * loads. Exports and functions are looked up there. The parsed file (struct image: symbols) is kept beside the machine under the file's digest;
 * it is a pure function of the file's bytes, and only those who show things to people look into it.
 */
#ifndef KERNEL_MODULE_H
#define KERNEL_MODULE_H

#include "kernel/fs_state.h"
#include "kernel/machine.h"

struct call;

#define MODULES_MAX 32u
#define MODULE_NAME_MAX 47u

/** What a library's entry point has been told. MODULE_STATE(ID, "word") */
#define MODULE_STATES(MODULE_STATE) \
	MODULE_STATE(FREE, "-") MODULE_STATE(PLACED, "placed") MODULE_STATE(ATTACHING, "attaching") MODULE_STATE(READY, "ready") \
	MODULE_STATE(DETACHING, "detaching")
enum module_state {
#define MODULE_STATE(id, word) MODULE_##id,
	MODULE_STATES(MODULE_STATE)
#undef MODULE_STATE
};

/** A library; table "module", rows 1 to MODULES_MAX. */
struct w_module {
	uint64_t digest;               /* of the file's bytes: struct image.digest */
	uint32_t ldr_ga;               /* its LDR_DATA_TABLE_ENTRY: what titles call a module; its load_count counts loads and importers */
	uint32_t base, size, entry;    /* ga, bytes; entry 0 = it has none */
	uint32_t header_ga;            /* its XEX headers */
	uint32_t pdata_ga, pdata_size; /* its functions */
	uint32_t needs;                /* bit n: it imports from row n + 1, and holds a count of it */
	uint32_t order;                /* entries are called in ascending order when things begin, descending when they end */
	uint32_t mount;                /* number of the mount that it came from */
	uint8_t state;                 /* enum module_state */
	uint8_t pad[3];
	char name[MODULE_NAME_MAX + 1]; /* file name */
	char path[FS_PATH_MAX + 1];     /* inside of the mount */
};
ARENA_ROW_SIZE(w_module, 360);

void modules_layout(struct machine *m);
static inline const struct w_module *module_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_module, row);
}
const char *module_state_word(enum module_state s);

/* ---- which module? ------------------------------------------------------------------------------------------------------------- */

/** Row of the library that covers @ga, 0 = none. */
uint32_t module_at(const struct machine *m, uint32_t ga);
/** Row of the library whose LDR entry lies at @ga, 0 = none. */
uint32_t module_by_ldr(const struct machine *m, uint32_t ga);
/** Row of the library called @name: with or without extension, without regard to case or folders. 0 = none. */
uint32_t module_by_name(const struct machine *m, const char *name);

/** The function of .pdata that covers @ga, of the title or of a library. False: none does. */
bool machine_function_at(const struct machine *m, uint32_t ga, struct image_function *out);

/* ---- what it holds; @row 0: the title ------------------------------------------------------------------------------------------- */

/** Address of an export; 0 = there is none. */
uint32_t module_export(const struct machine *m, uint32_t row, uint32_t ordinal);
uint32_t module_export_named(const struct machine *m, uint32_t row, const char *name);
/** A resource by its name (8 bytes at most, without regard to case). */
bool module_resource(const struct machine *m, uint32_t row, const char *name, uint32_t *ga, uint32_t *size);

/* What the TLS directory (number 9) of its PE headers names: functions that the loader calls when processes and threads begin and end. The headers
 * are little-endian; the directory and the array, which are data of the program's, are big-endian. */
struct module_tls {
	uint32_t array;  /* addresses of functions, 0 ends them; 0 = it has none */
	const char *bad; /* static: why the directory is not followed, NULL = nothing is wrong with it */
};
struct module_tls module_tls(const struct machine *m, uint32_t row);
/** Callback @n; 0 = there are no more. *@bad: why the array goes no further though no 0 ends it (static), else NULL. */
uint32_t module_tls_callback(const struct machine *m, uint32_t row, uint32_t n, const char **bad);

/* ---- parsed files, for people ---------------------------------------------------------------------------------------------------- */

/** The image to ask about @ga: that of the library that covers it, if it is known; else the title's (NULL: no title). Borrowed, valid while the
 * machine lives. */
const struct image *machine_image_at(const struct machine *m, uint32_t ga);
/** The image of library row @row, NULL = not known: its file has changed since (a machine that was restored from a file). */
const struct image *module_image(const struct machine *m, uint32_t row);
/** The title's image, then those of libraries that are known, in order of their rows; begin with *@at = 0. NULL = no more. */
const struct image *machine_image_next(const struct machine *m, uint32_t *at);
/** The lowest symbol called @name: the title's, else that of a loaded library. NULL = none. */
const struct image_symbol *machine_symbol_find(const struct machine *m, const char *name);
/** Keeps @img (owned from now on) for module_image. */
void module_image_keep(struct machine *m, struct image *img);
/** That of the file with @digest, called @name; NULL = not kept. */
struct image *module_image_find(const struct machine *m, uint64_t digest, const char *name);
/** Another state was put into the machine: reads the files of libraries that have come with it. */
void modules_restored(struct machine *m);
void module_images_free(struct machine *m);

/** Optional header @key of the title's XEX headers, as the guest sees them: its value where the key says that it is one, else its address; 0: it
 * has none. Bad headers fault the call. */
uint32_t title_header_field(struct machine *m, struct call *c, uint32_t key);

#endif
