/* tests/t_stops.c - the laws of the user's stops: breakpoints, watchpoints, catchpoints, frame stops. */
#include "config.h"

#include <unistd.h>

#include "src/snap/snap.h"
#include "tests/uikit.h"

/* ---- breakpoints -------------------------------------------------------------------------------------------------------------- */
static void condition_decides_whether_it_is_a_hit(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	command(u, "break %x if $r4 == 100", code);
	command(u, "continue");
	assert_int_equal(u->s.stop.kind, STOP_BREAK);
	gives(u, "$r4", 100);
	assert_int_equal(point(u, 1)->hits, 1);
	assert_int_equal(point(u, 1)->reached, 101);
	gives(u, "$_hits", 101);
	command(u, "condition 1 $_hits == 150");
	command(u, "continue");
	gives(u, "$r4", 149);
	command(u, "condition 1");
	command(u, "continue");
	gives(u, "$r4", 150);
}

static void condition_that_fails_stops_and_says_so(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	command(u, "break %x if {int}0x10 == 1", code);
	command(u, "continue");
	assert_int_equal(u->s.stop.kind, STOP_BREAK);
	assert_non_null(strstr(u->text, "its condition failed: 00000010 is not mapped"));
}

static void false_conditions_leave_no_trace_in_the_run(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	struct snapshot *before = machine_snapshot(u->t->m);
	command(u, "continue -n 5001");
	uint64_t plain = machine_digest(u->t->m);
	machine_restore(u->t->m, before);
	snapshot_free(before);
	u->s.stop.kind = STOP_ENTRY;
	command(u, "break %x if $r4 > 1000000", code);
	command(u, "continue -n 5001");
	assert_int_equal(u->s.stop.kind, STOP_LIMIT);
	assert_true(machine_digest(u->t->m) == plain);
	assert_int_equal(point(u, 1)->reached, 2501);
}

static void ignore_once_and_count(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	command(u, "break %x", code);
	command(u, "ignore 1 10");
	command(u, "continue");
	gives(u, "$r4", 10);
	command(u, "enable count 3 1");
	command(u, "continue");
	command(u, "continue");
	assert_true(point(u, 1)->enabled);
	command(u, "continue");
	gives(u, "$r4", 13);
	assert_false(point(u, 1)->enabled);
	command(u, "enable delete 1");
	command(u, "continue");
	gives(u, "$r4", 14);
	assert_int_equal(u->s.breaks.count, 0);
	refused(u, "enable once", "an argument is missing");
	refused(u, "ignore 7 1", "there is no breakpoint 7");
}

static void break_of_one_thread_is_passed_by_others(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u), other = tk_thread(u->t, 1);
	struct ppc_context *c = arena_row(&u->t->m->world, u->t->m->t_context, other);
	c->pc = code;
	command(u, "break %x thread %u", code, thread_peek(u->t->m, other)->tid);
	command(u, "continue");
	assert_int_equal(u->s.stop.tid, thread_peek(u->t->m, other)->tid);
	command(u, "continue");
	assert_int_equal(u->s.stop.tid, thread_peek(u->t->m, other)->tid);
	assert_int_equal(point(u, 1)->hits, 2);
	refused(u, "break 82000000 thread x", "'x' is no thread id");
	refused(u, "break 82000000 thread 1 nonsense", "not understood");
	assert_int_equal(u->s.breaks.count, 1);
	assert_int_equal(u->s.breaks.last_number, 1);
}

static void chained_stop_waits_for_its_first(void **state)
{
	struct uk *u = U(state);
	uint32_t code = CODE(u->t, I_NOP, I_NOP, I_ADDI(4, 4, 1), I_B(-12));
	tk_start(u->t, code);
	command(u, "break %x if $r4 == 5", code + 4);
	command(u, "break %x", code + 8);
	command(u, "after 1 arm 2");
	command(u, "continue");
	assert_int_equal(u->s.break_number, 1);
	command(u, "continue");
	assert_int_equal(u->s.break_number, 2);
	gives(u, "$r4", 5);
	refused(u, "after 1 arm", "an argument is missing");
}

