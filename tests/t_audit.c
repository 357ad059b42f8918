/* tests/t_audit.c - the laws of trails: what is kept, what is dropped, whose stack is walked. */
#include "config.h"

#include "src/cpu/cpu.h"
#include "src/observe/audit.h"
#include "src/snap/snap.h"
#include "tests/small.h"

#define TOP (SMALL_STACK + 0x8000u)
#define NEVER UINT64_MAX

struct rig {
	struct small m;
	struct audit audit;
	uint64_t cycle;
	uint32_t lr, sp;          /* of the thread that acts */
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	small_init(&r->m);
	audit_init(&r->audit, &r->m.history, &r->m.mem);
	small_map(&r->m);
	r->sp = TOP;
	r->lr = 0x82001234;
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	audit_fini(&r->audit);
	small_fini(&r->m);
	free(r);
	return 0;
}

static void on(struct rig *r)
{
	audit_on(&r->audit, &r->m.events, 1);
}

/* Object @object, by handle @handle (0 = by pointer); thread 5 acts, in export row 3. Each event is one tick later. */
static void emit(struct rig *r, enum event_kind kind, uint32_t object, uint32_t handle, const uint64_t aux[4])
{
	struct event ev = {
		.kind = kind, .tid = 5, .object = object, .osid = object ? 0xA000 + object : 0, .object_ga = object ? 0x40000000 + object * 16 : 0,
		.handle = handle, .generation = handle ? 1 : 0, .sid = handle ? 0xB000 + handle : 0, .cycle = r->cycle, .lr = r->lr, .sp = r->sp,
		.export_row = 3, .type = 1, .object_name = "thing",
	};
	if (aux)
		memcpy(ev.aux, aux, sizeof ev.aux);
	event_emit(&r->m.events, &ev);
	r->cycle += CYCLES_PER_TICK;
}

static void create(struct rig *r, uint32_t object, uint32_t handle)
{
	emit(r, EV_OBJECT_CREATE, object, 0, NULL);
	r->cycle -= CYCLES_PER_TICK; /* the same call makes the handle */
	if (handle)
		emit(r, EV_HANDLE_CREATE, object, handle, NULL);
}

static void act(struct rig *r, enum event_kind kind, uint32_t object)
{
	emit(r, kind, object, 0, NULL);
}

static const struct audit_trail *trail(struct rig *r, uint32_t object)
{
	uint32_t row = audit_by_object(&r->audit, object);
	return row ? audit_trail(&r->audit, row) : NULL;
}

static unsigned entries(struct rig *r, uint32_t object, enum audit_ring_kind kind, struct audit_entry e[AUDIT_RING])
{
	assert_non_null(trail(r, object));
	return audit_entries(&r->audit, trail(r, object), kind, e);
}

static unsigned stack_of(struct rig *r, uint32_t object, struct walk_frame f[AUDIT_FRAMES_MAX])
{
	assert_non_null(trail(r, object));
	return audit_stack(&r->audit, trail(r, object), f);
}

/* ---- off and on ---- */

static void audit_disabled_is_a_no_op(void **state)
{
	struct rig *r = *state;
	audit_focus_all(&r->audit, true);
	create(r, 1, 0x1000);
	act(r, EV_OBJECT_SIGNAL, 1);
	assert_int_equal(r->m.events.wanted, 0);
	assert_int_equal(audit_state(&r->audit)->bytes, 0);
	assert_null(trail(r, 1));
	on(r);
	create(r, 2, 0);
	audit_off(&r->audit);
	act(r, EV_OBJECT_SIGNAL, 2);
	assert_int_equal(r->m.events.wanted, 0);
	assert_int_equal(trail(r, 2)->ring[AUDIT_SIGNALS].total, 0);
}

