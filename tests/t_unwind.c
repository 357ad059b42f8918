/* tests/t_unwind.c - the laws of what a function's code says of its frame (the whole, against runs: t_frames.c). */
#include "config.h"

#include "src/cpu/unwind.h"
#include "tests/small.h"

#define BEGIN (SMALL_CODE + 0x1000u)
#define MFLR_R0 0x7C0802A6u
#define MFLR_R12 0x7D8802A6u
#define MTLR_R0 0x7C0803A6u
#define BLR 0x4E800020u
#define BCTR 0x4E800420u
#define NOP 0x60000000u
#define D(op, rt, ra, d) ((uint32_t)(op) << 26 | (uint32_t)(rt) << 21 | (uint32_t)(ra) << 16 | ((uint32_t)(d)&0xffff))
#define STWU(n) D(37, 1, 1, -(n))
#define STW(r, d) D(36, r, 1, d)
#define LWZ(r, d) D(32, r, 1, d)
#define STD(r, d) D(62, r, 1, d)
#define STFD(r, d) D(54, r, 1, d)
#define STMW(r, d) D(47, r, 1, d)
#define LI(r, v) D(14, r, 0, v)
#define ADDI(r, a, v) D(14, r, a, v)
#define BEQ(words) (0x41820000u | ((uint32_t)(4 * (words)) & 0xfffcu))
#define B(words) (0x48000000u | ((uint32_t)(4 * (words)) & 0x03fffffcu))
#define BL(words) (B(words) | 1u)
#define LIS(r, v) D(15, r, 0, v)
#define ORI(r, v) D(24, r, r, v)
#define STVX(v, a, b) (0x7C0001CEu | (uint32_t)(v) << 21 | (uint32_t)(a) << 16 | (uint32_t)(b) << 11)
#define STVX128(v, a, b) (0x100001C3u | ((uint32_t)(v)&31) << 21 | (uint32_t)(a) << 16 | (uint32_t)(b) << 11 | ((uint32_t)(v) >> 5 & 3) << 2)
#define STWUX_R0(r) (0x7C01016Eu | (uint32_t)(r) << 11)

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

/* Puts the words at BEGIN. */
static uint32_t put(struct small *m, const uint32_t *word, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		small_put(m, BEGIN + 4 * i, word[i]);
	return BEGIN + 4 * n;
}
#define FUNCTION(...) \
	struct small *m = *state; \
	const uint32_t words[] = { __VA_ARGS__ }; \
	const uint32_t end = put(m, words, ARRAY_LEN(words))

#define FUNCTION_AGAIN(...) \
	const uint32_t words2[] = { __VA_ARGS__ }; \
	const uint32_t again = put(m, words2, ARRAY_LEN(words2))

/* What holds before instruction @i. */
static struct unwind before(struct small *m, uint32_t end, unsigned i)
{
	struct unwind u = { 0 };
	assert_true(unwind_code(&m->mem, BEGIN, end, BEGIN + 4 * i, &u));
	return u;
}

static void expect_saved(const struct unwind_reg *r, unsigned size, int offset)
{
	assert_int_equal(r->how, UNWIND_SAVED);
	assert_int_equal(r->size, size);
	assert_int_equal(r->offset, offset);
}

static void a_leaf_keeps_everything(void **state)
{
	FUNCTION(ADDI(3, 3, 1), BLR);
	struct unwind u = before(m, end, 1);
	assert_true(u.cfa_known && u.cfa == 0 && u.lr.how == UNWIND_SAME && u.gpr[14].how == UNWIND_SAME &&
		    u.fpr[31].how == UNWIND_SAME);
	assert_int_equal(u.gpr[3].how, UNWIND_UNKNOWN);
}

static void a_frame_is_followed_instruction_by_instruction(void **state)
{
	FUNCTION(STWU(48), MFLR_R0, STW(31, 44), STW(0, 52), NOP, LWZ(0, 52), LWZ(31, 44), MTLR_R0, ADDI(1, 1, 48), BLR);
	struct unwind u = before(m, end, 0);
	assert_true(u.cfa_known && u.cfa == 0);
	u = before(m, end, 1);
	assert_true(u.cfa == 48 && u.lr.how == UNWIND_SAME && u.gpr[31].how == UNWIND_SAME && u.lr_in == -1);
	u = before(m, end, 2);
	assert_true(u.lr_in == 0 && u.lr.how == UNWIND_SAME);
	u = before(m, end, 4);
	expect_saved(&u.gpr[31], 4, -4);
	assert_int_equal(u.gpr[30].how, UNWIND_SAME);
	u = before(m, end, 9);
	assert_true(u.cfa_known && u.cfa == 0 && u.lr.how == UNWIND_SAME);
}

