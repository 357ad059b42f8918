/* tests/t_sites.c - the laws of coverage, and of the search for code that could signal an object. */
#include "config.h"

#include "src/snap/snap.h"
#include "tests/uikit.h"
#include "ui/inspect/sites.h"

#define I_BL(from, to) (I_B((to) - (from)) | 1)
#define I_MFLR(r) (0x7C0802A6u | (uint32_t)(r) << 21)

/* The one site for @object; fails if there are several. */
static struct site only_site(struct uk *u, uint32_t object)
{
	struct query q = session_query(&u->s);
	struct sites s;
	sites_find(&q, object, &s);
	assert_int_equal(s.count, 1);
	struct site at = s.site[0];
	sites_free(&s);
	return at;
}

static unsigned count_sites(struct uk *u, uint32_t object, unsigned *indirect)
{
	struct query q = session_query(&u->s);
	struct sites s;
	sites_find(&q, object, &s);
	unsigned n = s.count;
	if (indirect)
		*indirect = s.indirect;
	sites_free(&s);
	return n;
}

/* Code that loads r3 by three words and calls @export; returns the call's address. */
static uint32_t code_with(struct uk *u, const char *export, uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t thunk = tk_thunk(u->t, export), pc = u->t->code_at + 12;
	CODE(u->t, a, b, c, I_BL(pc, thunk), I_BLR);
	return pc;
}

static void site_names_the_object_whose_handle_its_word_holds(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), other = tk_event(u->t, 1, false), word = tk_memory(u->t, 4), dup = tk_memory(u->t, 4);
	uint32_t pc = code_with(u, "NtSetEvent", I_LIS(9, (word + 0x8000) >> 16), I_LWZ(3, word, 9), I_NOP);
	assert_int_equal(only_site(u, tk_object(u->t, h)).reach, SITE_EMPTY);
	tk_put32(u->t, word, h);
	struct site s = only_site(u, tk_object(u->t, h));
	assert_int_equal(s.pc, pc);
	assert_int_equal(s.reach, SITE_THIS);
	assert_int_equal(s.slot, word);
	assert_string_equal(s.export, "NtSetEvent");
	s = only_site(u, tk_object(u->t, other));
	assert_int_equal(s.reach, SITE_OTHER);
	assert_int_equal(s.object, tk_object(u->t, h));
	assert_int_equal(CALL(u->t, u->t->main, "NtDuplicateObject", h, dup, 0), 0);
	tk_put32(u->t, word, tk_get32(u->t, dup));
	assert_int_equal(only_site(u, tk_object(u->t, h)).reach, SITE_THIS);
}

static void site_names_the_object_at_its_constant(void **state)
{
	struct uk *u = U(state);
	uint32_t ga = tk_memory(u->t, 16);
	CALL(u->t, u->t->main, "KeInitializeEvent", ga, 1, 0);
	PARKS(u->t, tk_thread(u->t, 1), "KeWaitForSingleObject", ga, 0, 0, 0, 0);
	code_with(u, "KeSetEvent", I_LOAD(3, ga), I_NOP);
	assert_int_equal(only_site(u, object_by_ga(u->t->m, ga)).reach, SITE_THIS);
}

static void site_is_of_the_objects_type(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false);
	code_with(u, "NtReleaseMutant", I_LOAD(3, h), I_NOP);
	assert_int_equal(count_sites(u, tk_object(u->t, h), NULL), 0);
	code_with(u, "NtSetEvent", I_LOAD(3, h), I_NOP);
	assert_int_equal(count_sites(u, tk_object(u->t, h), NULL), 1);
}

static void site_behind_a_call_knows_only_what_calls_keep(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), set = tk_thunk(u->t, "NtSetEvent"), other = tk_thunk(u->t, "KeGetCurrentProcessType");
	uint32_t at = u->t->code_at;
	CODE(u->t, I_LOAD(3, h), I_BL(at + 8, other), I_BL(at + 12, set), I_BLR);
	assert_int_equal(only_site(u, tk_object(u->t, h)).reach, SITE_UNKNOWN);
}