static void log_prints_and_goes_on(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	command(u, "break %x if $r4 < 3", code);
	command(u, "log 1 \"r4={$r4} {$r4+1:x} {{}} {lr:sym}\"");
	command(u, "continue -n 100");
	assert_int_equal(u->s.stop.kind, STOP_LIMIT);
	assert_non_null(strstr(u->text, "r4=0 0x1 {} 60010000\nr4=1 0x2 {} 60010000\nr4=2 0x3 {} 60010000\nstopped: limit"));
	refused(u, "log 1 \"{$r4\"", "a } is missing");
	refused(u, "log 1 \"{nope}\"", "there is no symbol 'nope'");
	refused(u, "log 1 text", "in quotes");
	command(u, "log 1");
	assert_null(point(u, 1)->log);
}

static void commands_run_when_it_has_stopped(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	char text[300];
	snprintf(text, sizeof text,
		"set $n = 0\nbreak %x\ncommands\nsilent\nset $n = $n + 1\nif $n < 4\ncontinue\necho not reached\nend\nend\ncontinue\n",
		code);
	assert_int_equal(script(u, text), ST_OK);
	gives(u, "$n", 4);
	gives(u, "$r4", 3);
	assert_null(strstr(u->text, "stopped"));
	assert_null(strstr(u->text, "not reached"));
	assert_int_equal(script(u, "commands 1\nbt\n"), ST_BAD_USAGE);
	assert_non_null(strstr(u->err.text, "`end` of this commands is missing"));
	assert_int_equal(point(u, 1)->commands->count > 1, 1);
	assert_int_equal(script(u, "commands 1\ndelete 1\nend\ncontinue\n"), ST_OK);
	assert_int_equal(u->s.breaks.count, 0);
}

static void two_stops_at_one_place_both_count(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u);
	command(u, "break %x if 0", code);
	command(u, "break %x", code);
	command(u, "tbreak %x", code);
	command(u, "continue");
	assert_int_equal(u->s.break_number, 2);
	assert_int_equal(point(u, 1)->reached, 1);
	assert_int_equal(point(u, 1)->hits, 0);
	assert_int_equal(point(u, 2)->hits, 1);
	assert_int_equal(u->s.breaks.count, 2);
}

static void stops_outlive_saving_and_reading_back(void **state)
{
	struct uk *u = U(state);
	uint32_t code = counting(u), data = tk_memory(u->t, 8);
	char path[] = "/tmp/t_stops.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	command(u, "break %x thread 1 if $r4 > 3", code);
	command(u, "watch/c 0x%x,8", data);
	command(u, "catch signal type event handle 1000 thread !13 if $_waiters == 0 -log \"{handle}\" do bt");
	command(u, "catch pframe a0060000 if $r3 == 1");
	command(u, "ignore 1 4");
	command(u, "after 1 arm 2");
	command(u, "save breakpoints %s", path);
	command(u, "info breakpoints");
	char *before = xstrdup(u->text);
	command(u, "delete");
	assert_int_equal(u->s.breaks.count, 0);
	u->s.breaks.last_number = 0;
	command(u, "source %s", path);
	command(u, "info breakpoints");
	/* The watchpoint's place is written as an address. */
	assert_string_equal(u->text, before);
	free(before);
	unlink(path);
}

/* ---- watchpoints --------------------------------------------------------------------------------------------------------------- */

/* r5 = @data; then: store r4 there, load it, count r4 up; again. */
static uint32_t storing(struct uk *u, uint32_t data)
{
	uint32_t code = CODE(u->t, I_LOAD(5, data), I_STW(4, 0, 5), I_LWZ(6, 0, 5), I_STW(4, 16, 5), I_ADDI(4, 4, 1), I_B(-16));
	tk_start(u->t, code);
	return code;
}

