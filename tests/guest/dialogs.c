/* tests/guest/dialogs.c - listens, asks for the name, keeps it in the profile, asks again in a message box, and hears each dialog open and close.
 *
 * verdict: ENDED 6
 *
 * What the debugger must find: behind the four notifications that greet it, main takes two for each of three dialogs, and ends with the six. The name
 * is the text that stood in the keyboard, the button the one that was marked.
 */
#include "kit.h"

#define AREA_SYSTEM 1u
#define SYS_UI 9u
#define TITLE_SPECIFIC 0x63E83FFFu

struct overlapped {
	uint32_t result, length, context, event, routine, routine_context, extended;
};
struct setting {
	uint32_t from, pad, whose[2], id, pad2;
	uint8_t type, pad3[7];
	uint32_t size;
	const void *at;
};

static const uint16_t name[] = { 'I', 'd', 'a', 0 };
static uint16_t typed[16];
static uint32_t heard;

/* Until the dialog that is open has closed. */
static void closed(uint32_t listener)
{
	uint32_t id, data;
	for (;;) {
		NtWaitForSingleObjectEx(listener, USER_MODE, NOT_ALERTABLE, NULL);
		while (XNotifyGetNext(listener, SYS_UI, &id, &data)) {
			heard++;
			if (!data)
				return;
		}
		while (XNotifyGetNext(listener, 0, &id, &data))
			;
	}
}

int main(void)
{
	struct overlapped o = { 0 };
	struct setting s = { .id = TITLE_SPECIFIC, .type = 6, .size = sizeof name, .at = typed };
	uint32_t id, data, pressed = 9;
	uint32_t listener = XamNotifyCreateListener(AREA_SYSTEM, 0);
	while (XNotifyGetNext(listener, 0, &id, &data))
		;
	XamShowKeyboardUI(0, 0, (void *)name, NULL, NULL, typed, 16, &o);
	closed(listener);
	XamUserWriteProfileSettings(0, 0, 1, &s, NULL);
	XamShowMessageBoxUI(0, NULL, NULL, 2, NULL, 1, 0, &pressed, &o);
	closed(listener);
	XamShowSigninUI(1, 0);
	closed(listener);
	return typed[0] == 'I' && pressed == 1 && o.result == 0 ? (int)heard : -1;
}
