/* tests/t_string.c - the laws of Rtl's counted strings, characters and conversions. */
#include "config.h"

#include "tests/testkit.h"

/* ANSI_STRING over @text with room for @maximum bytes. */
static uint32_t counted(struct tk *t, const char *text, uint32_t maximum)
{
	uint32_t s = tk_memory(t, 8), buffer = tk_memory(t, maximum + 2);
	assert_int_equal(mem_poke(&t->m->mem, buffer, text, (uint32_t)strlen(text)), MEM_OK);
	tk_put32(t, s, (uint32_t)strlen(text) << 16 | maximum);
	tk_put32(t, s + 4, buffer);
	return s;
}

static uint32_t wide(struct tk *t, const char *text)
{
	uint32_t ga = tk_memory(t, (uint32_t)strlen(text) * 2 + 2);
	for (uint32_t i = 0; text[i]; i++)
		mem_put16(&t->m->mem, ga + i * 2, (uint8_t)text[i]);
	return ga;
}

/* UNICODE_STRING; @maximum in bytes. */
static uint32_t counted_wide(struct tk *t, const char *text, uint32_t maximum)
{
	uint32_t s = tk_memory(t, 8), buffer = tk_memory(t, maximum + 2);
	for (uint32_t i = 0; text[i]; i++)
		mem_put16(&t->m->mem, buffer + i * 2, (uint8_t)text[i]);
	tk_put32(t, s, (uint32_t)strlen(text) * 2 << 16 | maximum);
	tk_put32(t, s + 4, buffer);
	return s;
}

/* The counted string at @s holds @text, in units of @unit bytes. */
static void holds(struct tk *t, uint32_t s, unsigned unit, const char *text)
{
	assert_int_equal(tk_get32(t, s) >> 16, strlen(text) * unit);
	uint32_t ga = tk_get32(t, s + 4);
	for (uint32_t i = 0; text[i]; i++)
		assert_int_equal(unit == 2 ? mem_get16(&t->m->mem, ga + i * 2) : mem_get8(&t->m->mem, ga + i), (uint8_t)text[i]);
}

static void a_converted_string_lies_in_the_pool_till_it_is_freed(void **state)
{
	struct tk *t = TK(state);
	uint32_t from = counted(t, "caf\xE9", 8), to = tk_memory(t, 8), back = tk_memory(t, 8);
	assert_int_equal(CALL(t, t->main, "RtlAnsiStringToUnicodeString", to, from, 1), NT_SUCCESS);
	assert_int_equal(tk_get32(t, to), 8u << 16 | 10);
	holds(t, to, 2, "caf\xE9");
	assert_int_equal(mem_get16(&t->m->mem, tk_get32(t, to + 4) + 8), 0);
	assert_int_equal(CALL(t, t->main, "RtlUnicodeStringToAnsiString", back, to, 1), NT_SUCCESS);
	assert_int_equal(tk_get32(t, back), 4u << 16 | 5);
	holds(t, back, 1, "caf\xE9");
	CALL(t, t->main, "RtlFreeUnicodeString", to);
	CALL(t, t->main, "RtlFreeAnsiString", back);
	assert_int_equal(tk_get32(t, to) | tk_get32(t, to + 4) | tk_get32(t, back) | tk_get32(t, back + 4), 0);
	CALL(t, t->main, "RtlFreeAnsiString", back); /* an empty one: nothing to free */
}