static void saves_of_several_and_of_floating_point_count(void **state)
{
	FUNCTION(STWU(96), STFD(31, 88), STMW(29, 76), BL(100), NOP);
	struct unwind u = before(m, end, 4);
	expect_saved(&u.gpr[29], 4, -20);
	expect_saved(&u.gpr[31], 4, -12);
	expect_saved(&u.fpr[31], 8, -8);
	assert_int_equal(u.gpr[28].how, UNWIND_SAME);
	assert_int_equal(u.gpr[12].how, UNWIND_UNKNOWN);
	assert_int_equal(u.fpr[13].how, UNWIND_UNKNOWN);
	assert_int_equal(u.lr.how, UNWIND_UNKNOWN);
}

/* The helpers stand at instruction 5: __savegprlr_30 by r1, then __savefpr_31 by r12. */
static void a_call_of_stores_does_them(void **state)
{
	FUNCTION(MFLR_R12, BL(4), ADDI(12, 1, -24), BL(6), STWU(96), STD(30, -24), STD(31, -16), STW(12, -8), BLR,
		D(54, 31, 12, -8), BLR);
	struct unwind u = before(m, end, 1);
	assert_int_equal(u.lr_in, 12);
	struct unwind v = { 0 };
	assert_true(unwind_code(&m->mem, BEGIN, BEGIN + 5 * 4, BEGIN + 4 * 4, &v));
	expect_saved(&v.gpr[30], 8, -24);
	expect_saved(&v.gpr[31], 8, -16);
	expect_saved(&v.lr, 4, -8);
	expect_saved(&v.fpr[31], 8, -32);
}

/* As the XDK's __savevmx_N: each save by a number in r11 and what the caller has put into r12. */
static void vectors_are_saved_by_a_number_and_a_base(void **state)
{
	FUNCTION(MFLR_R12, STW(12, -8), ADDI(12, 1, -16), BL(4), STWU(96), NOP, BLR, LI(11, -48), STVX128(126, 11, 12), LI(11, -32),
		STVX128(127, 11, 12), BLR);
	struct unwind u = { 0 };
	assert_true(unwind_code(&m->mem, BEGIN, BEGIN + 7 * 4, BEGIN + 5 * 4, &u));
	assert_int_equal(end, BEGIN + 12 * 4);
	expect_saved(&u.vr[126], 16, -64);
	expect_saved(&u.vr[127], 16, -48);
	assert_int_equal(u.vr[125].how, UNWIND_SAME);
	expect_saved(&u.lr, 4, -8);
	assert_true(u.cfa_known && u.cfa == 96);
}

static void a_vector_written_without_a_save_is_not_known(void **state)
{
	FUNCTION(LI(11, -32), STVX(31, 1, 11), 0x13FF04C4u /* vxor v31,v31,v0 */, 0x13C004C4u /* vxor v30,v0,v0 */, BL(100), NOP, BLR);
	struct unwind u = before(m, end, 5);
	expect_saved(&u.vr[31], 16, -32);
	assert_int_equal(u.vr[30].how, UNWIND_UNKNOWN);
	assert_int_equal(u.vr[29].how, UNWIND_SAME);
	assert_int_equal(u.vr[13].how, UNWIND_UNKNOWN); /* a call may change it */
	assert_int_equal(u.vr[40].how, UNWIND_UNKNOWN);
	assert_int_equal(u.vr[64].how, UNWIND_SAME);
}

static void the_condition_register_is_saved_through_a_register(void **state)
{
	FUNCTION(0x7D800026u /* mfcr r12 */, STW(12, -12), 0x2F030000u /* cmpwi cr6,r3,0 */, 0x7D600026u /* mfcr r11 */, STW(11, -16), NOP, BLR);
	struct unwind u = before(m, end, 6);
	expect_saved(&u.cr, 4, -12);
	FUNCTION_AGAIN(0x2F030000u, 0x7D600026u, STW(11, -16), NOP, BLR);
	u = before(m, again, 4);
	assert_int_equal(u.cr.how, UNWIND_UNKNOWN);
}

static void a_large_frame_is_made_by_a_number(void **state)
{
	FUNCTION(STW(31, -16), LIS(12, -2), ORI(12, 0x8000), 0x7C21616Eu /* stwux r1,r1,r12 */, NOP, D(32, 1, 1, 0), BLR);
	struct unwind u = before(m, end, 4);
	assert_true(u.cfa_known && u.cfa == 0x18000);
	expect_saved(&u.gpr[31], 4, -16);
	u = before(m, end, 6);
	assert_true(u.cfa_known && u.cfa == 0);
}

