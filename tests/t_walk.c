/* tests/t_walk.c - the laws of the stack walker: which rule finds a return address, why, and where a walk ends. */
#include "config.h"

#include "src/observe/walk.h"
#include "tests/small.h"

#define TOP (SMALL_STACK + 0x8000u) /* r1 of a thread's first function */
#define SIZE 0x60u                  /* a frame's */

static int setup(void **state)
{
	struct small *m = calloc(1, sizeof *m);
	assert_non_null(m);
	small_init(m);
	small_map(m);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	small_fini(*state);
	free(*state);
	return 0;
}

/* ---- code: functions of known shape, one after the other ------------------------------------------------------------ */

struct code {
	struct small *m;
	uint32_t at;          /* next word's address */
};

static struct code code_begin(void **state)
{
	return (struct code){ *state, SMALL_CODE + 0x1000 };
}

static void word(struct code *c, uint32_t w)
{
	small_put(c->m, c->at, w);
	c->at += 4;
}

static uint32_t bl_to(uint32_t from, uint32_t to)
{
	return 0x48000001u | ((to - from) & 0x03FFFFFCu);
}

enum shape { XDK, XDK_SAVE, SYSV, LEAF };

/* Emits the prologue of a function with a frame of @size bytes; returns its entry. @save: __savegprlr_N, for XDK_SAVE. */
static uint32_t function(struct code *c, enum shape shape, uint32_t size, uint32_t save)
{
	uint32_t entry = c->at, stwu = 0x94210000u | (-size & 0xFFFF);
	if (shape == XDK) {
		word(c, 0x7D8802A6); /* mflr r12 */
		word(c, 0x9181FFF8); /* stw r12,-8(r1) */
		word(c, stwu);
	} else if (shape == XDK_SAVE) {
		word(c, 0x7D8802A6);
		word(c, bl_to(c->at, save));
		word(c, stwu);
	} else if (shape == SYSV) {
		word(c, stwu);
		word(c, 0x7C0802A6); /* mflr r0 */
		word(c, 0xBFA10000u | (size - 12)); /* stmw r29,size-12(r1) */
		word(c, 0x90010000u | (size + 4));  /* stw r0,size+4(r1) */
	}
	return entry;
}

/* Emits a call and returns its return address. @target 0: an indirect one. */
static uint32_t call(struct code *c, uint32_t target)
{
	word(c, 0x60000000); /* nop */
	word(c, target ? bl_to(c->at, target) : 0x4E800421u); /* bctrl */
	return c->at;
}

static void end(struct code *c)
{
	word(c, 0x4E800020); /* blr */
}

static uint32_t savegprlr(struct code *c)
{
	uint32_t entry = c->at;
	word(c, 0xFBC1FFE8); /* std r30,-0x18(r1) */
	word(c, 0xFBE1FFF0); /* std r31,-0x10(r1) */
	word(c, 0x9181FFF8); /* stw r12,-8(r1) */
	end(c);
	return entry;
}

static uint32_t trap_address(struct code *c)
{
	uint32_t at = c->at;
	word(c, 0x44000062); /* sc 3 */
	return at;
}

/* ---- stacks ------------------------------------------------------------------------------------------------------------ */

/* Makes the frame of @size bytes below @caller_sp, LR saved at the slot @offset from it; returns its r1. */
static uint32_t frame(struct small *m, uint32_t caller_sp, uint32_t size, int32_t offset, uint32_t lr)
{
	small_put(m, caller_sp - size, caller_sp);
	if (offset)
		small_put(m, caller_sp + (uint32_t)offset, lr);
	return caller_sp - size;
}

static unsigned walk(struct small *m, uint32_t sp, uint32_t lr, struct walk_frame *f, enum walk_end *e)
{
	return walk_stack(&m->mem, &(struct walk_start){ .sp = sp, .lr = lr, .stack_limit = SMALL_STACK, .stack_base = SMALL_STACK + SMALL_BYTES },
	                  f, WALK_FRAMES_MAX, e);
}

static void expect_frame(const struct walk_frame *f, uint32_t lr, enum walk_rule rule, enum walk_why why)
{
	assert_int_equal(f->lr, lr);
	assert_string_equal(walk_rule_word(f->rule), walk_rule_word(rule));
	assert_string_equal(walk_why_word(f->why), walk_why_word(why));
}

/* A first function of @shape that calls a second one of @shape, which calls out: r1 and LR at that call. */
struct two {
	uint32_t trap, into_first, into_second; /* addresses */
	uint32_t sp, first_sp;
};