static void audit_enabled_records_creation_signals_waits_and_wakes(void **state)
{
	struct rig *r = *state;
	struct audit_entry e[AUDIT_RING];
	on(r);
	create(r, 7, 0x1004);
	emit(r, EV_OBJECT_WAIT, 7, 0x1004, (uint64_t[]){ 0, 1, 0, NEVER });
	emit(r, EV_OBJECT_SIGNAL, 7, 0, (uint64_t[]){ 1, 2, 0, 0 });
	emit(r, EV_OBJECT_WAKE, 7, 0x1004, (uint64_t[]){ 0, 77, 0, 0 });
	act(r, EV_OBJECT_RESET, 7);
	act(r, EV_OBJECT_TIMEOUT, 7);
	act(r, EV_OBJECT_DESTROY, 7);
	const struct audit_trail *t = trail(r, 7);
	assert_int_equal(t->origin, AUDIT_CREATED);
	assert_int_equal(t->created_seq, 0);
	assert_int_equal(t->created_tick, 0);
	assert_int_equal(t->tid, 5);
	assert_int_equal(t->lr, 0x82001234);
	assert_int_equal(t->source, 3);
	assert_int_equal(t->handle, 0x1004);
	assert_int_equal(t->generation, 1);
	assert_int_equal(t->osid, 0xA007);
	assert_int_equal(t->sid, 0xC004);
	assert_string_equal(t->name, "thing");
	assert_int_equal(t->resets, 1);
	assert_int_equal(t->timeouts, 1);
	assert_int_equal(t->destroyed_seq, 7);
	assert_int_equal(entries(r, 7, AUDIT_WAITS, e), 1);
	assert_true(e[0].tick == 1 && e[0].seq == 2 && e[0].aux == NEVER && e[0].tid == 5 && e[0].handle == 0x1004);
	assert_int_equal(entries(r, 7, AUDIT_SIGNALS, e), 1);
	assert_true(e[0].tick == 2 && e[0].aux == 1 && e[0].lr == 0x82001234 && e[0].source == 3 && e[0].handle == 0);
	assert_int_equal(entries(r, 7, AUDIT_WAKES, e), 2);
	assert_true(e[0].aux == 77 && e[0].kind == EV_OBJECT_WAKE && e[1].kind == EV_OBJECT_TIMEOUT);
	assert_int_equal(entries(r, 7, AUDIT_NAMES, e), 0);
}

static void audit_signals_by_every_kind_of_event_go_to_one_ring(void **state)
{
	static const enum event_kind kinds[] = { EV_OBJECT_SIGNAL, EV_OBJECT_PULSE, EV_OBJECT_RELEASE, EV_OBJECT_ABANDON };
	struct rig *r = *state;
	struct audit_entry e[AUDIT_RING];
	on(r);
	create(r, 1, 0);
	for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
		act(r, kinds[i], 1);
	assert_int_equal(entries(r, 1, AUDIT_SIGNALS, e), ARRAY_LEN(kinds));
	for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
		assert_int_equal(e[i].kind, kinds[i]);
}

static void audit_lists_aliases_with_their_source(void **state)
{
	struct rig *r = *state;
	struct audit_entry e[AUDIT_RING];
	on(r);
	create(r, 1, 0x1000);
	emit(r, EV_HANDLE_CREATE, 1, 0x1004, NULL);
	emit(r, EV_HANDLE_DUP, 1, 0x1004, (uint64_t[]){ 0x1000, 1, 0, 0 });
	emit(r, EV_HANDLE_DUP, 1, 0x1008, (uint64_t[]){ 0x1004, 2, 0, 0 });
	emit(r, EV_HANDLE_CREATE, 1, 0x1008, NULL); /* whichever comes first */
	emit(r, EV_HANDLE_CREATE, 1, 0x100C, NULL);
	emit(r, EV_HANDLE_DESTROY, 1, 0x1000, NULL);
	assert_int_equal(entries(r, 1, AUDIT_NAMES, e), 4);
	assert_true(e[0].kind == EV_HANDLE_DUP && e[0].handle == 0x1004 && e[0].aux == (UINT64_C(0x1000) << 32 | 1));
	assert_true(e[1].kind == EV_HANDLE_DUP && e[1].handle == 0x1008 && e[1].aux == (UINT64_C(0x1004) << 32 | 2));
	assert_true(e[2].kind == EV_HANDLE_CREATE && e[2].handle == 0x100C);
	assert_true(e[3].kind == EV_HANDLE_DESTROY && e[3].handle == 0x1000);
	assert_int_equal(trail(r, 1)->handle, 0x1000);
}

