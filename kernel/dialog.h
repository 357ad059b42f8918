/* kernel/dialog.h - dialogs of the system: nobody draws them and nobody sits before them. Each is answered after a while with what it offers first, and
 * is closed a while later. One is open at a time; listeners hear of both ends (kernel/notify.h). */
#ifndef KERNEL_DIALOG_H
#define KERNEL_DIALOG_H

#include "kernel/call.h"

/* DEBT(dialog-times): how long one thinks is chosen; that it closes 200 ms behind the answer is Xenia canary's. */
#define DIALOG_ANSWER_TICKS (100 * TICKS_PER_MS)
#define DIALOG_CLOSE_TICKS (300 * TICKS_PER_MS)

/** Table "dialog", one row. */
struct w_dialog {
	uint32_t export_row; /* the call whose dialog is open, row + 1; 0 = none */
	uint32_t signs_in;   /* 1 = listeners hear of a sign-in when it closes */
};
ARENA_ROW_SIZE(w_dialog, 8);

void dialog_layout(struct machine *m);
void dialog_init(struct machine *m);
/** The call opens a dialog. False: another one is open; the call has been answered with ERROR_ACCESS_DENIED. Emits: EV_NOTIFY_POST, ... */
bool dialog_open(struct machine *m, struct call *c);
static inline const struct w_dialog *dialog_peek(const struct machine *m) { return arena_peek(&m->world, m->t_dialog, 1); }

#endif
