/* kernel/xam_apps.c - messages to the apps FA (music: none plays), FC (the network: there is none) and FE (XAM itself). */
#include "config.h"

#include "kernel/content.h"
#include "kernel/xam.h"
#include "kernel/xmsg.h"

#define MUSIC_IDLE 0u
#define VOLUME_FULL 0x3F800000u /* 1.0 */
#define OPTICAL_DISC 0u         /* deployment types: Xenia */

void xam_init(struct machine *m)
{
	arena_cover(&m->world, m->t_xam, 1);
	xam_mut(m)->music_volume = VOLUME_FULL;
}

/* ---- music: a buffer begins with the client ------------------------------------------------------------------------------------------ */

uint32_t msg_music_status(struct machine *m, struct call *c, struct message *msg)
{
	message_out(msg, message_word(m, c, msg, 1), MUSIC_IDLE);
	return XMSG_SUCCESS;
}

/* {client, mode, repeat, flags} */
uint32_t msg_music_set_behavior(struct machine *m, struct call *c, struct message *msg)
{
	uint32_t mode = message_word(m, c, msg, 1), repeat = message_word(m, c, msg, 2), flags = message_word(m, c, msg, 3);
	if (c->faulted)
		return XMSG_FAIL;
	xam_mut(m)->music_mode = mode;
	xam_mut(m)->music_repeat = repeat;
	xam_mut(m)->music_flags = flags;
	return XMSG_SUCCESS;
}

uint32_t msg_music_get_behavior(struct machine *m, struct call *c, struct message *msg)
{
	const struct w_xam *x = xam_peek(m);
	message_out(msg, message_word(m, c, msg, 1), x->music_mode);
	message_out(msg, message_word(m, c, msg, 2), x->music_repeat);
	message_out(msg, message_word(m, c, msg, 3), x->music_flags);
	return XMSG_SUCCESS;
}

uint32_t msg_music_get_volume(struct machine *m, struct call *c, struct message *msg)
{
	message_out(msg, message_word(m, c, msg, 1), xam_peek(m)->music_volume);
	return XMSG_SUCCESS;
}

uint32_t msg_music_set_volume(struct machine *m, struct call *c, struct message *msg)
{
	uint32_t volume = message_word(m, c, msg, 1);
	if (!c->faulted)
		xam_mut(m)->music_volume = volume;
	return XMSG_SUCCESS;
}

/* {client, controller *, locked *}: the title itself, and nobody has locked it. */
uint32_t msg_music_get_controller(struct machine *m, struct call *c, struct message *msg)
{
	message_out(msg, message_word(m, c, msg, 1), 0);
	message_out(msg, message_word(m, c, msg, 2), 0);
	return XMSG_SUCCESS;
}

/* ---- the network ------------------------------------------------------------------------------------------------------------------------- */

uint32_t msg_logon_state(struct machine *m, struct call *c, struct message *msg)
{
	(void)m, (void)c, (void)msg;
	return XMSG_LOGON_DISCONNECTED;
}

uint32_t msg_logon_id(struct machine *m, struct call *c, struct message *msg)
{
	(void)m, (void)c;
	message_out(msg, msg->buffer, 1);
	return XMSG_SUCCESS;
}

/* ---- XAM ----------------------------------------------------------------------------------------------------------------------------------- */

/* {root name (64), title process, device type *}: of what is open under that name. */
uint32_t msg_volume_device_type(struct machine *m, struct call *c, struct message *msg)
{
	char root[CONTENT_ROOT_MAX + 1];
	in_string(m, c, msg->buffer, root, sizeof root);
	uint32_t at = message_word(m, c, msg, 17);
	if (c->faulted || !content_by_root(m, root))
		return XMSG_INVALID_ARGUMENT;
	message_out(msg, at, CONTENT_DEVICE_HDD);
	return XMSG_SUCCESS;
}

/* {type *, XOVERLAPPED} */
uint32_t msg_deployment_type(struct machine *m, struct call *c, struct message *msg)
{
	message_out(msg, message_word(m, c, msg, 0), OPTICAL_DISC);
	return XMSG_SUCCESS;
}