/* ---- rings ---- */

static void audit_rings_are_bounded_and_the_oldest_is_gone(void **state)
{
	struct rig *r = *state;
	struct audit_entry e[AUDIT_RING];
	on(r);
	create(r, 1, 0);
	for (unsigned n = 1; n <= 3 * AUDIT_RING + 2; n++) {
		emit(r, EV_OBJECT_SIGNAL, 1, 0, (uint64_t[]){ n, 0, 0, 0 });
		unsigned kept = entries(r, 1, AUDIT_SIGNALS, e);
		assert_int_equal(kept, n < AUDIT_RING ? n : AUDIT_RING);
		for (unsigned i = 0; i < kept; i++)
			assert_int_equal(e[i].aux, n - kept + 1 + i);
		assert_int_equal(trail(r, 1)->ring[AUDIT_SIGNALS].total, n);
	}
	assert_int_equal(trail(r, 1)->ring[AUDIT_WAITS].total, 0);
}

static void audit_rings_grow_on_demand(void **state)
{
	struct rig *r = *state;
	on(r);
	create(r, 1, 0x1000);
	uint64_t bytes = audit_state(&r->audit)->bytes;
	assert_true(bytes == sizeof(struct audit_trail));
	uint64_t grown[AUDIT_RING + 8];
	for (unsigned i = 0; i < ARRAY_LEN(grown); i++) {
		act(r, EV_OBJECT_SIGNAL, 1);
		grown[i] = audit_state(&r->audit)->bytes;
	}
	assert_true(grown[0] > bytes && grown[0] - bytes < 512);
	assert_true(grown[AUDIT_RING - 1] > grown[0]);
	assert_true(grown[AUDIT_RING + 7] == grown[AUDIT_RING - 1]);
}

static void audit_total_cap_drops_the_trail_used_least_recently_and_says_so(void **state)
{
	struct rig *r = *state;
	r->audit.cap = AUDIT_CAP_LEAST;
	on(r);
	uint32_t n = 1;
	for (; !audit_state(&r->audit)->dropped; n++) {
		create(r, n, 0);
		if (n > 1)
			act(r, EV_OBJECT_SIGNAL, 1); /* the first one stays in use */
		assert_true(n < 10000);
	}
	assert_non_null(trail(r, 1));
	assert_null(trail(r, 2));
	assert_non_null(trail(r, 3));
	for (; n < 2000; n++) {
		create(r, n, 0);
		act(r, EV_OBJECT_SIGNAL, n);
		act(r, EV_OBJECT_WAIT, n);
		assert_true(audit_state(&r->audit)->bytes <= AUDIT_CAP_LEAST);
	}
	uint32_t *rows;
	unsigned live = audit_list(&r->audit, &rows);
	assert_true(live > 10);
	assert_int_equal(audit_trail(&r->audit, rows[live - 1])->object, n - 1);
	assert_int_equal(audit_state(&r->audit)->dropped, n - 1 - live);
	free(rows);
}

static void audit_trails_in_focus_outlive_the_others(void **state)
{
	struct rig *r = *state;
	r->audit.cap = AUDIT_CAP_LEAST;
	audit_focus_object(&r->audit, 3);
	on(r);
	for (uint32_t n = 1; n < 2000; n++)
		create(r, n, 0);
	assert_non_null(trail(r, 3));
	assert_null(trail(r, 4));
}

static void audit_signal_to_a_dropped_trail_is_no_ghost(void **state)
{
	struct rig *r = *state;
	r->audit.cap = AUDIT_CAP_LEAST;
	on(r);
	for (uint32_t n = 1; n < 2000; n++)
		create(r, n, 0);
	assert_null(trail(r, 1));
	audit_focus_object(&r->audit, 1);
	act(r, EV_OBJECT_SIGNAL, 1);
	assert_int_equal(trail(r, 1)->origin, AUDIT_DROPPED);
}

