/* kernel/rtl_cs.c - Rtl critical sections: all of their state lies in the title's memory, big-endian.
 *
 * lock_count is -1 when free and counts owner, recursion and waiters. Leave hands the section over through the event that its header
 * is: the first waiter becomes the owner when it runs. (Spinning first cannot help a title here: time does not pass between the
 * instructions of a call.) facts: kernel semantics, "Critical sections".
 */
#include "config.h"

#include "kernel/args.h"
#include "kernel/cont.h"
#include "kernel/critsec.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/vars.h"
#include "kernel/wait.h"

#define WAIT_REASON_CRITSEC 8
#define SPIN_UNIT 256u
#define SPIN_MAX 255u

#define LOCK_COUNT(cs) GA(cs, g_rtl_critical_section, lock_count)
#define RECURSION(cs) GA(cs, g_rtl_critical_section, recursion_count)
#define OWNER(cs) GA(cs, g_rtl_critical_section, owning_thread)

static uint32_t kthread_of(const struct machine *m, const struct call *c)
{
	return thread_peek(m, c->thread)->kthread_ga;
}

static void initialize(struct machine *m, struct call *c, uint32_t spin_count)
{
	uint32_t cs = arg32(c, 0);
	uint64_t spin = ((uint64_t)spin_count + SPIN_UNIT - 1) / SPIN_UNIT;
	struct g_rtl_critical_section s = { .lock_count = be32_of(UINT32_MAX) };
	s.header.type = 1;
	s.header.absolute = (uint8_t)(spin > SPIN_MAX ? SPIN_MAX : spin);
	s.header.wait_list_flink = s.header.wait_list_blink = be32_of(GA(cs, g_rtl_critical_section, header.wait_list_flink));
	if (!out_bytes(m, c, cs, &s, sizeof s))
		return;
	uint32_t object = object_initialize(m, c->thread, OT_CRITSEC, cs);
	if (object)
		object_born(m, c->thread, object);
}

void k_RtlInitializeCriticalSection(struct machine *m, struct call *c)
{
	initialize(m, c, 0);
}

void k_RtlInitializeCriticalSectionAndSpinCount(struct machine *m, struct call *c)
{
	initialize(m, c, arg32(c, 1));
}

/* The object of the section's event; sections that were set up without a call are found here, when somebody first has to wait. */
static uint32_t section_object(struct machine *m, struct call *c, uint32_t cs)
{
	uint32_t object = object_by_ga(m, cs);
	if (object && object_peek(m, object)->type == OT_CRITSEC)
		return object;
	if (object)
		return arg_by_pointer(m, c, cs, OT_BIT(OT_EVENT_AUTO));
	bool own = cs == vars_loader_lock();
	object = object_new_at(m, own ? 0 : c->thread, OT_CRITSEC, cs, !own);
	if (object && own)
		(void)object_name_set(m, object, "loader lock");
	if (object)
		object_born(m, own ? 0 : c->thread, object);
	return object;
}

static void own(struct machine *m, struct call *c, uint32_t cs)
{
	out32(m, c, OWNER(cs), kthread_of(m, c));
	out32(m, c, RECURSION(cs), 1);
}

/* Once more by its owner? */
static bool recurse(struct machine *m, struct call *c, uint32_t cs)
{
	if (in32(m, c, OWNER(cs)) != kthread_of(m, c) || c->faulted)
		return false;
	out32(m, c, LOCK_COUNT(cs), in32(m, c, LOCK_COUNT(cs)) + 1);
	out32(m, c, RECURSION(cs), in32(m, c, RECURSION(cs)) + 1);
	return true;
}

/* False: parked. */
static bool enter(struct machine *m, struct call *c, uint32_t cs, enum cont_kind cont)
{
	if (recurse(m, c, cs))
		return true;
	uint32_t count = in32(m, c, LOCK_COUNT(cs)) + 1;
	out32(m, c, LOCK_COUNT(cs), count);
	if (!count)
		own(m, c, cs);
	if (!count || c->faulted)
		return true;
	struct wait_request r = { .count = 1, .due = DEADLINE_NEVER, .cont = cont, .reason = WAIT_REASON_CRITSEC };
	r.cont_arg[0] = cs;
	r.object[0] = section_object(m, c, cs);
	if (!r.object[0])
		return true;
	wait_call(m, c, &r);
	if (!c->parked)
		own(m, c, cs); /* the event was set already: somebody left before */
	return !c->parked;
}

void k_RtlEnterCriticalSection(struct machine *m, struct call *c)
{
	(void)enter(m, c, arg32(c, 0), CONT_CRITSEC);
	call_return(c, 0);
}

/* The call that @thread is in; @cs for its argument. */
static struct call call_of(const struct machine *m, uint32_t thread, uint32_t cs)
{
	const struct w_thread *t = thread_peek(m, thread);
	struct call c = { .thread = thread, .row = t->export_row - 1, .lr = (uint32_t)context_peek(m, thread)->lr };
	c.arg[0] = cs;
	return c;
}

void cont_CRITSEC(struct machine *m, uint32_t thread)
{
	critsec_own(m, thread, (uint32_t)thread_peek(m, thread)->cont_arg[0]);
	call_finish(m, thread, 0);
}

bool critsec_enter(struct machine *m, uint32_t thread, uint32_t cs, enum cont_kind cont)
{
	struct call c = call_of(m, thread, cs);
	return enter(m, &c, cs, cont);
}

void critsec_own(struct machine *m, uint32_t thread, uint32_t cs)
{
	struct call c = call_of(m, thread, cs);
	own(m, &c, cs);
}

void critsec_leave(struct machine *m, uint32_t thread, uint32_t cs)
{
	struct call c = call_of(m, thread, cs);
	k_RtlLeaveCriticalSection(m, &c);
}

void k_RtlTryEnterCriticalSection(struct machine *m, struct call *c)
{
	uint32_t cs = arg32(c, 0);
	if (recurse(m, c, cs)) {
		call_return(c, 1);
		return;
	}
	if (in32(m, c, LOCK_COUNT(cs)) != UINT32_MAX || c->faulted)
		return;
	out32(m, c, LOCK_COUNT(cs), 0);
	own(m, c, cs);
	call_return(c, 1);
}

/* Who leaves is not looked at, as on the console. */
void k_RtlLeaveCriticalSection(struct machine *m, struct call *c)
{
	uint32_t cs = arg32(c, 0);
	uint32_t recursion = in32(m, c, RECURSION(cs)) - 1;
	out32(m, c, RECURSION(cs), recursion);
	if (!recursion)
		out32(m, c, OWNER(cs), 0);
	uint32_t count = in32(m, c, LOCK_COUNT(cs)) - 1;
	out32(m, c, LOCK_COUNT(cs), count);
	if (recursion || count == UINT32_MAX || c->faulted)
		return;
	uint32_t object = section_object(m, c, cs);
	if (object)
		event_set(m, c->thread, object, 0, SIGNAL_INCREMENT);
}
