/* kernel/user_guest.h - guest-visible structures of users and their profiles. Source: Xenia canary (X_USER_SIGNIN_INFO, X_USER_PROFILE_SETTING, X_USER_DATA). */
#ifndef KERNEL_USER_GUEST_H
#define KERNEL_USER_GUEST_H

#include "kernel/guest.h"

struct g_user_signin_info {
	be64 xuid;
	be32 unk_08;
	be32 signin_state;
	be32 unk_10, unk_14;
	char name[16];
};
GUEST_AT(g_user_signin_info, signin_state, 0xC);
GUEST_AT(g_user_signin_info, name, 0x18);
GUEST_SIZE(g_user_signin_info, 0x28);

struct g_user_data {
	uint8_t type, pad[7];
	be32 value[2]; /* a number of 4 or 8 bytes; of texts and bytes: size, address */
};
GUEST_AT(g_user_data, value, 0x8);
GUEST_SIZE(g_user_data, 0x10);

struct g_user_setting {
	be32 from; /* 0 nobody set it, 1 what it was from the first, 2 a title */
	be32 pad_04;
	be64 whose; /* XUID, or the user's number in the first word */
	be32 id;
	be32 pad_14;
	struct g_user_data data;
};
GUEST_AT(g_user_setting, whose, 0x8);
GUEST_AT(g_user_setting, id, 0x10);
GUEST_AT(g_user_setting, data, 0x18);
GUEST_SIZE(g_user_setting, 0x28);

struct g_user_settings {
	be32 count, first;
};
GUEST_SIZE(g_user_settings, 0x8);

#endif
