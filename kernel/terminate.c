/* kernel/terminate.c - ExRegisterTitleTerminateNotification: registrations hang in a list in the title's memory, the highest priority first
 * and equal ones in their order, as the original Xbox's shutdown notifications do (its registration has the same three fields). When a thread
 * ends the title by a call, it calls them one after the other, without arguments, as another emulator does, and then the title has ended.
 * Each is taken off the list before it is called. A DPC that ends the title, and the end of the last thread, call nothing.
 */
#include "config.h"

#include "kernel/terminate.h"

#include "kernel/call.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/ex_guest.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/vars.h"

#define REGISTRATIONS_MAX 1024u /* a list that is longer is broken */
#define STACK_ROOM 0x80u        /* below what the thread has in use */

#define ENTRY(reg) GA(reg, g_ex_title_terminate_registration, list_entry)
#define REGISTRATION(entry) ((entry) - (uint32_t)offsetof(struct g_ex_title_terminate_registration, list_entry))
#define FLINK(e) GA(e, g_list_entry, flink)
#define BLINK(e) GA(e, g_list_entry, blink)

static uint32_t get(const struct machine *m, uint32_t ga)
{
	be32 v;
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? be32_get(v) : 0;
}

static void put(struct machine *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	object_put(m, ga, &b, sizeof b);
}

static void unlink_entry(struct machine *m, uint32_t entry)
{
	uint32_t next = get(m, FLINK(entry)), last = get(m, BLINK(entry));
	put(m, FLINK(last), next);
	put(m, BLINK(next), last);
}

void terminations_init(struct machine *m)
{
	uint32_t head = vars_termination_list();
	put(m, FLINK(head), head);
	put(m, BLINK(head), head);
}

/* The entry before which one of @priority stands: the first that has less; the head if none has. */
static uint32_t place(const struct machine *m, uint32_t priority)
{
	uint32_t head = vars_termination_list(), at = get(m, FLINK(head));
	for (unsigned n = 0; at && at != head && n < REGISTRATIONS_MAX; n++, at = get(m, FLINK(at)))
		if (get(m, GA(REGISTRATION(at), g_ex_title_terminate_registration, priority)) < priority)
			return at;
	return head;
}

static bool is_listed(const struct machine *m, uint32_t entry)
{
	uint32_t head = vars_termination_list(), at = get(m, FLINK(head));
	for (unsigned n = 0; at && at != head && at != entry && n < REGISTRATIONS_MAX; n++)
		at = get(m, FLINK(at));
	return at == entry;
}

/* xboxkrnl 0x015: (registration*, create). */
void k_ExRegisterTitleTerminateNotification(struct machine *m, struct call *c)
{
	struct g_ex_title_terminate_registration r;
	uint32_t entry = ENTRY(arg32(c, 0));
	if (!in_bytes(m, c, arg32(c, 0), &r, sizeof r))
		return;
	bool listed = is_listed(m, entry);
	if (listed)
		unlink_entry(m, entry);
	if (!(uint8_t)arg32(c, 1))
		return;
	uint32_t before = place(m, be32_get(r.priority)), last = get(m, BLINK(before));
	r.list_entry.flink = be32_of(before);
	r.list_entry.blink = be32_of(last);
	if (!out_bytes(m, c, arg32(c, 0), &r, sizeof r))
		return;
	put(m, FLINK(last), entry);
	put(m, BLINK(before), entry);
}

/* ---- the end ------------------------------------------------------------------------------------------------------------------------- */

/* The routine that comes first, off the list; 0: there are no more. */
static uint32_t next_routine(struct machine *m)
{
	uint32_t head = vars_termination_list(), at, routine = 0;
	for (unsigned n = 0; !routine && n < REGISTRATIONS_MAX && (at = get(m, FLINK(head))) && at != head; n++) {
		unlink_entry(m, at);
		routine = get(m, GA(REGISTRATION(at), g_ex_title_terminate_registration, notification_routine));
	}
	return routine;
}

static bool enter_next(struct machine *m, uint32_t thread)
{
	struct ppc_context *ctx = context_row(m, thread);
	uint32_t routine = next_routine(m), old = (uint32_t)ctx->gpr[1], sp = (old - STACK_ROOM) & ~15u;
	if (!routine)
		return false;
	put(m, sp, old); /* back chain */
	ctx->pc = routine;
	ctx->lr = machine_row(m)->trap_ga + TRAP_TERMINATION * 4;
	ctx->gpr[1] = sp;
	return true;
}

bool termination_begin(struct machine *m, uint32_t thread, uint32_t status)
{
	if (!thread || thread_is_dpc(thread_peek(m, thread)) || !enter_next(m, thread))
		return false;
	machine_row_mut(m)->exit_status = status;
	thread_row(m, thread)->in_call = 0;
	return true;
}

bool termination_returned(struct machine *m, uint32_t thread)
{
	if (machine_row(m)->ended || thread_is_dpc(thread_peek(m, thread)))
		return false;
	if (!enter_next(m, thread))
		title_ended(m, thread, machine_row(m)->exit_status);
	return true;
}
