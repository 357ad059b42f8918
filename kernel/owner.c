/* kernel/owner.c - see owner.h */
#include "config.h"

#include "kernel/owner.h"

#include "kernel/guest.h"
#include "kernel/rwlock.h"

bool type_is_owned(enum object_type t)
{
	return t == OT_MUTANT || t == OT_CRITSEC || t == OT_RWLOCK_EXCL || t == OT_RWLOCK_SHARED;
}

static uint32_t section_owner(const struct machine *m, uint32_t object)
{
	be32 ga;
	if (mem_peek(&m->mem, GA(object_peek(m, object)->body_ga, g_rtl_critical_section, owning_thread), &ga, sizeof ga) !=
		MEM_OK)
		return 0;
	uint32_t row = be32_get(ga) ? object_by_ga(m, be32_get(ga)) : 0;
	return row && object_peek(m, row)->type == OT_THREAD ? object_peek(m, row)->thread : 0;
}

static uint32_t lock_owner(const struct machine *m, uint32_t object, unsigned n)
{
	const struct rwlock_hold *h;
	uint32_t thread, ga = rwlock_of(m, object);
	for (unsigned i = 0; (h = rwlock_hold(m, ga, i)); i++) {
		thread = thread_by_tid(m, h->tid);
		if (thread && !n--)
			return thread;
	}
	return 0;
}

uint32_t owner_of(const struct machine *m, uint32_t object, unsigned n)
{
	const struct w_object *o = object_peek(m, object);
	switch ((enum object_type)o->type) {
	case OT_RWLOCK_EXCL:
	case OT_RWLOCK_SHARED: return lock_owner(m, object, n);
	case OT_MUTANT:
	case OT_THREAD: return n ? 0 : o->thread;
	case OT_CRITSEC: return n ? 0 : section_owner(m, object);
	default: return 0;
	}
}
