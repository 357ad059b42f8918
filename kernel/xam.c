/* kernel/xam.c - Xam*, XGet*: one local user, an English console (facts: XAM). */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handle.h"
#include "kernel/handlers.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "kernel/winerror.h"
#include "kernel/xam.h"
#include "src/load/image.h"
#include "src/load/xex.h"

#define LANGUAGE_ENGLISH 1u
#define LOCALE_US 36u /* of country 103, which ExGetXConfigSetting says (Xenia canary: the tables of xam_locale) */
#define AV_PACK_HDMI 8u
#define TASK_STACK 0x10000u
#define TASK_HW 5u                   /* where nothing else is asked for */
#define TASK_NAMES_HW 0x80000000u    /* in a task's options: the second word says which hardware thread */

void k_XGetLanguage(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, LANGUAGE_ENGLISH);
}

void k_XamGetLocale(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, LOCALE_US);
}

void k_XGetAVPack(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, AV_PACK_HDMI);
}

/* ---- tasks: each runs in a thread of its own -------------------------------------------------------------------------------------- */

/* (callback, message, options {u32 flags, u32 hardware thread} or NULL, handle *). A task's thread belongs to the system's process. Of the flags,
 * those of the kind of task and of its pool are not looked at: each has a thread of its own. Source: another emulator's task threads, as it
 * read them in the console's XAM. */
void k_XamTaskSchedule(struct machine *m, struct call *c)
{
	uint32_t options = arg32(c, 2), hw = TASK_HW, thread, slot;
	if (options && in32(m, c, options) & TASK_NAMES_HW)
		hw = in32(m, c, options + 4) % HW_THREADS;
	const struct thread_spec spec = {
		.stack_size = TASK_STACK, .start_ga = arg32(c, 0), .start_arg = arg32(c, 1), .flags = THREAD_SYSTEM | THREAD_ON_HW(hw)
	};
	uint32_t nt = thread_create(m, c->thread, &spec, &thread);
	call_return(c, nt);
	if (nt != NT_SUCCESS)
		return;
	slot = handle_open(m, c->thread, thread_peek(m, thread)->object);
	out32(m, c, arg32(c, 3), slot ? slot_peek(m, slot)->handle : 0);
	sched_ready(m, thread);
}

void k_XamTaskCloseHandle(struct machine *m, struct call *c)
{
	uint32_t slot = handle_slot(m, c->thread, arg32(c, 0));
	if (slot)
		handle_close(m, c->thread, slot);
	call_return(c, slot ? NT_SUCCESS : NT_INVALID_HANDLE);
}

void k_XamTaskShouldExit(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, 0);
}

/* ---- which title --------------------------------------------------------------------------------------------------------------------- */

uint32_t xam_title_id(const struct machine *m)
{
	return m->image->xex && m->image->xex->executed ? m->image->xex->execution.title_id : 0;
}

/* ---- the loader: what comes then is another title --------------------------------------------------------------------------------- */

void k_XamLoaderLaunchTitle(struct machine *m, struct call *c)
{
	title_end(m, c, 0);
}

void k_XamLoaderTerminateTitle(struct machine *m, struct call *c)
{
	title_end(m, c, 0);
}
