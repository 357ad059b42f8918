/* ui/inspect/hopeless.c - see hopeless.h */
#include "config.h"

#include "ui/inspect/hopeless.h"

#include "kernel/deadline.h"
#include "kernel/rwlock.h"
#include "ui/inspect/inspect.h"

#define DEPTH_MAX 32u /* links of a chain; longer ones are not followed */

/* Does the wait of thread row @t need something of thread row @end's? */
static bool needs(const struct machine *m, uint32_t t, uint32_t end, unsigned depth)
{
	const struct w_thread *w = thread_peek(m, t);
	bool one_will_do = w->wait_count > 1 && !w->wait_all, all = true, any = false;
	if (!w->parked || w->suspend_count || w->deadline != DEADLINE_NEVER || w->alertable || depth == DEPTH_MAX)
		return false;
	for (uint32_t row = w->wait_first; row; row = wait_peek(m, row)->thread_next) {
		const char *how;
		uint32_t owner = object_owner(m, wait_peek(m, row)->object, &how);
		bool leads = owner && (owner == end || needs(m, owner, end, depth + 1));
		any |= leads;
		all &= leads;
	}
	return one_will_do ? all && any : any;
}

bool wait_is_hopeless(const struct machine *m, uint32_t thread, const struct event *ev)
{
	const char *how;
	uint32_t object = object_by_id(m, ev->object);
	bool one_of_several = ev->aux[1] > 1 && ev->aux[2] == 1;
	if (!thread || !object || one_of_several || ev->aux[3] != DEADLINE_NEVER)
		return false;
	uint32_t owner = object_owner(m, object, &how);
	if (owner == thread)
		return object_peek(m, object)->type == OT_THREAD || rwlock_of(m, object); /* its own mutant or critical section it only enters again */
	return owner && needs(m, owner, thread, 0);
}