static void watch_stops_behind_the_access(void **state)
{
	struct uk *u = U(state);
	uint32_t data = tk_memory(u->t, 32), code = storing(u, data);
	command(u, "watch {u32}0x%x", data);
	command(u, "continue");
	assert_int_equal(u->s.stop.kind, STOP_WATCH);
	assert_int_equal(u->s.break_number, 1);
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 12);
	command(u, "continue");
	assert_non_null(strstr(u->text, "00000000 -> 00000001 by tid 1 at "));
	command(u, "delete 1");
	command(u, "rwatch 0x%x,4", data);
	command(u, "continue");
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 16);
	assert_non_null(strstr(u->text, "00000001 read by tid 1"));
	command(u, "delete 2");
	command(u, "awatch 0x%x,4 if $r4 == 7", data);
	command(u, "continue");
	gives(u, "$r4", 7);
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 12);
	command(u, "continue");
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, code + 16);
	refused(u, "watch 0x10,4", "not mapped");
	refused(u, "watch", "a place is missing");
	refused(u, "watch 0x82040000,0", "a length is");
}

static void watch_on_change_passes_equal_stores(void **state)
{
	struct uk *u = U(state);
	uint32_t data = tk_memory(u->t, 32),
		 code = CODE(u->t, I_LOAD(5, data), I_STW(4, 0, 5), I_STW(4, 0, 5), I_ADDI(4, 4, 1), I_B(-12));
	tk_start(u->t, code);
	command(u, "watch/c 0x%x,4", data);
	command(u, "continue");
	gives(u, "$r4", 1);
	command(u, "continue");
	gives(u, "$r4", 2);
	assert_int_equal(point(u, 1)->hits, 2);
}

static void watch_sees_other_names_of_a_page_and_ranges(void **state)
{
	struct uk *u = U(state);
	uint32_t data = tk_memory(u->t, 32);
	storing(u, data);
	/* The image's mirror at 90000000. */
	command(u, "watch 0x%x,4", data + 0x10000000);
	command(u, "continue");
	assert_int_equal(u->s.break_number, 1);
	command(u, "delete");
	command(u, "watch 0x%x,8", data + 12);
	command(u, "continue");
	assert_non_null(strstr(u->text, "watchpoint 2"));
	assert_int_equal(u->s.break_number, 2);
}

static void watch_changes_nothing_but_the_stops(void **state)
{
	struct uk *u = U(state);
	uint32_t data = tk_memory(u->t, 32);
	storing(u, data);
	struct snapshot *before = machine_snapshot(u->t->m);
	command(u, "continue -n 3000");
	uint64_t plain = machine_digest(u->t->m);
	machine_restore(u->t->m, before);
	snapshot_free(before);
	u->s.stop.kind = STOP_ENTRY;
	command(u, "watch 0x%x,4 if $r4 == 5", data);
	command(u, "continue -n 3000");
	assert_int_equal(u->s.stop.kind, STOP_WATCH);
	command(u, "continue -n %u", (unsigned)(3000 - machine_instructions(u->t->m)));
	assert_true(machine_digest(u->t->m) == plain);
	command(u, "delete");
	assert_false(u->t->m->mem.attr[data >> MEM_PAGE_SHIFT] & (MEM_WATCH_R | MEM_WATCH_W));
}

static void watch_sees_what_the_kernel_stores_for_the_guest(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), previous = tk_memory(u->t, 4);
	uint32_t code = CODE(u->t, I_LI(3, h), I_LOAD(4, previous), I_CALL(tk_thunk(u->t, "NtSetEvent")), I_LI(3, h),
		I_LOAD(4, previous), I_CALL(tk_thunk(u->t, "NtSetEvent")), I_B(0));
	tk_start(u->t, code);
	command(u, "watch/c 0x%x,4", previous);
	command(u, "continue");
	assert_int_equal(u->s.stop.kind, STOP_WATCH);
	assert_non_null(strstr(u->text, "00000000 -> 00000001 by tid 1"));
}

/* ---- catchpoints ---------------------------------------------------------------------------------------------------------------- */

