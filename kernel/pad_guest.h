/* kernel/pad_guest.h - guest-visible structures of pads. Source: facts, struct-layouts (X_INPUT_*); XInput's published header. */
#ifndef KERNEL_PAD_GUEST_H
#define KERNEL_PAD_GUEST_H

#include "kernel/guest.h"

struct g_gamepad {
	be16 buttons;
	uint8_t left_trigger, right_trigger;
	be16 thumb_lx, thumb_ly, thumb_rx, thumb_ry;
};
GUEST_AT(g_gamepad, left_trigger, 0x2);
GUEST_AT(g_gamepad, thumb_lx, 0x4);
GUEST_AT(g_gamepad, thumb_ry, 0xA);
GUEST_SIZE(g_gamepad, 0xC);

struct g_input_state {
	be32 packet_number;
	struct g_gamepad gamepad;
};
GUEST_AT(g_input_state, gamepad, 0x4);
GUEST_SIZE(g_input_state, 0x10);

struct g_input_capabilities {
	uint8_t type, sub_type;
	be16 flags;
	struct g_gamepad gamepad;
	be16 vibration[2];
};
GUEST_AT(g_input_capabilities, gamepad, 0x4);
GUEST_AT(g_input_capabilities, vibration, 0x10);
GUEST_SIZE(g_input_capabilities, 0x14);

struct g_input_keystroke {
	be16 virtual_key, unicode, flags;
	uint8_t user_index, hid_code;
};
GUEST_AT(g_input_keystroke, flags, 0x4);
GUEST_AT(g_input_keystroke, user_index, 0x6);
GUEST_SIZE(g_input_keystroke, 0x8);

#endif