static void freeing_what_is_not_the_pools_is_a_bugcheck(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { counted(t, "mine", 5) };
	assert_true(tk_call_on(t, t->main, "RtlFreeAnsiString", 1, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_BUGCHECK);
	assert_int_equal(t->m->pending.code, 0xC2);
}

static void a_conversion_that_does_not_fit_is_an_overflow(void **state)
{
	struct tk *t = TK(state);
	uint32_t narrow = counted(t, "hello", 6), small = counted_wide(t, "", 10), enough = counted_wide(t, "", 12);
	assert_int_equal(CALL(t, t->main, "RtlAnsiStringToUnicodeString", small, narrow, 0), NT_BUFFER_OVERFLOW);
	assert_int_equal(tk_get32(t, small), 10);
	assert_int_equal(CALL(t, t->main, "RtlAnsiStringToUnicodeString", enough, narrow, 0), NT_SUCCESS);
	holds(t, enough, 2, "hello");
	uint32_t out = counted(t, "", 4); /* the way back is cut, and says so */
	assert_int_equal(CALL(t, t->main, "RtlUnicodeStringToAnsiString", out, enough, 0), NT_BUFFER_OVERFLOW);
	holds(t, out, 1, "hel");
	assert_int_equal(mem_get8(&t->m->mem, tk_get32(t, out + 4) + 3), 0);
}

static void a_string_of_more_than_64_kib_cannot_be_made(void **state)
{
	struct tk *t = TK(state);
	uint32_t from = tk_memory(t, 8), to = tk_memory(t, 8);
	tk_put32(t, from, 0x7FFFu << 16 | 0x7FFF);
	tk_put32(t, from + 4, TK_DATA);
	assert_int_equal(CALL(t, t->main, "RtlAnsiStringToUnicodeString", to, from, 1), NT_INVALID_PARAMETER_2);
	assert_int_equal(tk_get32(t, to + 4), 0);
}

static void what_has_no_byte_becomes_a_question_mark(void **state)
{
	struct tk *t = TK(state);
	uint32_t text = tk_memory(t, 8), out = tk_memory(t, 8), n = tk_memory(t, 4);
	tk_put32(t, text, 'A' << 16 | 0x263A);
	tk_put32(t, text + 4, 0xFF << 16 | 0x100);
	assert_int_equal(CALL(t, t->main, "RtlUnicodeToMultiByteN", out, 8, n, text, 8), NT_SUCCESS);
	assert_int_equal(tk_get32(t, n), 4);
	assert_int_equal(tk_get32(t, out), 0x413FFF3F);
}

static void plain_conversions_stop_at_the_smaller_side(void **state)
{
	struct tk *t = TK(state);
	uint32_t text = tk_string(t, "abcd"), out = tk_memory(t, 16), n = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "RtlMultiByteToUnicodeN", out, 5, n, text, 4), NT_SUCCESS);
	assert_int_equal(tk_get32(t, n), 4);
	assert_int_equal(tk_get32(t, out), 'a' << 16 | 'b');
	assert_int_equal(tk_get32(t, out + 4), 0);
	assert_int_equal(CALL(t, t->main, "RtlMultiByteToUnicodeN", out, 16, 0, text, 3), NT_SUCCESS); /* no count asked for */
	assert_int_equal(tk_get32(t, out + 4), 'c' << 16);
	CALL(t, t->main, "RtlUnicodeToMultiByteN", out + 8, 2, n, out, 8);
	assert_int_equal(tk_get32(t, n), 2);
	assert_int_equal(tk_get32(t, out + 8), 0x61620000);
	CALL(t, t->main, "RtlMultiByteToUnicodeSize", n, text, 4);
	assert_int_equal(tk_get32(t, n), 8);
	CALL(t, t->main, "RtlUnicodeToMultiByteSize", n, out, 8);
	assert_int_equal(tk_get32(t, n), 4);
}

static void a_copy_is_cut_at_the_destination(void **state)
{
	struct tk *t = TK(state);
	uint32_t to = counted(t, "", 3), from = counted(t, "hello", 5);
	CALL(t, t->main, "RtlCopyString", to, from);
	holds(t, to, 1, "hel");
	CALL(t, t->main, "RtlCopyString", to, 0);
	assert_int_equal(tk_get32(t, to), 3);
	uint32_t wide_to = counted_wide(t, "", 8);
	mem_put16(&t->m->mem, tk_get32(t, wide_to + 4) + 4, 'x');
	CALL(t, t->main, "RtlCopyUnicodeString", wide_to, counted_wide(t, "hi", 4));
	holds(t, wide_to, 2, "hi");
	assert_int_equal(mem_get16(&t->m->mem, tk_get32(t, wide_to + 4) + 4), 0); /* a NUL where it fits */
}

static void appending_is_all_or_nothing(void **state)
{
	struct tk *t = TK(state);
	uint32_t to = counted(t, "ab", 5), from = counted(t, "cd", 2);
	assert_int_equal(CALL(t, t->main, "RtlAppendStringToString", to, from), NT_SUCCESS);
	holds(t, to, 1, "abcd");
	assert_int_equal(CALL(t, t->main, "RtlAppendStringToString", to, from), NT_BUFFER_TOO_SMALL);
	holds(t, to, 1, "abcd");
	uint32_t w = counted_wide(t, "a", 8);
	assert_int_equal(CALL(t, t->main, "RtlAppendUnicodeStringToString", w, counted_wide(t, "b", 2)), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "RtlAppendUnicodeToString", w, wide(t, "cd")), NT_SUCCESS);
	holds(t, w, 2, "abcd");
	assert_int_equal(CALL(t, t->main, "RtlAppendUnicodeToString", w, wide(t, "e")), NT_BUFFER_TOO_SMALL);
	assert_int_equal(CALL(t, t->main, "RtlAppendUnicodeToString", w, 0), NT_SUCCESS);
	holds(t, w, 2, "abcd");
}

static void a_created_string_is_a_copy_with_its_nul(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 8), text = wide(t, "disc");
	assert_int_equal(CALL(t, t->main, "RtlCreateUnicodeString", s, text), 1);
	assert_int_equal(tk_get32(t, s), 8u << 16 | 10);
	assert_int_not_equal(tk_get32(t, s + 4), text);
	holds(t, s, 2, "disc");
}

static int32_t compared(struct tk *t, const char *a, const char *b, bool fold)
{
	return (int32_t)CALL(t, t->main, "RtlCompareString", counted(t, a, 16), counted(t, b, 16), fold);
}

