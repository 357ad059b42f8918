/* tests/t_xam_loader.c - what XAM says of the running title and of the console; its heaps; what one title hands to the next. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/pool.h"
#include "kernel/winerror.h"
#include "tests/testkit.h"

static void the_execution_info_lies_in_the_titles_header(void **state)
{
	struct tk *t = TK(state);
	uint32_t header = tk_memory(t, 0x100), out = tk_memory(t, 4);
	tk_put32(t, out, 0x77);
	assert_int_equal(CALL(t, t->main, "XamGetExecutionId", out), NT_NOT_FOUND); /* there is no header */
	assert_int_equal(tk_get32(t, out), 0x77);
	tk_put32(t, header + 0x14, 1);
	tk_put32(t, header + 0x18, 0x00040006);
	tk_put32(t, header + 0x1C, 0x80);
	tk_put32(t, GA(machine_row(t->m)->exe_module_ga, g_ldr_data_table_entry, xex_header_base), header);
	assert_int_equal(CALL(t, t->main, "XamGetExecutionId", out), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), header + 0x80);
}

static void the_console_is_american_and_as_old_as_its_kernel_says(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "XamGetSystemVersion"), 0x20076000); /* 2.0.1888.0 */
	assert_int_equal(CALL(t, t->main, "XGetGameRegion"), 0xFF);
}

static void heaps_give_and_take(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), rows = arena_live(&t->m->world, t->m->t_pool);
	assert_int_equal(CALL(t, t->main, "XamAlloc", 0, 100, out), 0);
	uint32_t a = tk_get32(t, out);
	assert_true(pool_size(t->m, a, POOL_TITLE) >= 100);
	assert_int_equal(tk_get32(t, a + 96), 0);
	assert_int_equal(CALL(t, t->main, "XamAllocEx", 0, 0, 100, out), 0);
	assert_int_not_equal(tk_get32(t, out), a);
	assert_int_equal(CALL(t, t->main, "XamFree", tk_get32(t, out)), 0);
	assert_int_equal(CALL(t, t->main, "XamFree", a), 0);
	assert_int_equal(CALL(t, t->main, "XamFree", a), 0); /* none any more */
	assert_int_equal(arena_live(&t->m->world, t->m->t_pool), rows);
	const uint64_t bad[] = { 0, 16, 0x10 };
	assert_true(tk_call_on(t, t->main, "XamAlloc", 3, bad).faulted);
}

static void physical_memory_is_aligned_as_the_flags_say(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), phys;
	assert_int_equal(CALL(t, t->main, "XamAllocEx", 0x2F000000, 0x40000000, 100, out), 0);
	assert_true(mem_physical(&t->m->mem, tk_get32(t, out), &phys));
	assert_int_equal(phys % 0x8000, 0);
	tk_put32(t, tk_get32(t, out), 1); /* may be written */
	assert_int_equal(CALL(t, t->main, "XamAllocEx", 0x20000000, 0x40000000, 0xFFFFFFFF, out), 0x8007000E);
	assert_int_equal(tk_get32(t, out), 0);
}

static void launch_data_is_what_was_set_last(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), data = tk_memory(t, 64), back = tk_memory(t, 64);
	assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchDataSize", out), ERROR_NOT_FOUND);
	assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchDataSize", 0), ERROR_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchData", back, 64), ERROR_NOT_FOUND);
	for (uint32_t size = 8; size <= 64; size += 28) {
		tk_put32(t, data + 4, size);
		tk_put32(t, data + size - 4, 0x1234);
		assert_int_equal(CALL(t, t->main, "XamLoaderSetLaunchData", data, size), 0);
		assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchDataSize", out), ERROR_SUCCESS);
		assert_int_equal(tk_get32(t, out), size);
	}
	tk_put32(t, back + 32, 0x77);
	assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchData", back, 32), ERROR_SUCCESS); /* what there is room for */
	assert_int_equal(tk_get32(t, back + 4), 64);
	assert_int_equal(tk_get32(t, back + 32), 0x77);
	assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchData", back, 100), ERROR_SUCCESS);
	assert_int_equal(tk_get32(t, back + 60), 0x1234);
	assert_int_equal(CALL(t, t->main, "XamLoaderSetLaunchData", data, 0x20000), ERROR_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "XamLoaderSetLaunchData", data, 0), 0);
	assert_int_equal(CALL(t, t->main, "XamLoaderGetLaunchDataSize", out), ERROR_NOT_FOUND);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_execution_info_lies_in_the_titles_header),
	TK_TEST(the_console_is_american_and_as_old_as_its_kernel_says),
	TK_TEST(heaps_give_and_take),
	TK_TEST(physical_memory_is_aligned_as_the_flags_say),
	TK_TEST(launch_data_is_what_was_set_last),
};

TK_MAIN(tests)