/* How often one of @spec is hit by what follows: an event is set by main and by another thread, through two handles. */
static uint64_t hits_of(struct uk *u, const char *spec)
{
	uint32_t other = tk_thread(u->t, 1);
	uint32_t h = tk_event(u->t, 1, false), unrelated = tk_event(u->t, 0, false), to = tk_memory(u->t, 4);
	char line[300], *p = line;
	/* %h: the handle; %t: the other thread's number; %o: its object. */
	for (const char *q = spec; *q; q++) {
		if (*q != '%') {
			*p++ = *q;
			continue;
		}
		q++;
		uint32_t id = object_peek(u->t->m, tk_object(u->t, h))->id;
		p += sprintf(p, *q == 'h' ? "%x" : "%u", *q == 'h' ? h : *q == 't' ? thread_peek(u->t->m, other)->tid : id);
	}
	*p = 0;
	command(u, "catch %s", line);
	unsigned number = u->s.breaks.last_number;
	u->s.breaks.mode = BREAKS_PASS; /* a call from outside cannot be stopped */
	CALL(u->t, u->t->main, "NtSetEvent", h, 0);
	CALL(u->t, other, "NtSetEvent", h, 0);
	CALL(u->t, u->t->main, "NtDuplicateObject", h, to, 2);
	CALL(u->t, u->t->main, "NtSetEvent", tk_get32(u->t, to), 0);
	CALL(u->t, u->t->main, "NtSetEvent", unrelated, 0);
	CALL(u->t, u->t->main, "NtClearEvent", h);
	uint64_t hits = point(u, number)->hits;
	u->s.breaks.mode = BREAKS_STOP;
	command(u, "delete %u", number);
	return hits;
}

static void every_selector_selects(void **state)
{
	struct uk *u = U(state);
	static const struct {
		const char *spec;
		uint64_t hits;
	} cases[] = {
		{ "signal", 4 },
		{ "object.signal", 4 },
		{ "signal,reset", 5 },
		{ "object.*", 5 },
		{ "*et", 1 },
		{ "reset", 1 },
		{ "signal type event", 4 },
		{ "signal type Event", 4 },
		{ "signal type timer,sem", 0 },
		{ "signal type !timer", 4 },
		{ "signal !type event", 0 },
		{ "signal type ev*", 4 },
		{ "signal handle %h", 3 },
		{ "signal handle %h exact", 2 },
		{ "signal handle !%h", 1 },
		{ "signal handle 4444,%h", 3 },
		{ "signal handle %h#1", 3 },
		{ "signal handle %h#2", 0 },
		{ "signal obj @%o", 3 },
		{ "signal obj %o", 3 },
		{ "signal obj !@%o", 1 },
		{ "signal thread %t", 1 },
		{ "signal thread !%t", 3 },
		{ "signal thread 1,%t", 4 },
		{ "signal ! thread %t", 3 },
		{ "signal from-host", 0 },
		{ "signal !from-host", 4 },
		{ "signal name nope*", 0 },
		{ "signal export NtSetEvent", 4 },
		{ "signal export Ke*", 0 },
		{ "signal export Ke*,Nt*Event", 4 },
		{ "dup", 1 },
		{ "create", 1 },
		{ "close", 0 },
		{ "handle.*", 2 },
		{ "signal handle %h thread %t type event", 1 },
		{ "signal handle %h if $_tid != 1", 1 },
		{ "signal if $_prev == 0", 2 },
		{ "signal if $_handle == 0x%h && $_type == \"Event\"", 2 },
		{ "signal if $_obj == %o && $_waiters == 0", 3 },
		{ "signal if $_hits > 2", 2 },
		{ "signal if $_thits == 1", 2 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t n = hits_of(u, cases[i].spec);
		if (n != cases[i].hits)
			fail_msg("catch %s: %u hits, not %u", cases[i].spec, (unsigned)n, (unsigned)cases[i].hits);
	}
}

static void lr_and_caller_are_places(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), code = calling(u, "NtSetEvent", h), lr = code + 11 * 4, caller = code + 4;
	command(u, "catch signal lr %x", lr);
	command(u, "catch signal lr %x..%x", code, code + 0x40);
	command(u, "catch signal lr %x", lr + 4);
	command(u, "catch signal caller %x", caller);
	command(u, "catch signal caller %x depth 1", caller);
	command(u, "catch signal caller %x..%x depth 2..3", code, code + 8);
	command(u, "catch signal caller !%x..%x", code, code + 0x40);
	command(u, "continue -n 30");
	static const unsigned hits[] = { 1, 1, 0, 1, 0, 1, 0 };
	for (unsigned i = 0; i < ARRAY_LEN(hits); i++)
		if (point(u, i + 1)->hits != hits[i])
			fail_msg("catchpoint %u: %u hits", i + 1, (unsigned)point(u, i + 1)->hits);
	assert_int_equal(u->s.stop.kind, STOP_EVENT);
	assert_int_equal(u->s.break_number, 1);
}