static void strings_compare_by_character_then_by_length(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(compared(t, "abc", "abc", false), 0);
	assert_int_equal(compared(t, "abd", "abc", false), 1);
	assert_int_equal(compared(t, "ab", "abcd", false), -2);
	assert_int_equal(compared(t, "ABC", "abc", false), 'A' - 'a');
	assert_int_equal(compared(t, "ABC", "abc", true), 0);
	assert_int_equal(compared(t, "\xE9", "\xC9", true), 0);
	assert_int_equal(compared(t, "\xFF", "a", false), 0xFF - 'a'); /* bytes have no sign */
	uint32_t a = counted_wide(t, "ab", 8), b = counted_wide(t, "AB!", 8);
	assert_int_equal((int32_t)CALL(t, t->main, "RtlCompareUnicodeString", a, b, 1), -2); /* bytes */
	assert_int_equal((int32_t)CALL(t, t->main, "RtlCompareUnicodeString", a, b, 0), 'a' - 'A');
}

static void counted_comparisons_may_end_at_the_nul(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_string(t, "default.xex"), b = tk_string(t, "DEFAULT.XEX!"), w = wide(t, "abc"), v = wide(t, "abd");
	assert_int_equal(CALL(t, t->main, "RtlCompareStringN", a, 11, b, 11, 1), 0);
	assert_int_equal((int32_t)CALL(t, t->main, "RtlCompareStringN", a, 0xFFFFFFFF, b, 0xFFFFFFFF, 1), -1);
	assert_int_equal(CALL(t, t->main, "RtlCompareStringN", a, 0xFFFFFFFF, b, 11, 1), 0);
	assert_int_equal((int32_t)CALL(t, t->main, "RtlCompareUnicodeStringN", w, 3, v, 3, 0), -1);
	assert_int_equal((int32_t)CALL(t, t->main, "RtlCompareUnicodeStringN", w, 2, v, 3, 0), -1); /* characters */
	assert_int_equal(CALL(t, t->main, "RtlCompareUnicodeStringN", w, 2, v, 2, 0), 0);
}

static void letters_have_two_cases(void **state)
{
	struct tk *t = TK(state);
	static const uint16_t pairs[][2] = {
		{ 'a', 'A' }, { 'z', 'Z' }, { 0xE9, 0xC9 }, { 0xFE, 0xDE }, { 0xFF, 0x178 }, { 0x101, 0x100 }, { 0x3B1, 0x391 },
		{ 0x3C3, 0x3A3 }, { 0x430, 0x410 }, { 0x1E01, 0x1E00 }, { 0x2170, 0x2160 }, { 0xFF41, 0xFF21 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(pairs); i++) {
		assert_int_equal(CALL(t, t->main, "RtlUpcaseUnicodeChar", pairs[i][0]), pairs[i][1]);
		assert_int_equal(CALL(t, t->main, "RtlDowncaseUnicodeChar", pairs[i][1]), pairs[i][0]);
		assert_int_equal(CALL(t, t->main, "RtlUpcaseUnicodeChar", pairs[i][1]), pairs[i][1]);
	}
	assert_int_equal(CALL(t, t->main, "RtlUpcaseUnicodeChar", 0x3C2), 0x3A3); /* final sigma */
	static const uint16_t alone[] = { '0', '@', '[', '{', 0xB5, 0xD7, 0xF7, 0xDF, 0x131, 0x17F, 0x4E00 };
	for (unsigned i = 0; i < ARRAY_LEN(alone); i++)
		assert_int_equal(CALL(t, t->main, "RtlUpcaseUnicodeChar", alone[i]), alone[i]);
}

static void bytes_have_two_cases(void **state)
{
	struct tk *t = TK(state);
	for (unsigned ch = 0; ch < 0xFF; ch++) {
		uint64_t up = CALL(t, t->main, "RtlUpperChar", ch), down = CALL(t, t->main, "RtlLowerChar", ch);
		bool letter = (ch | 0x20) >= (ch < 0x80 ? 'a' : 0xE0) && (ch | 0x20) <= (ch < 0x80 ? 'z' : 0xFE) && ch >= 0x40 &&
			      (ch < 0x80 || ch >= 0xC0) && (ch | 0x20) != 0xF7;
		assert_int_equal(up, letter ? (ch & ~0x20u) : ch);
		assert_int_equal(down, letter ? (ch | 0x20) : ch);
	}
	assert_int_equal(CALL(t, t->main, "RtlUpperChar", 0xFF), '?');
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_converted_string_lies_in_the_pool_till_it_is_freed),
	TK_TEST(freeing_what_is_not_the_pools_is_a_bugcheck),
	TK_TEST(a_conversion_that_does_not_fit_is_an_overflow),
	TK_TEST(a_string_of_more_than_64_kib_cannot_be_made),
	TK_TEST(what_has_no_byte_becomes_a_question_mark),
	TK_TEST(plain_conversions_stop_at_the_smaller_side),
	TK_TEST(a_copy_is_cut_at_the_destination),
	TK_TEST(appending_is_all_or_nothing),
	TK_TEST(a_created_string_is_a_copy_with_its_nul),
	TK_TEST(strings_compare_by_character_then_by_length),
	TK_TEST(counted_comparisons_may_end_at_the_nul),
	TK_TEST(letters_have_two_cases),
	TK_TEST(bytes_have_two_cases),
};
TK_MAIN(tests)
