/* kernel/profile.h - the settings of the user's profile; for the calls (kernel/xam_profile.c) and for readers. */
#ifndef KERNEL_PROFILE_H
#define KERNEL_PROFILE_H

#include "kernel/user.h"

#define PROFILE_TYPE(id) ((id) >> 28)
#define PROFILE_BYTES(id) ((id) >> 16 & 0xFFFu)
#define PROFILE_IS_TITLES(id) (((id)&0x3F00u) == 0x3F00u) /* each title has its own */

/** Types of X_USER_DATA. */
enum { PROFILE_CONTEXT, PROFILE_INT32, PROFILE_INT64, PROFILE_DOUBLE, PROFILE_TEXT, PROFILE_FLOAT, PROFILE_BINARY, PROFILE_DATETIME,
	PROFILE_UNSET = 0xFF };

struct profile_default {
	uint32_t id, value;
	const char *name;
};
/** The @i-th, NULL past the last. */
const struct profile_default *profile_default(unsigned i);
/** NULL: no profile has it from the first. */
const struct profile_default *profile_find(uint32_t id);
/** What the title has written; NULL = nothing. */
const struct w_setting *profile_written(const struct machine *m, uint32_t id);
static inline const struct w_setting *profile_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_setting, row); }

#endif
