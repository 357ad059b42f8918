/* tests/t_rtl.c - the laws of Rtl strings, memory, status codes and what unwinders begin with. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/rows.h"
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

/* Every register in its place of the record, as the caller of the thunk has them behind the call; nothing beyond the record. */
static void a_captured_context_is_the_callers(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = tk_memory(t, sizeof(struct g_context) + 4), end = ga + sizeof(struct g_context);
	struct ppc_context *r = context_row(t->m, t->main);
	for (unsigned i = 4; i < 32; i++)
		r->gpr[i] = 0x1111111100000000u + i;
	for (unsigned i = 0; i < 32; i++)
		r->fpr[i] = 0x4000000000000000u + i;
	for (unsigned i = 0; i < 128; i++)
		for (unsigned k = 0; k < 4; k++)
			r->vr[i].w[3 - k] = i << 8 | k;
	ppc_cr_set(r, 0x12345678);
	ppc_xer_set(r, 0xA0000000);
	r->fpscr = 0x3;
	r->vscr = PPC_VSCR_NJ | PPC_VSCR_SAT;
	tk_put32(t, end, 0x600D);
	uint32_t pc = CODE(t, I_LOAD(3, ga), I_CALL(tk_thunk(t, "RtlCaptureContext")), I_B(0));
	tk_start(t, pc);
	tk_run(t, 100);
	static const struct {
		uint32_t at, value;
	} words[] = {
		{ 0x0, 0x17 }, { 0x4, 0x9030 }, { 0x118, 0x12345678 }, { 0x11C, 0xA0000000 }, { 0x124, 0x3 }, { 0x228, 0 },
		{ 0x230, 0 }, { 0x23C, 0x10001 }, { 0x240, 0 }, { 0x24C, 3 }, { 0xA30, 127 << 8 }, { 0xA3C, 127 << 8 | 3 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		assert_int_equal(tk_get32(t, ga + words[i].at), words[i].value);
	assert_int_equal(tk_get32(t, ga + 0x8), pc + 24);
	assert_int_equal(tk_get32(t, ga + 0xC), pc + 24);
	const struct mem *mem = &t->m->mem;
	assert_true(mem_get64(mem, ga + 0x10) == r->ctr);
	assert_true(mem_get64(mem, ga + 0x18 + 8) == r->gpr[1]);
	assert_true(mem_get64(mem, ga + 0x18 + 3 * 8) == (0xFFFFFFFF00000000u | ga)); /* all 64 bits: lis extends the sign */
	assert_true(mem_get64(mem, ga + 0x110) == 0x111111110000001Fu);
	assert_true(mem_get64(mem, ga + 0x128) == 0x4000000000000000u);
	assert_true(mem_get64(mem, ga + 0x220) == 0x400000000000001Fu);
	assert_int_equal(tk_get32(t, end), 0x600D);
	const uint64_t nowhere[] = { 0 };
	assert_true(tk_call_on(t, t->main, "RtlCaptureContext", 1, nowhere).faulted);
}

static void a_functions_entry_is_pdatas(void **state)
{
	struct tk *t = TK(state);
	struct image_function f[] = {
		{ .ga = TK_CODE + 0x100, .size = 0x40, .entry = TK_DATA + 8 },
		{ .ga = TK_CODE + 0x140, .size = 0x20, .entry = TK_DATA },
	};
	static const struct {
		uint32_t pc, entry;
	} rows[] = {
		{ 0, 0 }, { TK_CODE + 0xFC, 0 }, { TK_CODE + 0x100, TK_DATA + 8 }, { TK_CODE + 0x13C, TK_DATA + 8 },
		{ TK_CODE + 0x140, TK_DATA }, { TK_CODE + 0x15C, TK_DATA }, { TK_CODE + 0x160, 0 }, { UINT32_MAX, 0 },
	};
	assert_int_equal(CALL(t, t->main, "RtlLookupFunctionEntry", TK_CODE + 0x100), 0); /* no .pdata */
	t->image.function = f;
	t->image.functions = ARRAY_LEN(f);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(CALL(t, t->main, "RtlLookupFunctionEntry", rows[i].pc), rows[i].entry);
	t->image.function = NULL;
	t->image.functions = 0;
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
	TK_TEST(a_captured_context_is_the_callers),
	TK_TEST(a_functions_entry_is_pdatas),
	TK_TEST(time_fields_are_the_calendars),
	TK_TEST(every_day_comes_back),
	TK_TEST(fields_that_name_no_moment_are_refused),
};
TK_MAIN(tests)