static struct two two_functions(struct code *c, enum shape shape, bool direct)
{
	struct two t;
	int32_t slot = shape == SYSV ? 4 : -8;
	uint32_t save = savegprlr(c);
	t.trap = trap_address(c);
	uint32_t second = function(c, shape, SIZE, save);
	t.into_second = call(c, 0);
	end(c);
	function(c, shape, 2 * SIZE, save);
	t.into_first = call(c, direct ? second : 0);
	end(c);
	t.first_sp = frame(c->m, TOP, 2 * SIZE, slot, t.trap);
	t.sp = frame(c->m, t.first_sp, SIZE, slot, t.into_first);
	return t;
}

/* ---- laws ------------------------------------------------------------------------------------------------------------ */

static void walk_frame_0_is_the_live_one(void **state)
{
	struct small *m = *state;
	struct walk_frame f[4];
	enum walk_end e;
	assert_int_equal(walk(m, TOP, 0x12345678, f, &e), 1);
	expect_frame(&f[0], 0x12345678, WALK_LIVE, WALK_WHY_NOTHING);
	assert_int_equal(f[0].sp, TOP);
	assert_int_equal(e, WALK_END_NULL);
	assert_int_equal(walk_stack(&m->mem, &(struct walk_start){ .sp = TOP }, f, 0, &e), 0);
}

static void walk_follows_frames_of_each_rule_to_the_trap_address(void **state)
{
	static const enum shape shapes[] = { XDK, XDK_SAVE, SYSV };
	for (unsigned i = 0; i < ARRAY_LEN(shapes); i++) {
		for (unsigned direct = 0; direct < 2; direct++) {
			struct code c = code_begin(state);
			struct walk_frame f[WALK_FRAMES_MAX];
			enum walk_end e;
			struct two t = two_functions(&c, shapes[i], direct);
			assert_int_equal(walk(c.m, t.sp, t.into_second, f, &e), 2);
			expect_frame(&f[1], t.into_first, shapes[i] == SYSV ? WALK_SYSV : WALK_XDK, direct ? WALK_WHY_CALL : WALK_WHY_PROLOGUE);
			assert_int_equal(f[1].sp, t.first_sp);
			assert_int_equal(f[1].slot, t.first_sp + (shapes[i] == SYSV ? 4u : -8u));
			assert_string_equal(walk_end_text(e), walk_end_text(WALK_END_SENTINEL));
		}
	}
}

static void walk_names_the_rule_of_every_frame_of_a_mixed_stack(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	enum walk_end e;
	uint32_t trap = trap_address(&c);
	uint32_t inner = function(&c, SYSV, 0x40, 0), into_inner = call(&c, 0);
	uint32_t middle = function(&c, XDK, 0x50, 0), into_middle = call(&c, inner);
	end(&c);
	function(&c, SYSV, 0x70, 0);
	uint32_t into_outer = call(&c, middle);
	uint32_t outer_sp = frame(c.m, TOP, 0x70, 4, trap), middle_sp = frame(c.m, outer_sp, 0x50, -8, into_outer),
		 sp = frame(c.m, middle_sp, 0x40, 4, into_middle);
	assert_int_equal(walk(c.m, sp, into_inner, f, &e), 3);
	expect_frame(&f[1], into_middle, WALK_SYSV, WALK_WHY_CALL);
	expect_frame(&f[2], into_outer, WALK_XDK, WALK_WHY_CALL);
	assert_int_equal(e, WALK_END_SENTINEL);
}

/* Puts an address that looks like an LR into the slot of the rule that a function does not use. */
static void walk_is_not_misled_by_a_stale_address_in_the_other_slot(void **state)
{
	static const enum shape shapes[] = { XDK, XDK_SAVE, SYSV };
	for (unsigned i = 0; i < ARRAY_LEN(shapes); i++) {
		for (unsigned direct = 0; direct < 2; direct++) {
			struct code c = code_begin(state);
			struct walk_frame f[WALK_FRAMES_MAX];
			enum walk_end e;
			struct two t = two_functions(&c, shapes[i], direct);
			uint32_t other = shapes[i] == SYSV ? -8u : 4u;
			small_put(c.m, t.first_sp + other, t.into_second);
			small_put(c.m, TOP + other, t.into_second); /* beside the sentinel too */
			assert_int_equal(walk(c.m, t.sp, t.into_second, f, &e), 2);
			expect_frame(&f[1], t.into_first, shapes[i] == SYSV ? WALK_SYSV : WALK_XDK, direct ? WALK_WHY_CALL : WALK_WHY_PROLOGUE);
			assert_int_equal(e, WALK_END_SENTINEL);
		}
	}
}