static void site_value_is_followed_through_saved_registers_and_the_stack(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), set = tk_thunk(u->t, "NtSetEvent"), other = tk_thunk(u->t, "KeGetCurrentProcessType");
	uint32_t at = u->t->code_at;
	CODE(u->t, I_STWU(1, -32, 1), I_LOAD(4, h), I_MR(31, 1), I_STW(4, 24, 31), I_BL(at + 20, other), I_LWZ(30, 24, 1), I_MR(3, 30),
	     I_BL(at + 32, set), I_BLR);
	assert_int_equal(only_site(u, tk_object(u->t, h)).reach, SITE_THIS);
}

static void site_where_branches_meet_forgets_what_one_path_loaded(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), set = tk_thunk(u->t, "NtSetEvent"), at = u->t->code_at;
	CODE(u->t, I_LI(3, 4), I_BEQ(12), I_LOAD(3, h), I_BL(at + 16, set), I_BLR);
	assert_int_equal(only_site(u, tk_object(u->t, h)).reach, SITE_UNKNOWN);
}

static void site_callers_of_a_wrapper_are_sites_too(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), set = tk_thunk(u->t, "NtSetEvent");
	uint32_t wrapper = u->t->code_at;
	/* void wrapper(int x, HANDLE h) { NtSetEvent(h, 0); } */
	CODE(u->t, I_MR(3, 4), I_LI(4, 0), I_BL(wrapper + 8, set), I_BLR);
	uint32_t caller = u->t->code_at;
	CODE(u->t, I_LI(3, 1), I_LOAD(4, h), I_BL(caller + 12, wrapper), I_BLR);
	struct query q = session_query(&u->s);
	struct sites s;
	sites_find(&q, tk_object(u->t, h), &s);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.site[0].reach, SITE_THIS);
	assert_int_equal(s.site[0].pc, caller + 12);
	assert_int_equal(s.site[0].wrapper, wrapper);
	assert_int_equal(s.site[0].depth, 1);
	assert_int_equal(s.site[1].reach, SITE_CALLER);
	assert_int_equal(s.site[1].pc, wrapper + 8);
	sites_free(&s);
}

static void calls_through_pointers_are_counted(void **state)
{
	struct uk *u = U(state);
	unsigned before, after;
	uint32_t object = tk_object(u->t, tk_event(u->t, 1, false));
	count_sites(u, object, &before);
	CODE(u->t, I_MTCTR(9), I_BCTRL, I_BLR);
	count_sites(u, object, &after);
	assert_int_equal(after, before + 1);
}

static void cover_tells_what_has_run_and_nothing_else(void **state)
{
	struct uk *u = U(state);
	struct machine *m = u->t->m;
	uint32_t at = CODE(u->t, I_LI(3, 1), I_BEQ(12), I_LI(4, 1), I_B(0), I_LI(5, 1), I_B(0));
	assert_false(cover_ran(&m->cover, at));
	uint64_t before = cover_total(&m->cover);
	struct snapshot *s = machine_snapshot(m);
	tk_start(u->t, at);
	tk_run(u->t, 50);
	static const bool ran[] = { true, true, true, true, false, false };
	for (unsigned i = 0; i < ARRAY_LEN(ran); i++)
		assert_int_equal(cover_ran(&m->cover, at + 4 * i), ran[i]);
	assert_int_equal(cover_total(&m->cover), before + 4);
	tk_run(u->t, 50);
	assert_int_equal(cover_total(&m->cover), before + 4);
	machine_restore(m, s); /* the past has not run it */
	assert_false(cover_ran(&m->cover, at));
	assert_int_equal(cover_total(&m->cover), before);
	snapshot_free(s);
}

static void cover_changes_no_digest(void **state)
{
	struct uk *u = U(state);
	uint64_t d = machine_digest(u->t->m);
	cover_note(&u->t->m->cover, TK_CODE, 1024);
	assert_true(machine_digest(u->t->m) == d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(site_names_the_object_whose_handle_its_word_holds), UK_TEST(site_names_the_object_at_its_constant),
		UK_TEST(site_is_of_the_objects_type), UK_TEST(site_behind_a_call_knows_only_what_calls_keep),
		UK_TEST(site_value_is_followed_through_saved_registers_and_the_stack),
		UK_TEST(site_where_branches_meet_forgets_what_one_path_loaded), UK_TEST(site_callers_of_a_wrapper_are_sites_too),
		UK_TEST(calls_through_pointers_are_counted), UK_TEST(cover_tells_what_has_run_and_nothing_else),
		UK_TEST(cover_changes_no_digest),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