static void export_and_fail_look_at_calls(void **state)
{
	struct uk *u = U(state);
	command(u, "catch export NtSetEvent,NtClose");
	command(u, "catch export NtSetEvent return if $_status == 0xC0000008 - 0x100000000");
	command(u, "catch export Nt* both");
	command(u, "catch fail");
	command(u, "catch export NtSetEvent if $_args[0] == 0x4440");
	calling(u, "NtSetEvent", 0x4440);
	command(u, "run-wedge -limit 1000");
	static const unsigned hits[] = { 1, 1, 2, 1, 1 };
	for (unsigned i = 0; i < ARRAY_LEN(hits); i++)
		if (point(u, i + 1)->hits != hits[i])
			fail_msg("catchpoint %u: %u hits", i + 1, (unsigned)point(u, i + 1)->hits);
}

static void event_stop_keeps_the_facts_of_the_moment(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false), code = calling(u, "NtSetEvent", h);
	command(u, "tcatch signal");
	command(u, "continue");
	assert_int_equal(u->s.stop.kind, STOP_EVENT);
	/* Behind the sc of the thunk. */
	assert_int_equal(context_peek(u->t->m, u->t->main)->pc, tk_thunk(u->t, "NtSetEvent") + 12);
	gives(u, "$_handle", h);
	gives(u, "$_lr", code + 11 * 4);
	gives(u, "$_event == \"object.signal\"", 1);
	gives(u, "$_prev", 0);
	gives(u, "$_export == \"NtSetEvent\"", 1);
	assert_int_equal(u->s.breaks.count, 0);
	assert_non_null(strstr(u->text, "stopped: temporary catchpoint 1: object.signal"));
	command(u, "stepi");
	refused(u, "print $_handle", "does not stand at an event");
}

static void recycled_handle_is_followed_to_its_new_life(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false);
	command(u, "catch signal handle %x", h);
	command(u, "catch signal handle %x#1", h);
	u->s.breaks.mode = BREAKS_PASS;
	CALL(u->t, u->t->main, "NtSetEvent", h, 0);
	CALL(u->t, u->t->main, "NtClose", h);
	uint32_t again = tk_event(u->t, 0, false);
	assert_int_equal(again, h);
	CALL(u->t, u->t->main, "NtSetEvent", h, 0);
	uint32_t to = tk_memory(u->t, 4);
	CALL(u->t, u->t->main, "NtDuplicateObject", h, to, 0);
	CALL(u->t, u->t->main, "NtSetEvent", tk_get32(u->t, to), 0);
	assert_int_equal(point(u, 1)->hits, 3);
	assert_int_equal(point(u, 2)->hits, 1);
}

