/* src/observe/audit_read.c - reads the trails, and keeps the focus. See audit.h. */
#include "config.h"

#include <stdlib.h>

#include "src/observe/audit.h"
#include "src/observe/audit_priv.h"

/* ---- focus -------------------------------------------------------------------------------------------------------------- */

#define HANDLE_BITS (~3u)     /* the low two bits of a handle are the caller's */

static bool has32(const uint32_t *list, unsigned n, uint32_t v)
{
	while (n > 0)
		if (list[--n] == v)
			return true;
	return false;
}

static bool has64(const uint64_t *list, unsigned n, uint64_t v)
{
	while (n > 0)
		if (list[--n] == v)
			return true;
	return false;
}

bool audit_in_focus(const struct audit *a, const struct event *ev)
{
	const struct audit_focus *f = &a->focus;
	return f->everything || (ev->object && has32(f->object, f->objects, ev->object)) ||
	       (ev->handle && has32(f->handle, f->handles, ev->handle & HANDLE_BITS)) ||
	       (ev->object_ga && has32(f->ga, f->gas, ev->object_ga)) || (ev->osid && has64(f->osid, f->osids, ev->osid));
}

static void add32(uint32_t **list, unsigned *n, uint32_t v)
{
	if (has32(*list, *n, v))
		return;
	*list = xrealloc(*list, (*n + 1) * sizeof **list);
	(*list)[(*n)++] = v;
}

void audit_focus_all(struct audit *a, bool everything)
{
	a->focus.everything = everything;
}

void audit_focus_handle(struct audit *a, uint32_t handle)
{
	add32(&a->focus.handle, &a->focus.handles, handle & HANDLE_BITS);
}

void audit_focus_object(struct audit *a, uint32_t id)
{
	add32(&a->focus.object, &a->focus.objects, id);
}

void audit_focus_ga(struct audit *a, uint32_t ga)
{
	add32(&a->focus.ga, &a->focus.gas, ga);
}

void audit_focus_osid(struct audit *a, uint64_t osid)
{
	struct audit_focus *f = &a->focus;
	if (has64(f->osid, f->osids, osid))
		return;
	f->osid = xrealloc(f->osid, (f->osids + 1) * sizeof *f->osid);
	f->osid[f->osids++] = osid;
}

void audit_focus_clear(struct audit *a)
{
	free(a->focus.handle);
	free(a->focus.object);
	free(a->focus.ga);
	free(a->focus.osid);
	a->focus = (struct audit_focus){ 0 };
}

void audit_fini(struct audit *a)
{
	audit_off(a);
	audit_focus_clear(a);
}

/* One item of a list, @len bytes: its number, if it is one of the given base and fits. */
static bool number(const char *p, size_t len, int base, uint32_t *v)
{
	char text[16], *end;
	if (base == 16 && len > 2 && p[0] == '0' && (p[1] | 0x20) == 'x') {
		p += 2;
		len -= 2;
	}
	if (!len || len >= sizeof text || strspn(p, base == 16 ? "0123456789abcdefABCDEF" : "0123456789") < len)
		return false;
	memcpy(text, p, len);
	text[len] = 0;
	unsigned long n = strtoul(text, &end, base);
	*v = (uint32_t)n;
	return n && n <= UINT32_MAX;
}

static bool focus_item(struct audit *a, const char *p, size_t len)
{
	uint32_t v;
	if (len > 1 && *p == '@') {
		if (!number(p + 1, len - 1, 10, &v))
			return false;
		if (a)
			audit_focus_object(a, v);
	} else if (len > 1 && *p == '*') {
		if (!number(p + 1, len - 1, 16, &v))
			return false;
		if (a)
			audit_focus_ga(a, v);
	} else {
		if (!number(p, len, 16, &v))
			return false;
		if (a)
			audit_focus_handle(a, v);
	}
	return true;
}

enum status audit_focus_parse(struct audit *a, const char *list, struct err *err)
{
	if (!*list || !strcmp(list, "all")) {
		audit_focus_all(a, true);
		return ST_OK;
	}
	for (unsigned pass = 0; pass < 2; pass++) { /* first check all, then take them */
		for (const char *p = list;; p++) {
			size_t len = strcspn(p, ",");
			if (!focus_item(pass ? a : NULL, p, len))
				return err_set(err, ST_BAD_USAGE, "'%.*s' names nothing to trace: 12ac is a handle, @17 an object, *82001234 an address",
				               (int)(len > 60 ? 60 : len), p);
			p += len;
			if (!*p)
				break;
		}
	}
	return ST_OK;
}

