/* tests/t_arena.c - the tables that a machine's state lives in. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/arena.h"

struct row {
	uint32_t a, b;
};

static struct arena two_tables(unsigned *first, unsigned *second)
{
	struct arena a;
	assert_int_equal(arena_init(&a, 1 << 20), ST_OK);
	*first = arena_table_add(&a, "first", sizeof(struct row), 8);
	*second = arena_table_add(&a, "second", 16, 4);
	return a;
}

static void arena_layout_is_the_same_in_every_arena(void **state)
{
	unsigned t, u, t2, u2;
	struct arena a = two_tables(&t, &u), b = two_tables(&t2, &u2);
	assert_int_equal(t, t2);
	assert_int_equal(a.table[u].offset, b.table[u2].offset);
	assert_int_equal(a.size, b.size);
	assert_int_equal(a.table[u].offset % ARENA_PAGE, 0);
	arena_fini(&a);
	arena_fini(&b);
}

static void arena_gives_the_row_freed_last_zeroed(void **state)
{
	unsigned t, u;
	struct arena a = two_tables(&t, &u);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(arena_take(&a, t), i);
		*(struct row *)arena_row(&a, t, i) = (struct row){ 0xffffffff, i };
	}
	arena_give(&a, t, 1);
	arena_give(&a, t, 2);
	assert_int_equal(arena_live(&a, t), 1);
	assert_int_equal(arena_take(&a, t), 2);
	assert_int_equal(arena_take(&a, t), 1);
	assert_int_equal(arena_take(&a, t), 4);
	for (uint32_t i = 1; i <= 2; i++) {
		const struct row *r = arena_peek(&a, t, i);
		assert_int_equal(r->a | r->b, 0);
	}
	arena_fini(&a);
}

static void arena_full_table_gives_no_row(void **state)
{
	unsigned t, u;
	struct arena a = two_tables(&t, &u);
	for (uint32_t i = 1; i < 4; i++)
		assert_int_equal(arena_take(&a, u), i);
	assert_int_equal(arena_take(&a, u), 0);
	arena_give(&a, u, 2);
	assert_int_equal(arena_take(&a, u), 2);
	arena_fini(&a);
}

static void arena_covers_rows_numbered_from_outside(void **state)
{
	unsigned t, u;
	struct arena a = two_tables(&t, &u);
	arena_cover(&a, t, 5);
	assert_int_equal(arena_count(&a, t), 6);
	arena_cover(&a, t, 2);
	assert_int_equal(arena_count(&a, t), 6);
	arena_fini(&a);
}

static void arena_writes_leave_their_pages_dirty_till_cleaned(void **state)
{
	unsigned t, u;
	struct arena a = two_tables(&t, &u);
	uint32_t page = (uint32_t)(a.table[u].offset >> ARENA_PAGE_SHIFT);
	assert_int_equal(a.dirty[page], 0);
	assert_int_equal(arena_take(&a, u), 1);
	assert_int_equal(a.dirty[page], ARENA_DIRTY | ARENA_TOUCHED);
	arena_clean(&a);
	assert_int_equal(a.dirty_pages, 0);
	assert_int_equal(a.dirty[page], ARENA_TOUCHED);
	arena_peek(&a, u, 1);
	assert_int_equal(a.dirty[page], ARENA_TOUCHED);
	arena_row(&a, u, 1);
	assert_int_equal(a.dirty[page], ARENA_DIRTY | ARENA_TOUCHED);
	arena_row(&a, u, 2);
	assert_int_equal(a.dirty_pages, 1);
	assert_int_equal(a.dirty_page[0], page);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_layout_is_the_same_in_every_arena),
		cmocka_unit_test(arena_gives_the_row_freed_last_zeroed),
		cmocka_unit_test(arena_full_table_gives_no_row),
		cmocka_unit_test(arena_covers_rows_numbered_from_outside),
		cmocka_unit_test(arena_writes_leave_their_pages_dirty_till_cleaned),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