static void nothing_is_subscribed_when_none_is_armed(void **state)
{
	struct uk *u = U(state);
	unsigned observers = 0;
	for (unsigned i = 0; i < u->t->m->events.observers; i++)
		observers += u->t->m->events.observer[i].see != NULL;
	command(u, "catch signal");
	command(u, "catch signal,wait");
	unsigned armed = 0;
	for (unsigned i = 0; i < u->t->m->events.observers; i++)
		armed += u->t->m->events.observer[i].see != NULL;
	assert_int_equal(armed, observers + 1);
	command(u, "disable 1");
	command(u, "delete 2");
	armed = 0;
	for (unsigned i = 0; i < u->t->m->events.observers; i++)
		armed += u->t->m->events.observer[i].see != NULL;
	assert_int_equal(armed, observers);
}

static void bad_catchpoints_are_refused_and_leave_nothing(void **state)
{
	struct uk *u = U(state);
	static const char *const bad[][2] = {
		{ "catch", "an event is missing" },
		{ "catch nope", "there is no event 'nope'" },
		{ "catch sign", "near: object.signal" }, { "catch wiat", "near: object.wait" },
		{ "catch thread", "thread.create" },
		{ "catch signal typo event", "'typo' is no selector" },
		{ "catch signal type", "takes a value" },
		{ "catch signal handle zz", "is no handle" },
		{ "catch signal obj @0", "is no object" },
		{ "catch signal caller main", "no symbol" },
		{ "catch signal caller 82000000 depth 0", "a depth is" },
		{ "catch signal if", "column" },
		{ "catch signal if $_nope", "no $_nope" },
		{ "catch signal -k x", "-k takes" },
		{ "catch signal -log x", "in quotes" },
		{ "catch signal lr 82000010..82000000", "before it begins" },
		{ "catch wedge type event", "no selectors" },
		{ "catch export", "takes a value" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		refused(u, bad[i][0], bad[i][1]);
	assert_int_equal(u->s.breaks.count, 0);
	assert_int_equal(u->s.breaks.last_number, 0);
}

static void kinds_are_found_by_the_list(void **state)
{
	struct uk *u = U(state);
	char line[120];
	for (unsigned k = 0; k < EV_KINDS; k++) {
		const char *name = event_kind_name((enum event_kind)k), *dot = strchr(name, '.');
		snprintf(line, sizeof line, "catch %s", name);
		assert_int_equal(uk_command(u, line), ST_OK);
		assert_true(point(u, u->s.breaks.last_number)->catch->kinds == EV_BIT(k));
		if (!dot || !strcmp(name, "export"))
			continue;
		/* Family and kind apart. */
		snprintf(line, sizeof line, "catch %.*s %s", (int)(dot - name), name, dot + 1);
		assert_int_equal(uk_command(u, line), ST_OK);
		assert_true(point(u, u->s.breaks.last_number)->catch->kinds == EV_BIT(k));
	}
	command(u, "delete");
}

static void catchpoint_options_do_what_they_say(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false);
	uint32_t code = CODE(u->t, I_LI(3, h), I_LI(4, 0), I_CALL(tk_thunk(u->t, "NtSetEvent")), I_ADDI(29, 29, 1), I_B(-28));
	tk_start(u->t, code);
	command(u, "catch signal -k 2 -t");
	command(u, "catch signal handle %x -log \"signal {handle} of {obj} by {tid}\"", h);
	command(u, "catch signal -silent do echo one; echo two");
	command(u, "disable 3");
	command(u, "continue");
	gives(u, "$r29", 2);
	assert_null(breaks_find(&u->s.breaks, 1));
	assert_int_equal(point(u, 2)->hits, 3);
	assert_non_null(strstr(u->text, "signal 0x1004 of 2 by 1\nsignal 0x1004 of 2 by 1\n"));
	command(u, "enable 3");
	command(u, "continue");
	assert_string_equal(u->text, "signal 0x1004 of 2 by 1\none\ntwo\n");
	assert_int_equal(point(u, 3)->commands->count, 2);
	assert_true(point(u, 3)->silent);
}

static void catchpoints_never_change_the_digest(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 0, false);
	calling(u, "NtSetEvent", h);
	struct snapshot *before = machine_snapshot(u->t->m);
	command(u, "continue -n 100");
	uint64_t plain = machine_digest(u->t->m), events = event_seq(&u->t->m->events);
	machine_restore(u->t->m, before);
	snapshot_free(before);
	u->s.stop.kind = STOP_ENTRY;
	command(u, "catch *");
	while (machine_instructions(u->t->m) < 100)
		command(u, "continue -n %u", (unsigned)(100 - machine_instructions(u->t->m)));
	assert_true(point(u, 1)->hits > 3);
	assert_true(machine_digest(u->t->m) == plain);
	assert_true(event_seq(&u->t->m->events) == events);
}