static void audit_keeps_a_million_trails(void **state)
{
	struct rig *r = *state;
	on(r);
	for (uint32_t n = 1; n <= 1000000; n++)
		create(r, n, 0x1000 + 4 * n);
	assert_int_equal(audit_state(&r->audit)->dropped, 0);
	assert_int_equal(trail(r, 1)->handle, 0x1004);
	assert_int_equal(trail(r, 1000000)->handle, 0x1000 + 4000000);
	assert_int_equal(audit_trail(&r->audit, audit_by_osid(&r->audit, 0xA000 + 500000))->object, 500000);
}

/* ---- focus, stacks, ghosts ---- */

static void two_frames(struct rig *r)
{
	small_put(&r->m, SMALL_CODE + 0x100, 0x4E800421); /* bctrl */
	r->lr = SMALL_CODE + 0x104;
	r->sp = TOP - 0x60;
	small_put(&r->m, r->sp, TOP);
	small_put(&r->m, TOP - 8, SMALL_CODE + 0x104);
}

static void audit_stacks_are_stored_for_objects_in_focus(void **state)
{
	struct rig *r = *state;
	struct walk_frame f[AUDIT_FRAMES_MAX];
	two_frames(r);
	audit_focus_object(&r->audit, 2);
	on(r);
	create(r, 2, 0x1004);
	assert_int_equal(stack_of(r, 2, f), 2);
	assert_true(f[0].rule == WALK_LIVE && f[0].sp == TOP - 0x60 && f[0].lr == SMALL_CODE + 0x104);
	assert_true(f[1].rule == WALK_XDK && f[1].sp == TOP && f[1].lr == SMALL_CODE + 0x104 && f[1].slot == TOP - 8);
	assert_int_equal(trail(r, 2)->pinned, 1);
}

static void audit_unfocused_handles_walk_no_stack(void **state)
{
	struct rig *r = *state;
	struct walk_frame f[AUDIT_FRAMES_MAX];
	two_frames(r);
	audit_focus_object(&r->audit, 2);
	on(r);
	create(r, 1, 0x1000);
	assert_int_equal(stack_of(r, 1, f), 0);
	assert_int_equal(r->audit.walks, 0);
	create(r, 2, 0x1004);
	assert_int_equal(r->audit.walks, 1);
}

static void audit_focus_matches_by_handle_object_address_and_osid(void **state)
{
	struct rig *r = *state;
	struct walk_frame f[AUDIT_FRAMES_MAX];
	two_frames(r);
	audit_focus_handle(&r->audit, 0x1006); /* the low bits do not count */
	audit_focus_ga(&r->audit, 0x40000000 + 2 * 16);
	audit_focus_osid(&r->audit, 0xA003);
	on(r);
	for (uint32_t n = 1; n <= 4; n++)
		create(r, n, 0x1000 + 4 * n);
	for (uint32_t n = 1; n <= 4; n++)
		assert_int_equal(stack_of(r, n, f), n <= 3 ? 2 : 0);
	audit_focus_clear(&r->audit);
	create(r, 5, 0x1004);
	assert_int_equal(stack_of(r, 5, f), 0);
	audit_focus_all(&r->audit, true);
	create(r, 6, 0);
	assert_int_equal(stack_of(r, 6, f), 2);
}

static void audit_handle_made_by_a_later_call_brings_no_creation_stack(void **state)
{
	struct rig *r = *state;
	struct walk_frame f[AUDIT_FRAMES_MAX];
	two_frames(r);
	audit_focus_handle(&r->audit, 0x1004);
	on(r);
	create(r, 1, 0);
	r->cycle += 1000;
	emit(r, EV_HANDLE_CREATE, 1, 0x1004, NULL);
	assert_int_equal(stack_of(r, 1, f), 0);
	assert_int_equal(trail(r, 1)->handle, 0x1004);
}

