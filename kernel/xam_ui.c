/* kernel/xam_ui.c - XamShow*: dialogs (kernel/dialog.h), and what each is answered with. Sources: arguments, checks and the answers without a person
 * before the screen: Xenia canary. */
#include "config.h"

#include "kernel/dialog.h"

#include "kernel/deadline.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"
#include "kernel/notify.h"
#include "kernel/overlapped.h"
#include "kernel/stop.h"
#include "kernel/user.h"

#define KEYBOARD_TEXT_MAX 4096u /* characters that are copied at most */

void dialog_layout(struct machine *m)
{
	m->t_dialog = arena_table_add(&m->world, "dialog", sizeof(struct w_dialog), 2);
}

void dialog_init(struct machine *m)
{
	arena_cover(&m->world, m->t_dialog, 1);
}

static struct w_dialog *dialog_row(struct machine *m)
{
	return arena_row(&m->world, m->t_dialog, 1);
}

bool dialog_open(struct machine *m, struct call *c)
{
	if (dialog_peek(m)->export_row) {
		call_return(c, ERROR_ACCESS_DENIED);
		return false;
	}
	*dialog_row(m) = (struct w_dialog){ .export_row = c->row + 1 };
	notify_post(m, c->thread, NOTIFY_SYS_UI, 1);
	deadline_set_source(m, SOURCE_DIALOG, machine_ticks(m) + DIALOG_CLOSE_TICKS);
	return true;
}

void source_DIALOG(struct machine *m, uint64_t due)
{
	(void)due;
	bool signs_in = dialog_peek(m)->signs_in;
	*dialog_row(m) = (struct w_dialog){ 0 };
	if (signs_in)
		notify_post(m, 0, NOTIFY_SYS_SIGNIN_CHANGED, 1);
	notify_post(m, 0, NOTIFY_SYS_UI, 0);
}

void k_XamIsUIActive(struct machine *m, struct call *c)
{
	call_return(c, dialog_peek(m)->export_row != 0);
}

/* Through the XOVERLAPPED at @ga, with @size bytes for @to. */
static void answer(struct machine *m, struct call *c, uint32_t ga, uint32_t to, const void *bytes, uint32_t size)
{
	const struct overlapped_request r = { .ga = ga,
		.end = overlapped_plain(0),
		.ticks = DIALOG_ANSWER_TICKS,
		.out = { { .ga = to, .size = size, .bytes = bytes } } };
	overlapped_begin(m, c, &r);
}

/* (user, title, text, buttons, button **, the one that is marked, flags, result *, XOVERLAPPED *): the marked button is pressed. */
static void message_box(struct machine *m, struct call *c, uint32_t result, uint32_t overlapped)
{
	be32 pressed = be32_of(arg32(c, 5) < arg32(c, 3) ? arg32(c, 5) : 0);
	if (!result)
		call_return(c, ERROR_INVALID_PARAMETER);
	else if (dialog_open(m, c))
		answer(m, c, overlapped, result, &pressed, sizeof pressed);
}

void k_XamShowMessageBoxUI(struct machine *m, struct call *c)
{
	message_box(m, c, arg32(c, 7), arg32(c, 8));
}

/* One argument more, which is not known, before the result. */
void k_XamShowMessageBoxUIEx(struct machine *m, struct call *c)
{
	message_box(m, c, arg32(c, 8), arg32(c, 9));
}

/* (user, flags, text that stands there, title, description, buffer, its characters, XOVERLAPPED *): the text that stands there is taken. */
void k_XamShowKeyboardUI(struct machine *m, struct call *c)
{
	uint32_t from = arg32(c, 2), buffer = arg32(c, 5), room = arg32(c, 6), n = 0;
	be16 text[KEYBOARD_TEXT_MAX + 1];
	if (!buffer || !room) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	uint32_t most = room - 1 < KEYBOARD_TEXT_MAX ? room - 1 : KEYBOARD_TEXT_MAX;
	for (; from && n < most; n++) {
		text[n] = be16_of((uint16_t)in16(m, c, from + 2 * n));
		if (c->faulted)
			return;
		if (!be16_get(text[n]))
			break;
	}
	text[n++] = be16_of(0);
	if (dialog_open(m, c))
		answer(m, c, arg32(c, 7), buffer, text, n * (uint32_t)sizeof *text);
}

/* (how many may sign in, flags): the one user is signed in already; listeners hear of it once more. */
void k_XamShowSigninUI(struct machine *m, struct call *c)
{
	if (dialog_open(m, c))
		dialog_row(m)->signs_in = 1;
}

/* Shown to user 0 to 3 who is signed in; nothing comes of it. */
static void shown(struct machine *m, struct call *c)
{
	uint32_t user = arg32(c, 0);
	if (user >= XAM_USERS)
		call_return(c, ERROR_INVALID_PARAMETER);
	else if (!xam_signed_in(m, user))
		call_return(c, ERROR_NO_SUCH_USER);
	else
		(void)dialog_open(m, c);
}

/* (user, XUID of the other) */
void k_XamShowGamerCardUIForXUID(struct machine *m, struct call *c)
{
	shown(m, c);
}

/* (user, entry point, offer, type, category, title) */
void k_XamShowMarketplaceUI(struct machine *m, struct call *c)
{
	shown(m, c);
}

/* The console says that the disc cannot be read, and never comes back to the title. */
void k_XamShowDirtyDiscErrorUI(struct machine *m, struct call *c)
{
	title_end(m, c, 0);
	stop_plain(m, STOP_ENDED, c->thread, 0,
		"the title says that its disc cannot be read (XamShowDirtyDiscErrorUI): it has ended");
}