/* ---- frames -------------------------------------------------------------------------------------------------------------------- */

/* Takes a page of physical memory and gives it back, again and again; where it lies. */
static uint32_t taking_pages(struct uk *u)
{
	uint32_t code = CODE(u->t, I_LI(3, 0), I_LI(4, 0x1000), I_LI(5, 4), I_CALL(tk_thunk(u->t, "MmAllocatePhysicalMemory")), I_MR(4, 3),
		I_MR(31, 3), I_LI(3, 0), I_CALL(tk_thunk(u->t, "MmFreePhysicalMemory")), I_ADDI(29, 29, 1), I_B(-60));
	tk_start(u->t, code);
	struct snapshot *before = machine_snapshot(u->t->m);
	command(u, "continue -n 13");
	uint32_t page = (uint32_t)context_peek(u->t->m, u->t->main)->gpr[31];
	machine_restore(u->t->m, before);
	snapshot_free(before);
	u->s.stop.kind = STOP_ENTRY;
	return page;
}

static void frame_stops_when_it_changes_hands(void **state)
{
	struct uk *u = U(state);
	uint32_t page = taking_pages(u);
	command(u, "catch pframe 0x%x", page);
	command(u, "continue -n 1000");
	assert_int_equal(u->s.stop.kind, STOP_WATCH);
	assert_int_equal(u->s.break_number, 1);
	assert_non_null(strstr(u->text, ": free -> "));
	assert_non_null(strstr(u->text, " by tid 1 at "));
	/* Behind the call: what it gave is there. */
	gives(u, "$r3", page);
	gives(u, "$r29", 0);
	command(u, "continue -n 1000");
	assert_non_null(strstr(u->text, " -> free by tid 1 at "));
	gives(u, "$r31", page);
	assert_int_equal(point(u, 1)->hits, 2);
	assert_int_equal(point(u, 1)->reached, 2);
	command(u, "info breakpoints");
	assert_non_null(strstr(u->text, "pframe 0xb"));
}

static void frame_stops_obey_as_others_do(void **state)
{
	struct uk *u = U(state);
	uint32_t page = taking_pages(u);
	assert_null(u->t->m->mem.hooks.frame_moved);
	command(u, "catch pframe 0x%x if $r29 == 3", page);
	command(u, "catch pframe 0x%x -t", page);
	command(u, "catch pframe 0x%x -log \"taken or given back\"", page - 0x1000); /* another one: nobody takes it */
	command(u, "continue -n 1000");
	assert_non_null(strstr(u->text, "temporary catchpoint 2: pframe "));
	assert_null(breaks_find(&u->s.breaks, 2));
	command(u, "continue -n 1000");
	assert_int_equal(u->s.break_number, 1);
	gives(u, "$r29", 3);
	assert_int_equal(point(u, 1)->hits, 1);
	assert_int_equal(point(u, 1)->reached, 7);
	assert_int_equal(point(u, 3)->reached, 0);
	command(u, "condition 1");
	command(u, "ignore 1 4");
	command(u, "continue -n 1000");
	gives(u, "$r29", 5);
	command(u, "disable 1");
	assert_non_null(u->t->m->mem.hooks.frame_moved);
	command(u, "delete 3");
	assert_null(u->t->m->mem.hooks.frame_moved);
	command(u, "continue -n 200");
	assert_int_equal(u->s.stop.kind, STOP_LIMIT);
	assert_int_equal(point(u, 1)->hits, 6);
	command(u, "enable 1");
	command(u, "continue -n 1000");
	assert_int_equal(u->s.stop.kind, STOP_WATCH);
	refused(u, "catch pframe", "an address is missing");
	refused(u, "catch pframe 0x10", "no frame behind 00000010");
	refused(u, "catch pframe 0x7f000000", "no frame behind 7F000000");
	refused(u, "catch pframe 0xa0000000 type event", "pframe has no selectors");
	assert_int_equal(u->s.breaks.count, 1);
}

