/* kernel/xam_input.c - XamInput*: pads, as kernel/pad.h has them. Sources: XInput's published interface, whose structures these are; which call checks
 * what: Xenia canary. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/pad.h"
#include "kernel/pad_guest.h"

#define ERROR_NOT_SUPPORTED 50u
#define ERROR_BAD_ARGUMENTS 160u
#define ERROR_DEVICE_NOT_CONNECTED 1167u
#define ERROR_EMPTY 4306u

#define ANY_USER 0x40000000u /* of the flags: whichever pad there is (another emulator: the first) */
#define DEVICE_GAMEPAD 1u

/* The pad that a call means; PADS = none is there: not connected, or another kind of device was asked for. */
static uint32_t pad_of(const struct machine *m, uint32_t user, uint32_t flags)
{
	uint32_t pad = (user & 0xFF) == 0xFF || flags & ANY_USER ? 0 : user;
	bool other = flags & 0xFF && !(flags & DEVICE_GAMEPAD);
	return pad < PADS && pad_peek(m, pad)->connected && !other ? pad : PADS;
}

static struct g_gamepad gamepad(const struct w_pad *p)
{
	return (struct g_gamepad){ .buttons = be16_of(p->buttons),
		.left_trigger = p->trigger[0],
		.right_trigger = p->trigger[1],
		.thumb_lx = be16_of((uint16_t)p->stick[0]),
		.thumb_ly = be16_of((uint16_t)p->stick[1]),
		.thumb_rx = be16_of((uint16_t)p->stick[2]),
		.thumb_ry = be16_of((uint16_t)p->stick[3]) };
}

/* (user, flags, state * or NULL: is there a pad?) */
void k_XamInputGetState(struct machine *m, struct call *c)
{
	uint32_t pad = pad_of(m, arg32(c, 0), arg32(c, 1)), to = arg32(c, 2);
	struct g_input_state s = { 0 };
	if (pad < PADS) {
		s = (struct g_input_state){ be32_of(pad_peek(m, pad)->packet), gamepad(pad_peek(m, pad)) };
		pad_was_read(m, pad);
	}
	if (!to || out_bytes(m, c, to, &s, sizeof s))
		call_return(c, pad < PADS ? 0 : ERROR_DEVICE_NOT_CONNECTED);
}

/* A wired pad with all that a pad has, and no headset: as XInput tells of one, the low six bits of the sticks mean nothing. */
static void capabilities(struct machine *m, struct call *c, uint32_t user, uint32_t flags, uint32_t to)
{
	static const struct w_pad all = {
		.buttons = PAD_ALL_BUTTONS & 0xFFFF, .trigger = { 0xFF, 0xFF }, .stick = { -64, -64, -64, -64 }
	};
	uint32_t pad = pad_of(m, user, flags);
	struct g_input_capabilities caps = { 0 };
	if (pad < PADS)
		caps = (struct g_input_capabilities){
			.type = 1, .sub_type = 1, .gamepad = gamepad(&all), .vibration = { be16_of(0xFFFF), be16_of(0xFFFF) }
		};
	if (!to)
		call_return(c, ERROR_BAD_ARGUMENTS);
	else if (out_bytes(m, c, to, &caps, sizeof caps))
		call_return(c, pad < PADS ? 0 : ERROR_DEVICE_NOT_CONNECTED);
}

void k_XamInputGetCapabilities(struct machine *m, struct call *c)
{
	capabilities(m, c, arg32(c, 0), arg32(c, 1), arg32(c, 2));
}

/* The same behind one more argument, 0 or 1 (another emulator). */
void k_XamInputGetCapabilitiesEx(struct machine *m, struct call *c)
{
	if (arg32(c, 0) > 1)
		call_return(c, ERROR_NOT_SUPPORTED);
	else
		capabilities(m, c, arg32(c, 1), arg32(c, 2), arg32(c, 3));
}

/* (user, flags, vibration *) */
void k_XamInputSetState(struct machine *m, struct call *c)
{
	uint32_t pad = pad_of(m, arg32(c, 0), 0), from = arg32(c, 2);
	uint16_t motor[2];
	if (pad == PADS || !from) {
		call_return(c, pad == PADS ? ERROR_DEVICE_NOT_CONNECTED : ERROR_BAD_ARGUMENTS);
		return;
	}
	for (unsigned i = 0; i < 2; i++)
		motor[i] = (uint16_t)in16(m, c, from + 2 * i);
	if (!c->faulted)
		pad_motors_set(m, pad, motor);
}

/* With ANY_USER: of the first pad that has one. *@pad: whose. */
static uint32_t keystroke(struct machine *m, uint32_t user, uint32_t flags, uint32_t *pad, struct g_input_keystroke *out)
{
	bool any = (user & 0xFF) == 0xFF || flags & ANY_USER;
	uint32_t result = ERROR_DEVICE_NOT_CONNECTED;
	*out = (struct g_input_keystroke){ 0 };
	for (uint32_t i = any ? 0 : user; i < PADS; i++) {
		*pad = pad_of(m, i, flags & ~ANY_USER);
		uint32_t key = *pad < PADS ? pad_stroke_take(m, *pad) : 0;
		if (key) {
			*out = (struct g_input_keystroke){ .virtual_key = be16_of((uint16_t)(key >> 16)),
				.flags = be16_of((uint16_t)key),
				.user_index = (uint8_t)*pad };
			return 0;
		}
		if (*pad < PADS)
			result = ERROR_EMPTY;
		if (!any)
			break;
	}
	return result;
}

/* (user, flags, keystroke *) */
void k_XamInputGetKeystroke(struct machine *m, struct call *c)
{
	uint32_t pad;
	struct g_input_keystroke k;
	if (!arg32(c, 2)) {
		call_return(c, ERROR_BAD_ARGUMENTS);
		return;
	}
	uint32_t result = keystroke(m, arg32(c, 0), arg32(c, 1), &pad, &k);
	if (out_bytes(m, c, arg32(c, 2), &k, sizeof k))
		call_return(c, result);
}

/* The same with a pointer to the user, who is told there. */
void k_XamInputGetKeystrokeEx(struct machine *m, struct call *c)
{
	uint32_t pad, user = arg32(c, 2) ? in32(m, c, arg32(c, 0)) : 0;
	struct g_input_keystroke k;
	if (!arg32(c, 2) || c->faulted) {
		call_return(c, ERROR_BAD_ARGUMENTS);
		return;
	}
	uint32_t result = keystroke(m, user, arg32(c, 1), &pad, &k);
	if (!out_bytes(m, c, arg32(c, 2), &k, sizeof k))
		return;
	if (!result)
		out32(m, c, arg32(c, 0), pad);
	call_return(c, result);
}