static void walk_takes_the_only_candidate_where_no_prologue_is_seen(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	enum walk_end e;
	uint32_t a = call(&c, 0), b = call(&c, 0);
	uint32_t outer = frame(c.m, TOP, SIZE, 0, 0), sp = frame(c.m, outer, SIZE, 4, b);
	assert_int_equal(walk(c.m, sp, a, f, &e), 2);
	expect_frame(&f[1], b, WALK_SYSV, WALK_WHY_ONLY);
}

static void walk_ends_at_a_first_function_that_saved_no_lr(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	enum walk_end e;
	uint32_t a = call(&c, 0), sp = frame(c.m, TOP, SIZE, 0, 0);
	small_put(c.m, TOP, 0);
	assert_int_equal(walk(c.m, sp, a, f, &e), 1);
	assert_int_equal(e, WALK_END_SENTINEL);
	small_put(c.m, TOP, TOP + 64); /* one more frame: then it is no first function */
	assert_int_equal(walk(c.m, sp, a, f, &e), 2);
	expect_frame(&f[1], 0, WALK_NONE, WALK_WHY_NOTHING);
}

static void walk_without_evidence_says_that_it_guessed(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	uint32_t a = call(&c, 0), b = call(&c, 0);
	uint32_t outer = frame(c.m, TOP, SIZE, -8, 0), sp = frame(c.m, outer, SIZE, -8, a);
	small_put(c.m, outer + 4, b);
	assert_int_equal(walk(c.m, sp, a, f, NULL), 2);
	expect_frame(&f[1], a, WALK_XDK, WALK_WHY_GUESS);
}

static void walk_without_evidence_goes_on_as_below(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	uint32_t a = call(&c, 0), b = call(&c, 0);
	uint32_t outer = frame(c.m, TOP, SIZE, -8, a), sp = frame(c.m, outer, SIZE, 4, b);
	small_put(c.m, TOP + 4, b);
	assert_int_equal(walk(c.m, sp, a, f, NULL), 3);
	expect_frame(&f[1], b, WALK_SYSV, WALK_WHY_ONLY);
	expect_frame(&f[2], b, WALK_SYSV, WALK_WHY_BELOW);
}

static void walk_prologue_counts_only_if_it_makes_a_frame_of_this_size(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	function(&c, SYSV, SIZE + 16, 0);
	uint32_t a = call(&c, 0), b = call(&c, 0);
	uint32_t sp = frame(c.m, TOP, SIZE, 4, b);
	small_put(c.m, TOP - 8, a);
	assert_int_equal(walk(c.m, sp, a, f, NULL), 2);
	expect_frame(&f[1], a, WALK_XDK, WALK_WHY_GUESS);
}

static void walk_allows_any_size_to_a_frame_that_grew(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	function(&c, SYSV, SIZE, 0);
	word(&c, 0x7C21496E); /* stwux r1,r1,r9: alloca */
	uint32_t a = call(&c, 0), b = call(&c, 0);
	uint32_t sp = frame(c.m, TOP, SIZE + 0x400, 4, b);
	small_put(c.m, TOP - 8, a);
	assert_int_equal(walk(c.m, sp, a, f, NULL), 2);
	expect_frame(&f[1], b, WALK_SYSV, WALK_WHY_PROLOGUE);
}

static void walk_reads_a_prologue_whose_frame_is_too_large_for_stwu(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	word(&c, 0x7D8802A6); /* mflr r12 */
	word(&c, 0x9181FFF8); /* stw r12,-8(r1) */
	word(&c, 0x3D80FFFF); /* lis r12,-1 */
	word(&c, 0x618CF000); /* ori r12,r12,0xf000 */
	word(&c, 0x7C21616E); /* stwux r1,r1,r12 */
	uint32_t a = call(&c, 0), b = call(&c, 0);
	uint32_t sp = frame(c.m, TOP, 0x1000, -8, b);
	small_put(c.m, TOP + 4, a);
	assert_int_equal(walk(c.m, sp, a, f, NULL), 2);
	expect_frame(&f[1], b, WALK_XDK, WALK_WHY_PROLOGUE);
}

static void walk_prologue_search_stays_in_mapped_code(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	for (uint32_t at = SMALL_CODE + 4; at < SMALL_CODE + 0x40; at += 4) {
		c.at = at;
		uint32_t a = call(&c, 0);
		uint32_t sp = frame(c.m, TOP, SIZE, -8, a);
		assert_int_equal(walk(c.m, sp, a, f, NULL), 2);
		expect_frame(&f[1], a, WALK_XDK, WALK_WHY_ONLY);
	}
}

