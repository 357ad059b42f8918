/* kernel/cont.c - see cont.h */
#include "config.h"

#include "kernel/cont.h"

#include "kernel/call.h"
#include "kernel/rows.h"

static void cont_NONE(struct machine *m, uint32_t thread)
{
	INVARIANT(!"a thread without a continuation has none to run");
}

static const struct {
	const char *text;
	cont_fn *fn;
} conts[] = {
#define CONT(id, text) [CONT_##id] = { text, cont_##id },
#include "kernel/cont.def"
#undef CONT
};

const char *cont_text(enum cont_kind k)
{
	return (unsigned)k < ARRAY_LEN(conts) ? conts[k].text : "?";
}

void cont_run(struct machine *m, uint32_t thread)
{
	struct w_thread *t = thread_row(m, thread);
	uint8_t kind = t->cont;
	INVARIANT(kind < ARRAY_LEN(conts) && !t->parked);
	t->cont = CONT_NONE;
	m->acting = thread;
	conts[kind].fn(m, thread);
	m->acting = 0;
}

void cont_RETURN(struct machine *m, uint32_t thread)
{
	call_finish(m, thread, thread_peek(m, thread)->result);
}
