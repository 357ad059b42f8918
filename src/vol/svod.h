/* src/vol/svod.h - a package of a whole disc (SVOD): the disc's sectors in files of their own, with their hashes. */
#ifndef SRC_VOL_SVOD_H
#define SRC_VOL_SVOD_H

#include "src/vol/vol_priv.h"

/** Opens the files of data of the package whose first bytes are @head (0x400); v->svod. ST_BAD_INPUT: @err says what and where. */
MUST_CHECK enum status svod_open(struct volume *v, const uint8_t *head, struct err *err);
void svod_free(struct volume *v);
/** Bytes of the disc's partition. ST_BAD_INPUT: they are not there, or not what their hashes say. */
MUST_CHECK enum status svod_pread(const struct volume *v, uint64_t offset, uint8_t *bytes, size_t size, struct err *err);
/** One past the partition's last byte. */
uint64_t svod_end(const struct volume *v);
/** Are its files as they were when they were opened? */
bool svod_is_as_it_was(const struct volume *v);

#endif
