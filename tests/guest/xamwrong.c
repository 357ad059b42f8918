/* tests/guest/xamwrong.c - a save that hangs: the saver waits for the event of a request that it never made.
 *
 * verdict: WEDGE
 * root: Event/Auto:saved never-sent main saver
 *
 * What the debugger must find: the saver (tid 2) gave the event "opened" to XamContentCreateEx and to XamContentClose, and waits for "saved",
 * which no XOVERLAPPED has: 0 signals. "opened" was set twice, and its second signal was never taken. main joins the saver. No request is
 * under way (`info io`).
 */
#include "xam.h"

static HANDLE opened, saved;

static HANDLE named(const char *text)
{
	HANDLE h = 0;
	struct kit_ansi_string name = { (uint16_t)strlen(text), (uint16_t)strlen(text), (char *)text };
	struct kit_object_attributes a = KIT_ATTRIBUTES(&name);
	NtCreateEvent(&h, &a, EVENT_AUTO, 0);
	return h;
}

static uint32_t saver(void *arg)
{
	struct xcontent_data data = xcontent("Autosave", "auto");
	struct xoverlapped x = { .event = opened };
	(void)arg;
	XamContentCreateEx(0, "save", &data, XCONTENT_CREATE_ALWAYS, NULL, NULL, 0, 0, &x);
	NtWaitForSingleObjectEx(opened, USER_MODE, NOT_ALERTABLE, NULL);
	XamContentClose("save", &x); /* the bug: x.event = saved is missing */
	NtWaitForSingleObjectEx(saved, USER_MODE, NOT_ALERTABLE, NULL);
	DbgPrint("xamwrong: saved\n");
	return 0;
}

int main(void)
{
	HANDLE thread;
	opened = named("opened");
	saved = named("saved");
	ExCreateThread(&thread, 0, NULL, NULL, saver, NULL, ON_HW(1));
	NtWaitForSingleObjectEx(thread, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