static void walk_says_where_there_is_no_return_address_and_goes_on(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	enum walk_end e;
	uint32_t a = call(&c, 0);
	uint32_t outer = frame(c.m, TOP, SIZE, -8, a), sp = frame(c.m, outer, SIZE, -8, 0xDEADBEEF);
	assert_int_equal(walk(c.m, sp, a, f, &e), 3);
	expect_frame(&f[1], 0, WALK_NONE, WALK_WHY_NOTHING);
	assert_int_equal(f[1].sp, outer);
	expect_frame(&f[2], a, WALK_XDK, WALK_WHY_ONLY);
	assert_int_equal(e, WALK_END_NULL);
}

static void walk_takes_for_a_return_address_only_what_follows_a_call_in_code(void **state)
{
	struct code c = code_begin(state);
	uint32_t a = call(&c, 0), b = call(&c, a);
	assert_true(walk_is_return(&c.m->mem, a));
	assert_true(walk_is_return(&c.m->mem, b));
	assert_false(walk_is_return(&c.m->mem, a - 4));     /* behind a nop */
	assert_false(walk_is_return(&c.m->mem, a + 1));     /* unaligned */
	assert_false(walk_is_return(&c.m->mem, 0));
	assert_false(walk_is_return(&c.m->mem, SMALL_CODE)); /* nothing mapped before it */
	assert_false(walk_is_return(&c.m->mem, 0x10000000));
	small_put(c.m, SMALL_STACK + 0x100, 0x4E800421);
	assert_false(walk_is_return(&c.m->mem, SMALL_STACK + 0x104)); /* not executable */
	word(&c, 0x4E800021);                               /* blrl */
	assert_true(walk_is_return(&c.m->mem, c.at));
	word(&c, 0x48000010);                               /* b */
	assert_false(walk_is_return(&c.m->mem, c.at));
}

static void walk_ends_at_the_emulators_sentinel(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	enum walk_end e;
	uint32_t a = call(&c, 0), sp = frame(c.m, TOP, SIZE, -8, 0xBCBCBCBC);
	small_put(c.m, TOP, TOP + 64);
	assert_int_equal(walk(c.m, sp, a, f, &e), 1);
	assert_int_equal(e, WALK_END_SENTINEL);
	assert_int_equal(walk(c.m, sp, 0xBCBCBCBC, f, &e), 1);
	assert_int_equal(e, WALK_END_SENTINEL);
}

static void walk_ends_where_the_chain_leaves_the_stack_or_does_not_grow(void **state)
{
	static const struct {
		uint32_t next;
		enum walk_end end;
	} cases[] = {
		{ 0, WALK_END_NULL },
		{ TOP, WALK_END_BACK },
		{ TOP - 16, WALK_END_BACK },
		{ SMALL_STACK - 16, WALK_END_LEFT },
		{ SMALL_STACK + SMALL_BYTES, WALK_END_LEFT },
		{ TOP + 18, WALK_END_LEFT },
		{ 0xFFFFFFF0, WALK_END_LEFT },
		{ SMALL_CODE, WALK_END_LEFT },
	};
	struct small *m = *state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		for (unsigned known = 0; known < 2; known++) {
			struct walk_start at = { .sp = TOP, .lr = 1, .stack_limit = known ? SMALL_STACK : 0,
				                 .stack_base = known ? SMALL_STACK + SMALL_BYTES : 0 };
			struct walk_frame f[4];
			enum walk_end e;
			small_put(m, TOP, cases[i].next);
			assert_int_equal(walk_stack(&m->mem, &at, f, 4, &e), 1);
			assert_string_equal(walk_end_text(e), walk_end_text(cases[i].end));
		}
	}
}

static void walk_ends_where_the_stack_cannot_be_read(void **state)
{
	struct walk_frame f[4];
	enum walk_end e;
	struct small *m = *state;
	assert_int_equal(walk(m, 0x10000000, 1, f, &e), 1);
	assert_int_equal(e, WALK_END_UNREADABLE);
	assert_int_equal(walk(m, 0xFFFFFFFE, 1, f, &e), 1);
	assert_int_equal(e, WALK_END_UNREADABLE);
	assert_int_equal(walk(m, 0x7FC80000, 1, f, &e), 1); /* a device is not read */
	assert_int_equal(e, WALK_END_UNREADABLE);
}

