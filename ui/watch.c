/* ui/watch.c - data watchpoints: pages whose every access takes the slow way, and what was touched there. See breaks.h. */
#include "config.h"

#include <stdio.h>

#include "ui/breaks.h"
#include "ui/inspect/table.h"
#include "ui/session.h"

/* ---- pages ----------------------------------------------------------------------------------------------------------------- */

static void set_pages(struct mem *m, const struct breakpoint *p, bool on)
{
	uint8_t bits = (uint8_t)((p->on_read ? MEM_WATCH_R : 0) | (p->on_write ? MEM_WATCH_W : 0));
	uint64_t first = p->ga & ~(uint64_t)(MEM_PAGE - 1), end = (uint64_t)p->ga + p->size;
	for (uint64_t ga = first; ga < end; ga += MEM_PAGE) {
		if (on)
			mem_attr_set(m, (uint32_t)ga, bits);
		else
			mem_attr_clear(m, (uint32_t)ga, bits);
	}
}

void watch_arm(struct session *s)
{
	struct mem *m = &session_machine(s)->mem;
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < s->breaks.count; i++) {
			const struct breakpoint *p = s->breaks.list[i];
			if (p->kind == POINT_WATCH && (!pass || p->enabled))
				set_pages(m, p, pass != 0);
		}
}

/* ---- bytes ------------------------------------------------------------------------------------------------------------------ */

/* The watched bytes now: hash over all that was touched, and the first of them as they are. */
static uint64_t look_at(const struct mem *m, uint32_t ga, uint32_t size, uint8_t first[8], unsigned *length)
{
	uint64_t h = FNV_BASIS;
	*length = size < 8 ? size : 8;
	if (mem_peek(m, ga, first, *length) != MEM_OK)
		memset(first, 0, *length);
	for (uint32_t i = 0; i < size; i += 8) {
		uint8_t b[8] = { 0 };
		uint32_t n = size - i < 8 ? size - i : 8;
		if (mem_peek(m, ga + i, b, n) != MEM_OK)
			break;
		h = fnv_u64(h, load_be64(b));
	}
	return h;
}

static bool overlap(const struct breakpoint *p, uint32_t ga, uint32_t size, uint32_t *at, uint32_t *length)
{
	uint64_t a = mem_canonical(ga), b = mem_canonical(p->ga), a_end = a + size, b_end = b + p->size;
	uint64_t low = a > b ? a : b, high = a_end < b_end ? a_end : b_end;
	if (low >= high)
		return false;
	*at = p->ga + (uint32_t)(low - b);
	*length = (uint32_t)(high - low);
	return true;
}

/* ---- the hooks ----------------------------------------------------------------------------------------------------------------- */

void watch_on_access(void *ctx, uint32_t ga, unsigned size, bool store)
{
	struct session *s = ctx;
	struct machine *m = session_machine(s);
	for (unsigned i = 0; i < s->breaks.count; i++) {
		const struct breakpoint *p = s->breaks.list[i];
		struct watch_access a = { .number = p->number, .store = store };
		if (p->kind != POINT_WATCH || !p->enabled || !(store ? p->on_write : p->on_read) ||
			!overlap(p, ga, size, &a.ga, &a.size))
			continue;
		if (s->breaks.accesses == WATCH_ACCESSES_MAX)
			return;
		a.thread = m->acting ? m->acting : machine_current_thread(m);
		if (a.thread) {
			a.tid = thread_peek(m, a.thread)->tid;
			a.pc = context_peek(m, a.thread)->pc;
		}
		a.before = look_at(&m->mem, a.ga, a.size, a.bytes, &a.length);
		s->breaks.access[s->breaks.accesses++] = a;
		machine_accessed(m);
	}
}

static char *hex(char *at, const uint8_t *bytes, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		at = text_hex(at, bytes[i], 2);
	return at;
}

void point_by_whom(const struct session *s, uint32_t tid, uint32_t pc, char *buf, size_t size)
{
	char symbol[SYMBOL_TEXT];
	size_t n = strlen(buf);
	code_text(session_machine(s), pc, symbol, sizeof symbol);
	if (tid)
		snprintf(buf + n, size - n, " by tid %u at %08X%s%.80s", tid, pc, symbol[0] ? " " : "", symbol);
}

/* "watchpoint 2: counter: 00000001 -> 00000002 at 82001234 worker+1C" */
static void access_text(const struct session *s, const struct breakpoint *p, const struct watch_access *a, const uint8_t now[8],
	char *buf, size_t size)
{
	char before[20], after[20];
	hex(before, a->bytes, a->length);
	hex(after, now, a->length);
	if (a->store)
		snprintf(buf, size, "watchpoint %u: %.80s: %08X %s -> %s", p->number, p->what, a->ga, before, after);
	else
		snprintf(buf, size, "watchpoint %u: %.80s: %08X %s read", p->number, p->what, a->ga, before);
	point_by_whom(s, a->tid, a->pc, buf, size);
}

void watch_on_accessed(struct session *s)
{
	struct machine *m = session_machine(s);
	unsigned n = s->breaks.accesses;
	s->breaks.accesses = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct watch_access *a = &s->breaks.access[i];
		struct breakpoint *p = breaks_find(&s->breaks, a->number);
		uint8_t now[8];
		unsigned length;
		char text[300];
		if (!p || !p->enabled)
			continue;
		uint64_t after = look_at(&m->mem, a->ga, a->size, now, &length);
		if (a->store && p->on_change && after == a->before)
			continue;
		access_text(s, p, a, now, text, sizeof text);
		if (point_reached(s, p, a->thread, NULL, text))
			machine_stop_on_access(m, a->thread, text);
	}
}
