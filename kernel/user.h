/* kernel/user.h - the one user: signed in locally as user 0, whom no network knows. Who they are: kernel/xam.h. */
#ifndef KERNEL_USER_H
#define KERNEL_USER_H

#include "kernel/xam.h"

#define USER_NAME "User"
#define USER_SETTING_BYTES 1000u /* of a setting's value at most (0x3E8) */
#define USER_SETTINGS 256u

/** A setting that the title has written; table "setting". */
struct w_setting {
	uint32_t id;      /* type << 28 | bytes << 16 | number; 0 = the row is free */
	uint32_t type;    /* of X_USER_DATA: that of the id, or a binary one */
	uint32_t size;
	uint32_t pad;
	uint8_t value[USER_SETTING_BYTES]; /* numbers: 8 bytes as X_USER_DATA has them */
};
ARENA_ROW_SIZE(w_setting, 1016);

void users_layout(struct machine *m);

#endif
