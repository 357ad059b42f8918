/* src/observe/break.c - see break.h */
#include "config.h"

#include "src/observe/break.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

bool status_failed(uint64_t result)
{
	uint32_t high = (uint32_t)result >> 16;
	return high == 0xC000 || high == 0x8000;
}

/* ---- one term -------------------------------------------------------------------------------------------------------------- */

static bool glob(const char *pattern, const char *text)
{
	return text && fnmatch(pattern, text, 0) == 0;
}

static bool type_is(const struct catch_item *it, const struct event *ev)
{
	return ev->type_name &&
	       (!strncasecmp(ev->type_name, it->glob, strlen(it->glob)) || fnmatch(it->glob, ev->type_name, FNM_CASEFOLD) == 0);
}

static bool handle_is(const struct catch_term *t, const struct catch_item *it, const struct event *ev)
{
	if (ev->handle == it->low && it->low && (!it->generation || !ev->generation || ev->generation == it->generation))
		return true;
	return !t->exact && ev->object && ev->object == it->object;
}

static bool thread_is(const struct catcher *c, const struct catch_item *it, const struct event *ev)
{
	if (it->low)
		return ev->tid == it->low;
	return ev->tid && c->world.thread_name && glob(it->glob, c->world.thread_name(c->world.ctx, ev->tid));
}

static bool in_range(const struct catch_item *it, uint32_t ga)
{
	return ga >= it->low && ga <= it->high;
}

static bool item_holds(const struct catcher *c, const struct catch_term *t, const struct catch_item *it, const struct event *ev)
{
	switch ((enum catch_field)t->field) {
	case CATCH_TYPE: return type_is(it, ev);
	case CATCH_EXPORT: return glob(it->glob, ev->name);
	case CATCH_LR: return ev->tid && in_range(it, ev->lr);
	case CATCH_HANDLE: return handle_is(t, it, ev);
	case CATCH_OBJ: return ev->object && ev->object == it->low;
	case CATCH_NAME: return ev->object_name[0] && glob(it->glob, ev->object_name);
	case CATCH_THREAD: return thread_is(c, it, ev);
	default: return false;
	}
}

static bool caller_holds(const struct catcher *c, const struct catch_term *t, const struct event *ev)
{
	struct walk_frame frame[WALK_FRAMES_MAX];
	if (!ev->tid)
		return false;
	unsigned n = walk_stack(c->mem, &(struct walk_start){ .sp = ev->sp, .lr = ev->lr }, frame, t->depth_high, NULL);
	for (unsigned i = t->depth_low - 1u; i < n; i++)
		for (unsigned k = 0; k < t->count; k++)
			if (in_range(&t->item[k], frame[i].lr))
				return true;
	return false;
}

static bool term_holds(const struct catcher *c, const struct catch_term *t, const struct event *ev)
{
	if (t->field == CATCH_HOST)
		return ev->tid == 0;
	if (t->field == CATCH_CALLER)
		return caller_holds(c, t, ev);
	for (unsigned i = 0; i < t->count; i++)
		if (item_holds(c, t, &t->item[i], ev))
			return true;
	return false;
}

bool catchpoint_matches(const struct catcher *c, const struct catchpoint *p, const struct event *ev)
{
	if (!(p->kinds & EV_BIT(ev->kind)) || (p->failed_only && !status_failed(ev->result)))
		return false;
	for (unsigned i = 0; i < p->terms; i++)
		if (term_holds(c, &p->term[i], ev) == p->term[i].negated)
			return false;
	return !p->hopeless_only || c->world.hopeless(c->world.ctx, ev);
}

/* ---- handles and their lives ------------------------------------------------------------------------------------------------- */

static bool follows(const struct catch_term *t)
{
	return t->field == CATCH_HANDLE && !t->exact;
}

/* A handle was filled: terms that name it mean its object from now on. */
static void follow(struct catcher *c, const struct event *ev)
{
	for (unsigned i = 0; i < c->count; i++)
		for (unsigned k = 0; c->armed[i].point && k < c->armed[i].point->terms; k++) {
			struct catch_term *t = &c->armed[i].point->term[k];
			for (unsigned n = 0; follows(t) && n < t->count; n++)
				if (t->item[n].low == ev->handle &&
					(!t->item[n].generation || t->item[n].generation == ev->generation))
					t->item[n].object = ev->object;
		}
}