/* ---- reading -------------------------------------------------------------------------------------------------------------- */

const struct audit_state *audit_state(const struct audit *a)
{
	return arena_peek(a->history, a->t_state, 1);
}

uint32_t audit_by_object(const struct audit *a, uint32_t id)
{
	return id ? trail_find(a, id, 0, 0) : 0;
}

uint32_t audit_by_osid(const struct audit *a, uint64_t osid)
{
	uint32_t rows = arena_count(a->history, a->t_trail);
	for (uint32_t row = 1; row < rows; row++)
		if (audit_trail(a, row)->origin != AUDIT_FREE && audit_trail(a, row)->osid == osid)
			return row;
	return 0;
}

uint32_t audit_by_handle(const struct audit *a, uint32_t handle)
{
	uint32_t found = 0, rows = arena_count(a->history, a->t_trail);
	for (uint32_t row = 1; row < rows; row++) {
		const struct audit_trail *t = audit_trail(a, row);
		if (t->origin != AUDIT_FREE && t->handle == (handle & HANDLE_BITS) &&
		    (!found || t->first_seq > audit_trail(a, found)->first_seq))
			found = row;
	}
	return found;
}

/* By object id, those without one last, by handle and generation. */
struct order {
	uint64_t key[2];
	uint32_t row;
};

static int by_key(const void *pa, const void *pb)
{
	const struct order *a = pa, *b = pb;
	for (unsigned i = 0; i < 2; i++)
		if (a->key[i] != b->key[i])
			return a->key[i] < b->key[i] ? -1 : 1;
	return 0;
}

unsigned audit_list(const struct audit *a, uint32_t **out)
{
	uint32_t count = arena_live(a->history, a->t_trail), rows = arena_count(a->history, a->t_trail);
	struct order *order = xcalloc(count, sizeof *order);
	unsigned n = 0;
	for (uint32_t row = 1; row < rows; row++) {
		const struct audit_trail *t = audit_trail(a, row);
		if (t->origin == AUDIT_FREE)
			continue;
		INVARIANT(n < count);
		order[n++] = (struct order){
			.key = { t->object ? t->object : UINT64_MAX, (uint64_t)t->handle << 32 | t->generation }, .row = row,
		};
	}
	qsort(order, n, sizeof *order, by_key);
	*out = xmalloc(n * sizeof **out);
	for (unsigned i = 0; i < n; i++)
		(*out)[i] = order[i].row;
	free(order);
	return n;
}

unsigned audit_entries(const struct audit *a, const struct audit_trail *t, enum audit_ring_kind kind,
                       struct audit_entry out[AUDIT_RING])
{
	const struct audit_ring *r = &t->ring[kind];
	uint32_t chunk[RING_CHUNKS], chunks = ring_chunks(r);
	for (uint32_t i = 0, c = r->first; i < chunks; i++, c = chunk_peek(a, c)->next)
		chunk[i] = c;
	uint32_t n = r->total < AUDIT_RING ? r->total : AUDIT_RING;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t nth = r->total - n + i;
		out[i] = chunk_peek(a, chunk[nth / CHUNK_ENTRIES % RING_CHUNKS])->entry[nth % CHUNK_ENTRIES];
	}
	return n;
}

unsigned audit_stack(const struct audit *a, const struct audit_trail *t, struct walk_frame out[AUDIT_FRAMES_MAX])
{
	if (!t->stack)
		return 0;
	const struct audit_stack_row *s = arena_peek(a->history, a->t_stack, t->stack);
	memcpy(out, s->frame, s->frames * sizeof *out);
	return s->frames;
}

const char *audit_ring_word(enum audit_ring_kind kind)
{
	static const char *const words[] = {
#define AUDIT_RING_KIND(id, word) [AUDIT_##id] = word,
		AUDIT_RINGS(AUDIT_RING_KIND)
#undef AUDIT_RING_KIND
	};
	return (unsigned)kind < ARRAY_LEN(words) ? words[kind] : "?";
}