static void audit_object_that_no_thread_made_has_no_stack(void **state)
{
	struct rig *r = *state;
	struct walk_frame f[AUDIT_FRAMES_MAX];
	audit_focus_all(&r->audit, true);
	on(r);
	event_emit(&r->m.events, &(struct event){ .kind = EV_OBJECT_CREATE, .object = 1 });
	assert_int_equal(stack_of(r, 1, f), 0);
	assert_int_equal(r->audit.walks, 0);
	assert_int_equal(trail(r, 1)->origin, AUDIT_CREATED);
}

static void audit_frames_setting_bounds_the_stack(void **state)
{
	struct rig *r = *state;
	struct walk_frame f[AUDIT_FRAMES_MAX];
	two_frames(r);
	uint32_t sp = TOP;
	for (unsigned i = 0; i < 30; i++, sp += 0x60)
		small_put(&r->m, sp, sp + 0x60);
	audit_focus_all(&r->audit, true);
	on(r);
	create(r, 1, 0);
	assert_int_equal(stack_of(r, 1, f), AUDIT_FRAMES_DEFAULT);
	r->audit.frames = 1;
	create(r, 2, 0);
	assert_int_equal(stack_of(r, 2, f), 1);
	r->audit.frames = 1000;
	create(r, 3, 0);
	assert_int_equal(stack_of(r, 3, f), AUDIT_FRAMES_MAX);
	r->audit.frames = 0;
	create(r, 4, 0);
	assert_int_equal(stack_of(r, 4, f), 0);
}

static void audit_signal_to_an_unknown_object_is_dropped_without_focus(void **state)
{
	struct rig *r = *state;
	on(r);
	act(r, EV_OBJECT_SIGNAL, 9);
	act(r, EV_OBJECT_RELEASE, 9);
	act(r, EV_OBJECT_WAIT, 9);
	assert_null(trail(r, 9));
	assert_int_equal(audit_state(&r->audit)->unseen, 2);
	assert_int_equal(audit_state(&r->audit)->bytes, 0);
}

static void audit_signal_to_an_unknown_object_lands_in_a_ghost_trail_with_focus(void **state)
{
	struct rig *r = *state;
	struct audit_entry e[AUDIT_RING];
	audit_focus_ga(&r->audit, 0x40000000 + 9 * 16);
	on(r);
	act(r, EV_OBJECT_SIGNAL, 9);
	act(r, EV_OBJECT_WAIT, 9);
	assert_int_equal(trail(r, 9)->origin, AUDIT_GHOST);
	assert_int_equal(entries(r, 9, AUDIT_SIGNALS, e), 1);
	assert_int_equal(entries(r, 9, AUDIT_WAITS, e), 1);
	assert_int_equal(r->audit.walks, 0);
	assert_int_equal(audit_state(&r->audit)->unseen, 0);
}

/* A use of a closed handle names the life, and the object, that it belonged to; 0: it never was one. */
static void stale(struct rig *r, uint32_t handle, uint32_t generation, uint32_t object)
{
	struct event ev = { .kind = EV_HANDLE_STALE, .handle = handle, .generation = generation, .object = object };
	event_emit(&r->m.events, &ev);
}

static void audit_unknown_handle_in_focus_gets_a_ghost_trail(void **state)
{
	struct rig *r = *state;
	uint32_t *rows;
	audit_focus_handle(&r->audit, 0x2000);
	on(r);
	stale(r, 0x2000, 0, 0);
	stale(r, 0x2000, 0, 0);
	stale(r, 0x2004, 0, 0);
	uint32_t row = audit_by_handle(&r->audit, 0x2000);
	assert_true(row != 0);
	assert_int_equal(audit_trail(&r->audit, row)->origin, AUDIT_GHOST);
	assert_int_equal(audit_trail(&r->audit, row)->ring[AUDIT_NAMES].total, 2);
	assert_int_equal(audit_list(&r->audit, &rows), 1);
	free(rows);
}

