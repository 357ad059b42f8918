/* tests/t_printf.c - the guest's printf: every conversion, every source of arguments, every kind of output. */
#include "config.h"

#include "tests/testkit.h"

#define MINUS1 0xffffffffu

static uint64_t f64(double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof bits);
	return bits;
}

/* sprintf through the export; the text, valid until the next call. */
static const char *printed(struct tk *t, char text[256], const char *format, unsigned n, const uint64_t *args)
{
	uint64_t all[10] = { tk_memory(t, 256), tk_string(t, format) };
	memcpy(all + 2, args, n * sizeof *args);
	uint64_t length = tk_done(t, t->main, "sprintf", n + 2, all);
	assert_int_equal(mem_peek(&t->m->mem, (uint32_t)all[0], text, 256), MEM_OK);
	assert_int_equal(length, strlen(text));
	return text;
}

#define PRINTS(t, want, format, ...) \
	do { \
		char text[256]; \
		assert_string_equal(printed(t, text, format, TK_ARGS(__VA_ARGS__)), want); \
	} while (0)

static void integers(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "-1 4294967295 ffffffff FFFFFFFF 37777777777", "%d %u %x %X %o", MINUS1, MINUS1, MINUS1, MINUS1, MINUS1);
	PRINTS(t, "   42|42   |00042|+42| 42", "%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42);
	PRINTS(t, "  007|0x2a|052||", "%5.3d|%#x|%#o|%.0d|", 7, 42, 42, 0);
	PRINTS(t, "-5 65531", "%hd %hu", 0xFFFB, 0xFFFB);
	PRINTS(t, "   -9", "%*d", 5, 0xFFFFFFF7u);
	PRINTS(t, "-9   |", "%*d|", (uint32_t)-5, 0xFFFFFFF7u);
}

static void sixty_four_bits_take_one_slot(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "-1 123456789abcdef 7", "%I64d %I64x %d", UINT64_MAX, UINT64_C(0x123456789abcdef), 7);
	PRINTS(t, "123456789abcdef 89abcdef", "%llx %I32x", UINT64_C(0x123456789abcdef), UINT64_C(0x123456789abcdef));
	PRINTS(t, "12", "%Id", 12);
}

static void strings_narrow_and_wide(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_string(t, "hello"), w = tk_memory(t, 8), z = tk_memory(t, 8);
	tk_put32(t, w, 'h' << 16 | 0x263A); /* U+263A has no byte */
	tk_put32(t, z, 3u << 16 | 6);
	tk_put32(t, z + 4, s);
	PRINTS(t, "hello|  hello|hello  |hel", "%s|%7s|%-7s|%.3s", s, s, s, s);
	PRINTS(t, "h?|h?|h?|hello", "%ws|%S|%ls|%hs", w, w, w, s);
	PRINTS(t, "hel|  hel", "%Z|%5Z", z, z);
	PRINTS(t, "(null)|(nu", "%s|%.3s", 0, 0);
	PRINTS(t, "A|  B|C", "%c|%3c|%C", 'A', 'B', 'C');
	PRINTS(t, "100%", "100%%");
}

static void pointers_have_eight_digits(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "0000CAFE", "%p", 0xCAFE);
}

static void floats_look_as_on_the_console(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "1.500000 1.50 2 +3.0", "%f %.2f %.0f %+.1f", f64(1.5), f64(1.5), f64(2.4), f64(3));
	PRINTS(t, "1.500000e+000 1.5E-010 1e+100", "%e %.1E %g", f64(1.5), f64(1.5e-10), f64(1e100));
	PRINTS(t, "0.0001 1e-005 100000 1e+006", "%g %g %g %g", f64(1e-4), f64(1e-5), f64(1e5), f64(1e6));
	PRINTS(t, "1.#INF -1.#INF 1.#QNAN", "%f %f %f", f64(__builtin_inf()), f64(-__builtin_inf()), UINT64_C(0x7ff8000000000000));
	PRINTS(t, "-0.000000|00001.5|1.5  |", "%f|%07.1f|%-5.1f|", f64(-0.0), f64(1.5), f64(1.5));
}

static void n_stores_the_length_so_far(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	PRINTS(t, "abcd", "abc%nd", out);
	assert_int_equal(tk_get32(t, out), 3);
}

