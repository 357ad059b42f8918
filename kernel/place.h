/* kernel/place.h - images in the machine's memory: segments, imports; libraries with all that they need. */
#ifndef KERNEL_PLACE_H
#define KERNEL_PLACE_H

#include "kernel/module.h"

/** Commits and fills the image's segments. ST_NO_MEMORY, ST_STATE (something lies there), ST_BAD_ADDRESS with a line: nothing has changed. */
MUST_CHECK enum status place_segments(struct machine *m, const struct image *img, struct err *err);
/**
 * Resolves the imports of @img, which is placed: exports of the system, of the title, of libraries that are placed.
 * @return ST_OK, or ST_BAD_IMAGE: the bad ones are listed in @err, as many as fit
 */
MUST_CHECK enum status place_imports(struct machine *m, const struct image *img, struct err *err);
/** Names the thunks and slots of @img's imports from the system. */
void place_name_imports(struct image *img);

/** What placing a library came to. */
struct placing {
	uint32_t placed;  /* bits of the rows that are new, in MODULE_PLACED */
	uint32_t refused; /* the guest status of what could not be done */
	struct err err;   /* why */
};
/**
 * Reads the library at @path (a name of the title's; a bare file name is looked for in the title's folder) and places it, with those that it
 * imports from (each from its own folder) if they are not there yet. Each has one count for each importer, the first one for its loader.
 * @return its row; 0: @p says why, nothing has changed. Emits: EV_MODULE_LOAD each.
 */
uint32_t place_library(struct machine *m, const char *path, struct placing *p);
/** The libraries that the title imports from, and its imports. */
MUST_CHECK enum status place_title(struct machine *m, struct err *err);
/** One count of library row @row less; if it was the last, of those that it needs too. @return bits of those that have none left */
uint32_t place_release(struct machine *m, uint32_t row);
/** Takes the libraries of these bits out of the machine. Emits: EV_MODULE_UNLOAD each. */
void place_remove(struct machine *m, uint32_t rows);
/** Reads the file of library row @row again, for module_image; what lies there now may be another one. Changes nothing in the machine's state. */
void place_image_again(struct machine *m, uint32_t row);

#endif