static void audit_stale_handle_is_noted_in_the_life_it_belonged_to(void **state)
{
	struct rig *r = *state;
	uint32_t *rows;
	audit_focus_all(&r->audit, true);
	on(r);
	create(r, 1, 0x1000);
	emit(r, EV_HANDLE_DESTROY, 1, 0x1000, NULL);
	stale(r, 0x1000, 1, 1);
	stale(r, 0x1004, 7, 1); /* an alias of it */
	assert_int_equal(trail(r, 1)->ring[AUDIT_NAMES].total, 3);
	assert_int_equal(audit_list(&r->audit, &rows), 1);
	free(rows);
}

static void audit_makes_no_ghost_where_a_trail_exists(void **state)
{
	struct rig *r = *state;
	uint32_t *rows;
	audit_focus_all(&r->audit, true);
	on(r);
	create(r, 1, 0x1000);
	emit(r, EV_OBJECT_SIGNAL, 1, 0x1000, NULL);
	emit(r, EV_OBJECT_SIGNAL, 1, 0, NULL);
	assert_int_equal(audit_list(&r->audit, &rows), 1);
	free(rows);
	assert_int_equal(trail(r, 1)->origin, AUDIT_CREATED);
	assert_int_equal(trail(r, 1)->ring[AUDIT_SIGNALS].total, 2);
}

static void audit_ghost_that_is_made_properly_becomes_a_created_one(void **state)
{
	struct rig *r = *state;
	audit_focus_all(&r->audit, true);
	on(r);
	act(r, EV_OBJECT_SIGNAL, 1);
	create(r, 1, 0x1000);
	assert_int_equal(trail(r, 1)->origin, AUDIT_CREATED);
	assert_int_equal(trail(r, 1)->ring[AUDIT_SIGNALS].total, 1);
	assert_int_equal(trail(r, 1)->handle, 0x1000);
}

static void audit_focus_list_is_taken_whole_or_not_at_all(void **state)
{
	static const char *const bad[] = { "@", "*", ",", "12ac,", "xyz", "@1x", "*8200123g", "0", "12ac,,@1", "123456789", "@-1", " 1" };
	struct rig *r = *state;
	struct audit *a = &r->audit;
	struct err err;
	assert_int_equal(audit_focus_parse(a, "12ac,@17,*82001234,0x1000", &err), ST_OK);
	assert_true(a->focus.handles == 2 && a->focus.handle[0] == 0x12AC && a->focus.handle[1] == 0x1000);
	assert_true(a->focus.objects == 1 && a->focus.object[0] == 17 && a->focus.gas == 1 && a->focus.ga[0] == 0x82001234);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		char list[64];
		snprintf(list, sizeof list, "20,%s", bad[i]);
		assert_int_equal(audit_focus_parse(a, list, &err), ST_BAD_USAGE);
		assert_true(a->focus.handles == 2 && a->focus.objects == 1 && a->focus.gas == 1 && !a->focus.everything);
	}
	assert_int_equal(audit_focus_parse(a, "12ac", &err), ST_OK);
	assert_int_equal(a->focus.handles, 2);
	assert_int_equal(audit_focus_parse(a, "", &err), ST_OK);
	assert_true(a->focus.everything);
}

/* ---- time ---- */

static void audit_switched_on_later_says_since_when_it_knows(void **state)
{
	struct rig *r = *state;
	audit_focus_all(&r->audit, true);
	create(r, 1, 0);
	act(r, EV_OBJECT_SIGNAL, 1);
	audit_on(&r->audit, &r->m.events, 2);
	assert_int_equal(audit_state(&r->audit)->since_seq, 2);
	act(r, EV_OBJECT_SIGNAL, 1);
	act(r, EV_OBJECT_SIGNAL, 2);
	assert_int_equal(trail(r, 1)->origin, AUDIT_LATE);
	assert_int_equal(trail(r, 2)->origin, AUDIT_GHOST);
}