static void bind(struct catcher *c, struct catchpoint *p)
{
	for (unsigned k = 0; k < p->terms; k++)
		for (unsigned n = 0; follows(&p->term[k]) && n < p->term[k].count; n++) {
			struct catch_item *it = &p->term[k].item[n];
			uint32_t generation = 0, object = c->world.object_of(c->world.ctx, it->low, &generation);
			it->object = object && (!it->generation || it->generation == generation) ? object : 0;
		}
}

unsigned catchpoint_lives(const struct catchpoint *p, uint32_t lives[CATCH_LIVES_MAX])
{
	unsigned count = 0;
	for (unsigned k = 0; k < p->terms; k++)
		for (unsigned n = 0; follows(&p->term[k]) && n < p->term[k].count; n++)
			lives[count++] = p->term[k].item[n].object;
	return count;
}

void catchpoint_lives_put(struct catcher *c, struct catchpoint *p, const uint32_t *lives)
{
	if (!lives && c->events)
		bind(c, p);
	for (unsigned k = 0; lives && k < p->terms; k++)
		for (unsigned n = 0; follows(&p->term[k]) && n < p->term[k].count; n++)
			p->term[k].item[n].object = *lives++;
}

/* ---- the subscription ---------------------------------------------------------------------------------------------------------- */

static void see(void *ctx, const struct event *ev);

/* Drops what was disarmed, and subscribes to what is wanted now. */
static void settle(struct catcher *c)
{
	unsigned kept = 0;
	c->kinds = c->follow = 0;
	for (unsigned i = 0; i < c->count; i++) {
		const struct catchpoint *p = c->armed[i].point;
		if (!p)
			continue;
		c->kinds |= p->kinds;
		for (unsigned k = 0; k < p->terms; k++)
			if (follows(&p->term[k]))
				c->follow = EV_BIT(EV_HANDLE_CREATE);
		c->armed[kept++] = c->armed[i];
	}
	c->count = kept;
	c->changed = false;
	if (c->subscribed)
		event_unsubscribe(c->events, c->slot);
	c->subscribed = c->events && (c->kinds | c->follow);
	if (c->subscribed)
		c->slot = event_subscribe(c->events, &(struct event_observer){ c->kinds | c->follow, see, c });
}

static void see(void *ctx, const struct event *ev)
{
	struct catcher *c = ctx;
	if (c->follow & EV_BIT(ev->kind))
		follow(c, ev);
	if (!(c->kinds & EV_BIT(ev->kind)))
		return;
	unsigned count = c->count; /* what is armed on the way is not meant yet */
	c->busy = true;
	for (unsigned i = 0; i < count; i++) {
		struct catch_armed a = c->armed[i];
		if (a.point && catchpoint_matches(c, a.point, ev))
			c->world.matched(c->world.ctx, a.owner, ev);
	}
	c->busy = false;
	if (c->changed)
		settle(c);
}

static void change(struct catcher *c)
{
	c->changed = true;
	if (!c->busy)
		settle(c);
}

void catcher_attach(struct catcher *c, struct event_stream *events, const struct mem *mem, const struct catch_world *world)
{
	c->events = events;
	c->mem = mem;
	c->world = *world;
	for (unsigned i = 0; i < c->count; i++)
		if (c->armed[i].point)
			bind(c, c->armed[i].point);
	settle(c);
}

void catcher_detach(struct catcher *c)
{
	if (c->subscribed)
		event_unsubscribe(c->events, c->slot);
	c->subscribed = false;
	c->events = NULL;
}

void catcher_fini(struct catcher *c)
{
	catcher_detach(c);
	free(c->armed);
	*c = (struct catcher){ 0 };
}

void catcher_arm(struct catcher *c, struct catchpoint *point, void *owner)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->armed[i].point == point)
			return;
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 8;
		c->armed = xrealloc(c->armed, c->room * sizeof *c->armed);
	}
	if (c->events)
		bind(c, point);
	c->armed[c->count++] = (struct catch_armed){ point, owner };
	change(c);
}

void catcher_disarm(struct catcher *c, struct catchpoint *point)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->armed[i].point == point) {
			c->armed[i].point = NULL;
			change(c);
			return;
		}
}
