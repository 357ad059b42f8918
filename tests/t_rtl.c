/* tests/t_rtl.c - the laws of Rtl strings, memory and status codes. */
#include "config.h"

#include "tests/testkit.h"

static void an_ansi_string_counts_without_its_nul(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 8), text = tk_string(t, "hello");
	CALL(t, t->main, "RtlInitAnsiString", s, text);
	assert_int_equal(tk_get32(t, s), 5u << 16 | 6);
	assert_int_equal(tk_get32(t, s + 4), text);
	CALL(t, t->main, "RtlInitAnsiString", s, 0);
	assert_int_equal(tk_get32(t, s), 0);
}

static void a_unicode_string_counts_bytes(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 8), text = tk_memory(t, 16);
	tk_put32(t, text, 'h' << 16 | 'i');
	CALL(t, t->main, "RtlInitUnicodeString", s, text);
	assert_int_equal(tk_get32(t, s), 4u << 16 | 6);
}

static void compare_memory_counts_equal_bytes(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_string(t, "abcdef"), b = tk_string(t, "abcxef");
	assert_int_equal(CALL(t, t->main, "RtlCompareMemory", a, b, 6), 3);
	assert_int_equal(CALL(t, t->main, "RtlCompareMemory", a, a, 6), 6);
}

static void fill_and_compare_ulong_work_in_words(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, 1000);
	CALL(t, t->main, "RtlFillMemoryUlong", ga, 991, 0xCAFEBABE);
	assert_int_equal(tk_get32(t, ga + 984), 0xCAFEBABE);
	assert_int_equal(tk_get32(t, ga + 988), 0);
	assert_int_equal(CALL(t, t->main, "RtlCompareMemoryUlong", ga, 991, 0xCAFEBABE), 988);
	tk_put32(t, ga + 8, 1);
	assert_int_equal(CALL(t, t->main, "RtlCompareMemoryUlong", ga, 991, 0xCAFEBABE), 8);
}