/* Nothing leads to instruction 5; the prologue has three. */
static void where_an_exception_is_handled_the_prologues_frame_stands(void **state)
{
	FUNCTION(STW(31, -16), STWU(96), D(14, 31, 3, 0), NOP, B(3), LI(3, 1), NOP, ADDI(1, 1, 96), BLR);
	struct unwind u = { 0 };
	assert_false(unwind_function(&m->mem, BEGIN, end, 0, BEGIN + 5 * 4, &u));
	assert_true(unwind_function(&m->mem, BEGIN, end, 3 * 4, BEGIN + 5 * 4, &u));
	assert_true(u.cfa_known && u.cfa == 96);
	expect_saved(&u.gpr[31], 4, -16);
	assert_int_equal(u.gpr[30].how, UNWIND_SAME);
	assert_int_equal(u.gpr[4].how, UNWIND_UNKNOWN);
	assert_int_equal(u.lr.how, UNWIND_UNKNOWN);
	assert_true(unwind_function(&m->mem, BEGIN, end, 3 * 4, BEGIN + 8 * 4, &u)); /* a place of its own way is told by that alone */
	assert_true(u.cfa_known && u.cfa == 0 && u.lr.how == UNWIND_SAME);
}

static void what_lies_on_one_way_only_is_not_known(void **state)
{
	FUNCTION(STWU(48), BEQ(4), STW(30, 40), LI(30, 1), NOP, NOP, BLR);
	struct unwind u = before(m, end, 4);
	expect_saved(&u.gpr[30], 4, -8);
	u = before(m, end, 5);
	assert_int_equal(u.gpr[30].how, UNWIND_UNKNOWN);
	assert_int_equal(u.gpr[31].how, UNWIND_SAME);
	assert_true(u.cfa_known && u.cfa == 48);
}

static void frames_of_two_sizes_that_meet_are_not_known(void **state)
{
	FUNCTION(BEQ(2), STWU(48), NOP, BLR);
	struct unwind u = before(m, end, 2);
	assert_false(u.cfa_known || u.cfa_chain);
}

static void a_register_written_without_a_save_is_not_known(void **state)
{
	FUNCTION(STWU(48), LI(20, 1), STW(21, 8), LI(21, 1), NOP, BLR);
	struct unwind u = before(m, end, 4);
	assert_int_equal(u.gpr[20].how, UNWIND_UNKNOWN);
	expect_saved(&u.gpr[21], 4, -40);
}

static void a_value_read_is_not_changed(void **state)
{
	FUNCTION(D(32, 3, 13, 8), D(36, 3, 31, 4), 0x7C7FF214u /* add r3,r31,r30 */, 0x2C1F0000u /* cmpwi r31,0 */, NOP, BLR);
	struct unwind u = before(m, end, 4);
	assert_true(u.gpr[13].how == UNWIND_SAME && u.gpr[31].how == UNWIND_SAME && u.gpr[30].how == UNWIND_SAME);
}

static void an_overwritten_slot_is_not_known(void **state)
{
	FUNCTION(STWU(48), STW(31, 44), LI(31, 0), NOP, STW(31, 42), NOP, BLR);
	struct unwind u = before(m, end, 3);
	expect_saved(&u.gpr[31], 4, -4);
	u = before(m, end, 5);
	assert_int_equal(u.gpr[31].how, UNWIND_UNKNOWN);
}

static void a_frame_that_grows_is_found_by_its_chain(void **state)
{
	FUNCTION(STWU(48), MFLR_R0, STW(0, 52), STW(31, 44), 0x7C3F0B78u /* mr r31,r1 */, LWZ(0, 0), STWUX_R0(9), D(14, 3, 1, 16),
		NOP, D(32, 11, 1, 0), 0x7D615B78u /* mr r1,r11 */, BLR);
	struct unwind u = before(m, end, 8);
	assert_true(u.cfa_chain && !u.cfa_known);
	expect_saved(&u.gpr[31], 4, -4);
	assert_int_equal(u.lr.how, UNWIND_SAME); /* no call has changed it yet */
	u = before(m, end, 11);
	assert_true(u.cfa_known && u.cfa == 0);
}