static void walk_gives_no_more_frames_than_asked_for(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[4] = { 0 };
	enum walk_end e;
	uint32_t a = call(&c, 0), sp = TOP;
	for (unsigned i = 0; i < 10; i++)
		sp = frame(c.m, sp, SIZE, -8, a);
	assert_int_equal(walk_stack(&c.m->mem, &(struct walk_start){ .sp = sp, .lr = a }, f, 3, &e), 3);
	assert_int_equal(e, WALK_END_FULL);
	assert_int_equal(f[3].sp, 0);
}

static void walk_changes_nothing(void **state)
{
	struct code c = code_begin(state);
	struct walk_frame f[WALK_FRAMES_MAX];
	struct two t = two_functions(&c, XDK, true);
	arena_clean(&c.m->world);
	walk(c.m, t.sp, t.into_second, f, NULL);
	for (uint64_t p = 0; p < c.m->world.size >> ARENA_PAGE_SHIFT; p++)
		assert_false(c.m->world.dirty[p] & ARENA_DIRTY);
}

/* ---- is the live LR a frame of its own? ---- */

static bool stale(struct small *m, uint32_t pc, uint32_t sp, uint32_t lr)
{
	return walk_live_is_stale(&m->mem, pc, &(struct walk_start){ .sp = sp, .lr = lr });
}

static void walk_live_lr_is_stale_behind_a_call_in_the_function_that_owns_the_frame(void **state)
{
	static const enum shape shapes[] = { XDK, XDK_SAVE, SYSV };
	for (unsigned i = 0; i < ARRAY_LEN(shapes); i++) {
		struct code c = code_begin(state);
		struct two t = two_functions(&c, shapes[i], true);
		assert_true(stale(c.m, t.into_second, t.sp, t.into_second));
		assert_true(stale(c.m, t.into_second - 4, t.sp, t.into_first)); /* no call made yet: the chain gives it again */
	}
}

static void walk_live_lr_is_the_callers_in_a_leaf(void **state)
{
	struct code c = code_begin(state);
	uint32_t trap = trap_address(&c);
	function(&c, XDK, SIZE, 0);
	uint32_t patch = c.at, into = call(&c, 0);
	end(&c);
	uint32_t leaf = function(&c, LEAF, 0, 0);
	word(&c, 0x60000000);
	word(&c, 0x60000000);
	end(&c);
	small_put(c.m, patch + 4, bl_to(patch + 4, leaf));
	uint32_t sp = frame(c.m, TOP, SIZE, -8, trap);
	assert_false(stale(c.m, leaf + 4, sp, into));
	assert_true(stale(c.m, into, sp, into));
}

static void walk_live_lr_is_the_callers_in_a_prologue(void **state)
{
	struct code c = code_begin(state);
	struct two t = two_functions(&c, SYSV, true);
	uint32_t entry = c.at;
	function(&c, SYSV, 0x80, 0);
	uint32_t sp = frame(c.m, t.sp, 0x80, 0, 0); /* made, LR not saved yet */
	assert_false(stale(c.m, entry + 4, sp, t.into_second));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(walk_frame_0_is_the_live_one),
		T(walk_follows_frames_of_each_rule_to_the_trap_address),
		T(walk_names_the_rule_of_every_frame_of_a_mixed_stack),
		T(walk_is_not_misled_by_a_stale_address_in_the_other_slot),
		T(walk_takes_the_only_candidate_where_no_prologue_is_seen),
		T(walk_ends_at_a_first_function_that_saved_no_lr),
		T(walk_without_evidence_says_that_it_guessed),
		T(walk_without_evidence_goes_on_as_below),
		T(walk_prologue_counts_only_if_it_makes_a_frame_of_this_size),
		T(walk_allows_any_size_to_a_frame_that_grew),
		T(walk_reads_a_prologue_whose_frame_is_too_large_for_stwu),
		T(walk_prologue_search_stays_in_mapped_code),
		T(walk_says_where_there_is_no_return_address_and_goes_on),
		T(walk_takes_for_a_return_address_only_what_follows_a_call_in_code),
		T(walk_ends_at_the_emulators_sentinel),
		T(walk_ends_where_the_chain_leaves_the_stack_or_does_not_grow),
		T(walk_ends_where_the_stack_cannot_be_read),
		T(walk_gives_no_more_frames_than_asked_for),
		T(walk_changes_nothing),
		T(walk_live_lr_is_stale_behind_a_call_in_the_function_that_owns_the_frame),
		T(walk_live_lr_is_the_callers_in_a_leaf),
		T(walk_live_lr_is_the_callers_in_a_prologue),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