static void audit_trails_go_back_with_the_history_and_the_focus_stays(void **state)
{
	struct rig *r = *state;
	struct audit_entry e[AUDIT_RING];
	on(r);
	create(r, 1, 0x1000);
	for (unsigned i = 0; i < 40; i++)
		emit(r, EV_OBJECT_SIGNAL, 1, 0, (uint64_t[]){ i, 0, 0, 0 });
	struct snapshot *s = snapshot_take(r->m.line);
	audit_focus_object(&r->audit, 2);
	for (unsigned i = 0; i < 40; i++)
		act(r, EV_OBJECT_SIGNAL, 1);
	create(r, 2, 0);
	snapshot_put(r->m.line, s);
	audit_restored(&r->audit, &r->m.events, 2);
	assert_null(trail(r, 2));
	assert_int_equal(trail(r, 1)->ring[AUDIT_SIGNALS].total, 40);
	assert_int_equal(entries(r, 1, AUDIT_SIGNALS, e), AUDIT_RING);
	assert_int_equal(e[AUDIT_RING - 1].aux, 39);
	assert_int_equal(audit_state(&r->audit)->since_seq, 0);
	assert_int_equal(r->audit.focus.objects, 1);
	snapshot_free(s);
}

static void audit_back_to_before_it_was_on_knows_nothing_of_before(void **state)
{
	struct rig *r = *state;
	create(r, 1, 0);
	struct snapshot *s = snapshot_take(r->m.line);
	act(r, EV_OBJECT_SIGNAL, 1);
	audit_on(&r->audit, &r->m.events, 2);
	snapshot_put(r->m.line, s);
	audit_restored(&r->audit, &r->m.events, 2);
	assert_int_equal(audit_state(&r->audit)->since_seq, 1);
	assert_int_equal(audit_state(&r->audit)->since_object, 2);
	snapshot_free(s);
}

static void audit_lists_trails_by_object_id_and_ghosts_by_handle_last(void **state)
{
	static const uint32_t order[] = { 30, 10, 20 };
	struct rig *r = *state;
	uint32_t *rows;
	audit_focus_all(&r->audit, true);
	on(r);
	stale(r, 0x2000, 0, 0);
	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		create(r, order[i], 0);
	assert_int_equal(audit_list(&r->audit, &rows), 4);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(audit_trail(&r->audit, rows[i])->object, 10 * (i + 1));
	assert_int_equal(audit_trail(&r->audit, rows[3])->handle, 0x2000);
	free(rows);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(audit_disabled_is_a_no_op),
		T(audit_enabled_records_creation_signals_waits_and_wakes),
		T(audit_signals_by_every_kind_of_event_go_to_one_ring),
		T(audit_lists_aliases_with_their_source),
		T(audit_rings_are_bounded_and_the_oldest_is_gone),
		T(audit_rings_grow_on_demand),
		T(audit_total_cap_drops_the_trail_used_least_recently_and_says_so),
		T(audit_trails_in_focus_outlive_the_others),
		T(audit_signal_to_a_dropped_trail_is_no_ghost),
		T(audit_keeps_a_million_trails),
		T(audit_stacks_are_stored_for_objects_in_focus),
		T(audit_unfocused_handles_walk_no_stack),
		T(audit_focus_matches_by_handle_object_address_and_osid),
		T(audit_handle_made_by_a_later_call_brings_no_creation_stack),
		T(audit_object_that_no_thread_made_has_no_stack),
		T(audit_frames_setting_bounds_the_stack),
		T(audit_signal_to_an_unknown_object_is_dropped_without_focus),
		T(audit_signal_to_an_unknown_object_lands_in_a_ghost_trail_with_focus),
		T(audit_unknown_handle_in_focus_gets_a_ghost_trail),
		T(audit_stale_handle_is_noted_in_the_life_it_belonged_to),
		T(audit_makes_no_ghost_where_a_trail_exists),
		T(audit_ghost_that_is_made_properly_becomes_a_created_one),
		T(audit_focus_list_is_taken_whole_or_not_at_all),
		T(audit_switched_on_later_says_since_when_it_knows),
		T(audit_trails_go_back_with_the_history_and_the_focus_stays),
		T(audit_back_to_before_it_was_on_knows_nothing_of_before),
		T(audit_lists_trails_by_object_id_and_ghosts_by_handle_last),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