static void the_cases_of_a_jump_table_have_the_frame_too(void **state)
{
	FUNCTION(STWU(48), STW(31, 44), BCTR, LI(3, 0), B(2), LI(3, 1), ADDI(1, 1, 48), BLR);
	for (unsigned i = 3; i < 7; i++) {
		struct unwind u = before(m, end, i);
		assert_true(u.cfa_known && u.cfa == 48);
		expect_saved(&u.gpr[31], 4, -4);
	}
}

static void a_loop_is_followed_to_its_end(void **state)
{
	FUNCTION(STWU(48), STW(31, 44), NOP, LI(30, 1), BEQ(-2), NOP, BLR);
	struct unwind u = before(m, end, 2);
	assert_int_equal(u.gpr[30].how, UNWIND_UNKNOWN); /* changed by the turn before */
	expect_saved(&u.gpr[31], 4, -4);
}

static void code_that_gives_back_what_it_did_not_save_is_no_function(void **state)
{
	FUNCTION(D(58, 30, 1, -24), D(58, 31, 1, -16), LWZ(12, -8), 0x7D8803A6u /* mtlr r12 */, BLR);
	struct unwind u;
	assert_false(unwind_code(&m->mem, BEGIN, end, BEGIN + 8, &u));
	struct ppc_context c = { .lr = 0x12345678 };
	uint32_t lr;
	c.gpr[1] = SMALL_STACK + 0x100;
	small_put(m, SMALL_STACK + 0x100 - 8, 0x82001234);
	assert_true(unwind_tail(&m->mem, BEGIN, &c, &lr));
	assert_int_equal(lr, 0x82001234);
	assert_true(unwind_tail(&m->mem, BEGIN + 16, &c, &lr));
	assert_int_equal(lr, 0x12345678);
}

static void a_place_that_nothing_leads_to_is_not_known(void **state)
{
	FUNCTION(B(2), NOP, BLR);
	struct unwind u;
	assert_false(unwind_code(&m->mem, BEGIN, end, BEGIN + 4, &u));
	assert_false(unwind_code(&m->mem, BEGIN, end, end, &u));
	assert_false(unwind_code(&m->mem, BEGIN, end, BEGIN + 2, &u));
	assert_false(unwind_code(&m->mem, BEGIN, BEGIN + UNWIND_BYTES_MAX + 4, BEGIN, &u));
}

/* Whatever the words are, the answer comes, and offsets of what is saved are those of a store that was seen. */
static void any_words_are_survived(void **state)
{
	struct small *m = *state;
	uint64_t seed = 1;
	for (unsigned round = 0; round < 300; round++) {
		for (unsigned i = 0; i < 200; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			static const uint32_t likely[] = { STWU(64), MFLR_R0, STW(31, 60), BEQ(9), BEQ(-7), BL(12), BCTR,
				LWZ(31, 60), STMW(20, 12) };
			uint32_t w = (uint32_t)(seed >> 32);
			small_put(m, BEGIN + 4 * i, w % 3 ? likely[w % ARRAY_LEN(likely)] : w);
		}
		for (unsigned i = 0; i < 200; i += 37) {
			struct unwind u = { 0 };
			if (unwind_code(&m->mem, BEGIN, BEGIN + 800, BEGIN + 4 * i, &u))
				for (unsigned r = 0; r < 32; r++)
					assert_true(u.gpr[r].how <= UNWIND_SAVED &&
						    (u.gpr[r].how != UNWIND_SAVED || u.gpr[r].size >= 4));
		}
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_leaf_keeps_everything),
		TEST(a_frame_is_followed_instruction_by_instruction),
		TEST(saves_of_several_and_of_floating_point_count),
		TEST(a_call_of_stores_does_them),
		TEST(vectors_are_saved_by_a_number_and_a_base),
		TEST(a_vector_written_without_a_save_is_not_known),
		TEST(the_condition_register_is_saved_through_a_register),
		TEST(a_large_frame_is_made_by_a_number),
		TEST(where_an_exception_is_handled_the_prologues_frame_stands),
		TEST(what_lies_on_one_way_only_is_not_known),
		TEST(frames_of_two_sizes_that_meet_are_not_known),
		TEST(a_register_written_without_a_save_is_not_known),
		TEST(a_value_read_is_not_changed),
		TEST(an_overwritten_slot_is_not_known),
		TEST(a_frame_that_grows_is_found_by_its_chain),
		TEST(the_cases_of_a_jump_table_have_the_frame_too),
		TEST(a_loop_is_followed_to_its_end),
		TEST(code_that_gives_back_what_it_did_not_save_is_no_function),
		TEST(a_place_that_nothing_leads_to_is_not_known),
		TEST(any_words_are_survived),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
