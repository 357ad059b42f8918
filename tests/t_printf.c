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
	PRINTS(t, "1.#INF00 -1.#INF00 1.#QNAN0", "%f %f %f", f64(__builtin_inf()), f64(-__builtin_inf()), UINT64_C(0x7ff8000000000000));
	PRINTS(t, "-0.000000|00001.5|1.5  |", "%f|%07.1f|%-5.1f|", f64(-0.0), f64(1.5), f64(1.5));
}

/* Visual C++ before 2015: seventeen digits, then zeros; cut digits are rounded half up, also where the value itself is a tie. */
static void floats_have_seventeen_digits_rounded_half_up(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "0.10000000000000001000 9007199254740994.000", "%.20f %.3f", f64(0.1), f64(0x1.0000000000001p53));
	PRINTS(t, "123456789012345690000000.0", "%.1f", f64(123456789012345678901234.0));
	PRINTS(t, "1 3 4 1.3 -3", "%.0f %.0f %.0f %.1f %.0f", f64(0.5), f64(2.5), f64(3.5), f64(1.25), f64(-2.5));
	PRINTS(t, "0.1 0 1.00 10.0 1.0e+001", "%.1f %.0f %.2f %.1f %.1e", f64(0.05), f64(0.4), f64(0.999), f64(9.99), f64(9.96));
	PRINTS(t, "1.005 1.00 1.01", "%g %.2f %.2f", f64(1.005), f64(1.005), f64(1.0051));
	PRINTS(t, "2.2250738585072014e-308 4.9406564584124654e-324 1.7976931348623157e+308", "%.16e %.16e %.16e", f64(0x1p-1022),
	       f64(0x1p-1074), f64(0x1.fffffffffffffp1023));
	PRINTS(t, "0.000000 0.000000e+000 0 0.0000", "%f %e %g %.4f", f64(0), f64(0), f64(0), f64(1e-300));
}

static void g_drops_zeros_unless_asked_for(void **state)
{
	struct tk *t = TK(state);
	PRINTS(t, "1 1.00000 1. 1.e+000 1", "%g %#g %#.0f %#.0e %.0g", f64(1), f64(1), f64(1), f64(1), f64(1));
	PRINTS(t, "1e+006 999999 1E-005 0.0001 1.23457", "%g %g %G %g %g", f64(999999.5), f64(999999), f64(0.00001), f64(0.0001), f64(1.234567));
	PRINTS(t, "100 1e+002 123.5", "%.3g %.2g %.4g", f64(100), f64(100), f64(123.45));
}

static void what_is_no_number_is_cut_like_one(void **state)
{
	struct tk *t = TK(state);
	double inf = __builtin_inf();
	PRINTS(t, "1.#J 1.$ 1 1.#INF 1.#INF00e+000", "%.2f %.1f %.0f %g %e", f64(inf), f64(inf), f64(inf), f64(inf), f64(inf));
	PRINTS(t, "-1.#IND00 1.#SNAN0 -1.#QNAN0 1.#QO", "%f %f %f %.3f", UINT64_C(0xfff8000000000000), UINT64_C(0x7ff0000000000001),
	       UINT64_C(0xfff8000000000001), UINT64_C(0x7ff8000000000000));
	PRINTS(t, "    1.#INF|00001.#INF00", "%10g|%012f", f64(inf), f64(inf));
}

static void every_size_reads_its_part_of_the_slot(void **state)
{
	struct tk *t = TK(state);
	uint64_t v = UINT64_C(0xfedcba9876543210);
	PRINTS(t, "-81985529216486896 18364758544493064720", "%lld %I64u", v, v);
	PRINTS(t, "FEDCBA9876543210 1985229328 1985229328 3210", "%I64X %ld %d %hx", v, v, v, v);
	PRINTS(t, "0x7f 0177 1771", "%#llx %#llo %Lo", 127, 127, 1017);
}

static void counted_wide_strings(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_memory(t, 8), z = tk_memory(t, 8);
	tk_put32(t, w, 'o' << 16 | 'k');
	tk_put32(t, z, 4u << 16 | 8);
	tk_put32(t, z + 4, w);
	PRINTS(t, "ok|   ok|o|(null)", "%wZ|%5wZ|%.1wZ|%wZ", z, z, z, 0);
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

/* What @name makes of "%d" and 12 (@list: in a va_list), wide, in at most @room characters (0: it only counts). */
static uint64_t wide(struct tk *t, const char *name, uint32_t out, uint32_t room, bool list)
{
	uint32_t format = tk_memory(t, 8), va = tk_memory(t, 8);
	uint64_t args[4] = { out, room, format, list ? va : 12 };
	tk_put32(t, format, '%' << 16 | 'd');
	tk_put64(t, va, 12);
	if (!out)
		return tk_done(t, t->main, name, 2, args + 2);
	if (room)
		return tk_done(t, t->main, name, 4, args);
	args[1] = out;
	return tk_done(t, t->main, name, 3, args + 1);
}

static void wide_text_has_all_the_forms_of_narrow_text(void **state)
{
	struct tk *t = TK(state);
	static const struct {
		const char *name;
		uint32_t room;
		bool list;
	} forms[] = { { "_snwprintf", 5, false }, { "_vsnwprintf", 5, true }, { "vswprintf", 0, true } };
	for (unsigned i = 0; i < ARRAY_LEN(forms); i++) {
		uint32_t out = tk_memory(t, 16);
		assert_int_equal(wide(t, forms[i].name, out, forms[i].room, forms[i].list), 2);
		assert_int_equal(tk_get32(t, out), '1' << 16 | '2');
		assert_int_equal(tk_get32(t, out + 4), 0);
	}
	assert_int_equal(wide(t, "_scwprintf", 0, 0, false), 2);
	assert_int_equal(wide(t, "_vscwprintf", 0, 0, true), 2);
	uint32_t cut = tk_memory(t, 16), va = tk_memory(t, 8);
	assert_int_equal(wide(t, "_snwprintf", cut, 1, false), MINUS1);
	assert_int_equal(tk_get32(t, cut), '1' << 16);
	tk_put64(t, va, 12);
	assert_int_equal(CALL(t, t->main, "_vscprintf", tk_string(t, "%d!"), va), 3);
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
	TK_TEST(floats_have_seventeen_digits_rounded_half_up),
	TK_TEST(g_drops_zeros_unless_asked_for),
	TK_TEST(what_is_no_number_is_cut_like_one),
	TK_TEST(every_size_reads_its_part_of_the_slot),
	TK_TEST(counted_wide_strings),
	TK_TEST(n_stores_the_length_so_far),
	TK_TEST(the_ninth_argument_comes_from_the_stack),
	TK_TEST(snprintf_counts_what_fits),
	TK_TEST(a_va_list_has_slots_of_eight_bytes),
	TK_TEST(wide_formats_make_wide_text),
	TK_TEST(wide_text_has_all_the_forms_of_narrow_text),
	TK_TEST(dbgprint_is_an_event_with_the_line),
	TK_TEST(a_bad_string_is_a_guest_fault),
	TK_TEST(a_null_va_list_is_a_guest_fault),
};
TK_MAIN(tests)