static void frame_stops_never_change_the_digest(void **state)
{
	struct uk *u = U(state);
	uint32_t page = taking_pages(u);
	struct snapshot *before = machine_snapshot(u->t->m);
	command(u, "continue -n 300");
	uint64_t plain = machine_digest(u->t->m);
	machine_restore(u->t->m, before);
	snapshot_free(before);
	u->s.stop.kind = STOP_ENTRY;
	command(u, "catch pframe 0x%x", page);
	while (machine_instructions(u->t->m) < 300)
		command(u, "continue -n %u", (unsigned)(300 - machine_instructions(u->t->m)));
	assert_true(point(u, 1)->hits > 3);
	assert_true(machine_digest(u->t->m) == plain);
}

static void fault_is_not_lost_behind_an_event(void **state)
{
	struct uk *u = U(state);
	/* NtSetEvent with a bad pointer for the previous state: the signal's event comes first, then the fault. */
	uint32_t h = tk_event(u->t, 0, false);
	uint32_t code = CODE(u->t, I_LI(3, h), I_LI(4, 0x10), I_CALL(tk_thunk(u->t, "NtSetEvent")), I_B(0));
	tk_start(u->t, code);
	command(u, "catch *");
	unsigned stops = 0;
	while (u->s.stop.kind != STOP_FAULT && stops++ < 10)
		command(u, "continue -n 100");
	assert_int_equal(u->s.stop.kind, STOP_FAULT);
	assert_int_equal(tk_count(u->t, EV_FAULT), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(condition_decides_whether_it_is_a_hit),
		UK_TEST(condition_that_fails_stops_and_says_so),
		UK_TEST(false_conditions_leave_no_trace_in_the_run),
		UK_TEST(ignore_once_and_count),
		UK_TEST(break_of_one_thread_is_passed_by_others),
		UK_TEST(chained_stop_waits_for_its_first),
		UK_TEST(log_prints_and_goes_on),
		UK_TEST(commands_run_when_it_has_stopped),
		UK_TEST(two_stops_at_one_place_both_count),
		UK_TEST(stops_outlive_saving_and_reading_back),
		UK_TEST(watch_stops_behind_the_access),
		UK_TEST(watch_on_change_passes_equal_stores),
		UK_TEST(watch_sees_other_names_of_a_page_and_ranges),
		UK_TEST(watch_changes_nothing_but_the_stops),
		UK_TEST(watch_sees_what_the_kernel_stores_for_the_guest),
		UK_TEST(every_selector_selects),
		UK_TEST(lr_and_caller_are_places),
		UK_TEST(export_and_fail_look_at_calls),
		UK_TEST(event_stop_keeps_the_facts_of_the_moment),
		UK_TEST(recycled_handle_is_followed_to_its_new_life),
		UK_TEST(nothing_is_subscribed_when_none_is_armed),
		UK_TEST(bad_catchpoints_are_refused_and_leave_nothing),
		UK_TEST(kinds_are_found_by_the_list),
		UK_TEST(catchpoint_options_do_what_they_say),
		UK_TEST(catchpoints_never_change_the_digest),
		UK_TEST(frame_stops_when_it_changes_hands),
		UK_TEST(frame_stops_obey_as_others_do),
		UK_TEST(frame_stops_never_change_the_digest),
		UK_TEST(fault_is_not_lost_behind_an_event),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