static void the_ninth_argument_comes_from_the_stack(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "1 2 3 4 5 6 7 8", "%d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8);
}

static void snprintf_counts_what_fits(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 16), format = tk_string(t, "hello");
	tk_put32(t, out + 4, 0x58585858);
	assert_int_equal(CALL(t, t->main, "_snprintf", out, 4, format), MINUS1);
	assert_int_equal(tk_get32(t, out), 0x68656C6C);
	assert_int_equal(tk_get32(t, out + 4), 0x58585858); /* no NUL */
	assert_int_equal(CALL(t, t->main, "_snprintf", out, 5, format), 5);
	assert_int_equal(tk_get32(t, out + 4), 0x6F585858);
	assert_int_equal(CALL(t, t->main, "_snprintf", out, 6, format), 5);
	assert_int_equal(tk_get32(t, out + 4), 0x6F005858);
	assert_int_equal(CALL(t, t->main, "_scprintf", format), 5);
}

static void a_va_list_has_slots_of_eight_bytes(void **state)
{
	struct tk *t = TK(state);
	uint32_t va = tk_memory(t, 32), out = tk_memory(t, 32), format = tk_string(t, "%d %s %.1f");
	tk_put64(t, va, 42);
	tk_put64(t, va + 8, tk_string(t, "x"));
	tk_put64(t, va + 16, f64(2.5));
	char text[32];
	static const char *const names[] = { "vsprintf", "_vsnprintf" };
	for (unsigned i = 0; i < 2; i++) {
		if (i)
			assert_int_equal(CALL(t, t->main, names[i], out, 30, format, va), 8);
		else
			assert_int_equal(CALL(t, t->main, names[i], out, format, va), 8);
		assert_int_equal(mem_peek(&t->m->mem, out, text, sizeof text), MEM_OK);
		assert_string_equal(text, "42 x 2.5");
	}
}

static void wide_formats_make_wide_text(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 32), format = tk_memory(t, 16), s = tk_string(t, "z");
	tk_put32(t, format, '%' << 16 | 'd');
	tk_put32(t, format + 4, '%' << 16 | 'S'); /* the other width: bytes */
	assert_int_equal(CALL(t, t->main, "swprintf", out, format, 12, s), 3);
	assert_int_equal(tk_get32(t, out), '1' << 16 | '2');
	assert_int_equal(tk_get32(t, out + 4), 'z' << 16);
}

static void see_text(void *ctx, const struct event *ev)
{
	strcpy(ctx, ev->text);
}

static void dbgprint_is_an_event_with_the_line(void **state)
{
	struct tk *t = TK(state);
	char seen[64] = "";
	event_subscribe(&t->m->events, &(struct event_observer){ .kinds = EV_BIT(EV_DEBUG_PRINT), .see = see_text, .ctx = seen });
	CALL(t, t->main, "DbgPrint", tk_string(t, "tick %u of %s\n"), 3, tk_string(t, "many"));
	assert_string_equal(seen, "tick 3 of many\n");
}

static void a_bad_string_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { tk_string(t, "%s"), 0x8 };
	assert_true(tk_call_on(t, t->main, "DbgPrint", 2, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_FAULT);
	assert_int_equal(t->m->pending.fault_ga, 8);
}

static void a_null_va_list_is_a_guest_fault(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { tk_memory(t, 16), tk_string(t, "%d"), 0 };
	assert_true(tk_call_on(t, t->main, "vsprintf", 3, args).faulted);
	assert_int_equal(t->m->pending.fault_ga, 0);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(integers),
	TK_TEST(sixty_four_bits_take_one_slot),
	TK_TEST(strings_narrow_and_wide),
	TK_TEST(pointers_have_eight_digits),
	TK_TEST(floats_look_as_on_the_console),
	TK_TEST(n_stores_the_length_so_far),
	TK_TEST(the_ninth_argument_comes_from_the_stack),
	TK_TEST(snprintf_counts_what_fits),
	TK_TEST(a_va_list_has_slots_of_eight_bytes),
	TK_TEST(wide_formats_make_wide_text),
	TK_TEST(dbgprint_is_an_event_with_the_line),
	TK_TEST(a_bad_string_is_a_guest_fault),
	TK_TEST(a_null_va_list_is_a_guest_fault),
};
TK_MAIN(tests)