static void statuses_become_win32_errors(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t pairs[][2] = {
		{ NT_SUCCESS, 0 }, { NT_INVALID_HANDLE, 6 }, { NT_NO_MEMORY, 8 }, { NT_END_OF_FILE, 38 }, { NT_PENDING, 997 },
		{ 0x80070005, 5 }, { 0xC0070020, 0x20 }, { 0xE1234567, 0xE1234567 }, { 0xC0FFEEEE, 317 },
		{ NT_TIMEOUT, 258 }, { NT_ACCESS_DENIED, 5 }, { NT_BUFFER_TOO_SMALL, 122 }, { NT_OBJECT_NAME_NOT_FOUND, 2 },
		{ NT_OBJECT_NAME_COLLISION, 183 }, { NT_MUTANT_NOT_OWNED, 288 }, { 0x80000006, 18 }, { 0xC0000300, 1254 },
		{ 0xC00000BB, 50 }, { 0x7fffffff, 0x7fffffff }, { 0x00000001, 317 }, { 0xC0000301, 317 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(pairs); i++)
		assert_int_equal(CALL(t, t->main, "RtlNtStatusToDosError", pairs[i][0]), pairs[i][1]);
}

/* What the kernel itself answers has an error; the table is ascending (the search depends on it). */
static void every_status_of_the_kernel_has_a_win32_error(void **state)
{
	struct tk *t = TK(state);
	static const uint32_t statuses[] = {
#define NT(name, value) value,
		NTSTATUSES(NT)
#undef NT
	};
	static const uint32_t rows[] = {
#define NT_ERROR(status, error, name) status,
#include "kernel/nterror.def"
#undef NT_ERROR
	};
	for (unsigned i = 0; i < ARRAY_LEN(statuses); i++)
		assert_int_not_equal(CALL(t, t->main, "RtlNtStatusToDosError", statuses[i]), 317);
	for (unsigned i = 1; i < ARRAY_LEN(rows); i++)
		assert_true(rows[i - 1] < rows[i]);
}

static void a_raised_status_says_which(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { 0xC0000123 };
	assert_true(tk_call_on(t, t->main, "RtlRaiseStatus", 1, args).faulted);
	assert_non_null(strstr(t->m->pending.text, "c0000123"));
}

/* { system time, year, month, day, hour, minute, second, millisecond, weekday } */
static const struct moment {
	uint64_t time;
	uint16_t field[8];
} moments[] = {
	{ 0, { 1601, 1, 1, 0, 0, 0, 0, 1 } },
	{ UINT64_C(116444736000000000), { 1970, 1, 1, 0, 0, 0, 0, 4 } },
	{ UINT64_C(127770912000000000), { 2005, 11, 22, 0, 0, 0, 0, 2 } },
	{ UINT64_C(125963423999990000), { 2000, 2, 29, 23, 59, 59, 999, 2 } },
	{ UINT64_C(126227808000000000) - 10000, { 2000, 12, 31, 23, 59, 59, 999, 0 } },
	{ UINT64_C(9223372036854770000), { 30828, 9, 14, 2, 48, 5, 477, 4 } },
};

static void time_fields_are_the_calendars(void **state)
{
	struct tk *t = TK(state);
	uint32_t time = tk_memory(t, 8), fields = tk_memory(t, 16);
	for (unsigned i = 0; i < ARRAY_LEN(moments); i++) {
		tk_put64(t, time, moments[i].time);
		CALL(t, t->main, "RtlTimeToTimeFields", time, fields);
		for (unsigned k = 0; k < 8; k++)
			assert_int_equal(mem_get16(&t->m->mem, fields + 2 * k), moments[i].field[k]);
		if (moments[i].field[0] > 30827)
			continue; /* the way back ends at 30827 */
		tk_put64(t, time, 0);
		assert_int_equal(CALL(t, t->main, "RtlTimeFieldsToTime", fields, time), 1);
		assert_true(mem_get64(&t->m->mem, time) == moments[i].time);
	}
}

/* Every day of 400 years there and back: the calendar has no holes. */
static void every_day_comes_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t time = tk_memory(t, 8), fields = tk_memory(t, 16);
	for (uint64_t day = 0; day < 146100; day++) {
		tk_put64(t, time, day * UINT64_C(864000000000));
		CALL(t, t->main, "RtlTimeToTimeFields", time, fields);
		assert_int_equal(CALL(t, t->main, "RtlTimeFieldsToTime", fields, time), 1);
		assert_true(mem_get64(&t->m->mem, time) == day * UINT64_C(864000000000));
	}
}

static void fields_that_name_no_moment_are_refused(void **state)
{
	struct tk *t = TK(state);
	static const uint16_t bad[][8] = {
		{ 1600, 12, 31 }, { 30828, 1, 1 }, { 2005, 0, 1 }, { 2005, 13, 1 }, { 2005, 2, 29 }, { 1900, 2, 29 }, { 2005, 4, 31 },
		{ 2005, 1, 0 }, { 2005, 1, 1, 24 }, { 2005, 1, 1, 0, 60 }, { 2005, 1, 1, 0, 0, 60 }, { 2005, 1, 1, 0, 0, 0, 1000 },
	};
	uint32_t time = tk_memory(t, 8), fields = tk_memory(t, 16);
	tk_put64(t, time, 42);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		for (unsigned k = 0; k < 8; k++)
			mem_put16(&t->m->mem, fields + 2 * k, bad[i][k]);
		assert_int_equal(CALL(t, t->main, "RtlTimeFieldsToTime", fields, time), 0);
		assert_true(mem_get64(&t->m->mem, time) == 42);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(an_ansi_string_counts_without_its_nul),
	TK_TEST(a_unicode_string_counts_bytes),
	TK_TEST(compare_memory_counts_equal_bytes),
	TK_TEST(fill_and_compare_ulong_work_in_words),
	TK_TEST(statuses_become_win32_errors),
	TK_TEST(every_status_of_the_kernel_has_a_win32_error),
	TK_TEST(a_raised_status_says_which),
	TK_TEST(time_fields_are_the_calendars),
	TK_TEST(every_day_comes_back),
	TK_TEST(fields_that_name_no_moment_are_refused),
};
TK_MAIN(tests)
