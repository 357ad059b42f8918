/* ui/frame_stop.c - stops on a physical frame that is reserved, gets an owner or is given back. See breaks.h. */
#include "config.h"

#include <stdio.h>

#include "ui/breaks.h"
#include "ui/inspect/table.h"
#include "ui/session.h"

/* In the middle of a change of the memory's tables: it is only noted. */
static void on_moved(void *ctx, uint32_t frame, const struct mem_frame *before, const struct mem_frame *now)
{
	struct session *s = ctx;
	struct breaks *b = &s->breaks;
	struct machine *m = session_machine(s);
	for (unsigned i = 0; i < b->count; i++) {
		const struct breakpoint *p = b->list[i];
		if (p->kind != POINT_FRAME || !p->enabled || p->ga != frame_window(frame))
			continue;
		if (b->moves == b->moves_room) {
			b->moves_room = b->moves_room ? b->moves_room * 2 : 8;
			b->moved = xrealloc(b->moved, b->moves_room * sizeof *b->moved);
		}
		struct frame_move *v = &b->moved[b->moves++];
		*v = (struct frame_move){ .number = p->number, .frame = frame, .before = *before, .now = *now };
		v->thread = m->acting ? m->acting : machine_current_thread(m);
		if (v->thread) {
			v->tid = thread_peek(m, v->thread)->tid;
			v->pc = context_peek(m, v->thread)->pc;
		}
		machine_accessed(m);
	}
}

void frames_arm(struct session *s)
{
	struct mem_hooks *h = &session_machine(s)->mem.hooks;
	bool any = false;
	for (unsigned i = 0; i < s->breaks.count; i++)
		any |= s->breaks.list[i]->kind == POINT_FRAME && s->breaks.list[i]->enabled;
	h->frame_moved = any ? on_moved : NULL;
	h->frame_ctx = any ? s : NULL;
}

/* "owned by stack for 70063000" */
static void state_text(const struct mem_frame *f, char *buf, size_t size)
{
	const char *state = mem_frame_state_word(f->state);
	if (f->state == MEM_FRAME_OWNED)
		snprintf(buf, size, "%s by %s for %08X", state, mem_owner_word(f->owner), f->ga);
	else if (f->state == MEM_FRAME_RESERVED)
		snprintf(buf, size, "%s for %08X", state, f->ga);
	else
		snprintf(buf, size, "%s", state);
}

void frames_on_accessed(struct session *s)
{
	struct machine *m = session_machine(s);
	struct breaks *b = &s->breaks;
	unsigned n = b->moves;
	b->moves = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct frame_move *v = &b->moved[i];
		struct breakpoint *p = breaks_find(b, v->number);
		char before[60], now[60], text[300];
		if (!p || !p->enabled)
			continue;
		state_text(&v->before, before, sizeof before);
		state_text(&v->now, now, sizeof now);
		snprintf(text, sizeof text, "%scatchpoint %u: pframe %05X: %s -> %s", p->temporary ? "temporary " : "", p->number,
			v->frame, before, now);
		point_by_whom(s, v->tid, v->pc, text, sizeof text);
		if (point_reached(s, p, v->thread, NULL, text))
			machine_stop_on_access(m, v->thread, text);
	}
}
