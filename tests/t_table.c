/* tests/t_table.c - the laws of typed tables and of their two forms. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ui/inspect/inspect.h"
#include "ui/out.h"

static char *rendered(struct table *t, bool json)
{
	char *text = NULL;
	size_t size;
	struct out o = { .file = open_memstream(&text, &size), .json = json };
	table_print(t, &o);
	fclose(o.file);
	table_fini(t);
	return text;
}

static void expect_text(struct table *t, bool json, const char *expected)
{
	char *text = rendered(t, json);
	assert_string_equal(text, expected);
	free(text);
}

/* ---- forms ----------------------------------------------------------------------------------------------------------- */

static void aliases(struct table *t)
{
	table_init(t, TABLE_ALIASES);
	put_object(t, 17);
	put_handle(t, 0x12ac, 1);
	put_bool(t, true);
	put_str(t, "Event/Auto");
	put_tid(t, 13);
	put_hex(t, 0xdf686b147b291902);
	put_object(t, 17);
	put_handle(t, 0x1340, 4);
	put_bool(t, false);
	put_str(t, "Event/Auto");
	put_tid(t, 0);
	put_hex(t, 1);
}

static void text_is_aligned_under_its_titles(void **state)
{
	struct table t;
	(void)state;
	aliases(&t);
	expect_text(&t, false,
	            "OBJECT  HANDLE  CANONICAL  TYPE        TID  STABLE ID\n"
	            "@17     12AC#1  yes        Event/Auto   13  DF686B147B291902\n"
	            "@17     1340#4  no         Event/Auto    -  0000000000000001\n");
}

static void json_is_one_line_of_typed_values(void **state)
{
	struct table t;
	(void)state;
	aliases(&t);
	expect_text(&t, true,
	            "{\"table\":\"aliases\",\"rows\":["
	            "{\"object\":17,\"handle\":\"12ac#1\",\"canonical\":true,\"type\":\"Event/Auto\",\"tid\":13,\"sid\":\"df686b147b291902\"},"
	            "{\"object\":17,\"handle\":\"1340#4\",\"canonical\":false,\"type\":\"Event/Auto\",\"tid\":null,\"sid\":\"0000000000000001\"}]}\n");
}

static void no_rows_is_said_and_is_an_empty_array(void **state)
{
	struct table t;
	(void)state;
	table_init(&t, TABLE_GHOSTS);
	expect_text(&t, false, "no ghosts\n");
	table_init(&t, TABLE_GHOSTS);
	expect_text(&t, true, "{\"table\":\"ghosts\",\"rows\":[]}\n");
}

static void note_stands_in_both_forms(void **state)
{
	struct table t;
	(void)state;
	table_init(&t, TABLE_GHOSTS);
	table_note(&t, "unknown before event %d", 7);
	expect_text(&t, false, "no ghosts\n(unknown before event 7)\n");
	table_init(&t, TABLE_GHOSTS);
	table_note(&t, "unknown before event %d", 7);
	expect_text(&t, true, "{\"table\":\"ghosts\",\"rows\":[],\"note\":\"unknown before event 7\"}\n");
}

static void cycles_have_separators_in_text_only(void **state)
{
	struct table t;
	(void)state;
	for (unsigned json = 0; json < 2; json++) {
		table_init(&t, TABLE_TIMERS);
		put_cycles(&t, 128441902);
		put_cycles(&t, 999);
		put_str(&t, "timer");
		put_tid(&t, 0);
		put_object(&t, 44);
		put_none(&t);
		put_u64(&t, 16);
		put_words(&t, "3");
		expect_text(&t, json,
		            json ? "{\"table\":\"timers\",\"rows\":[{\"due\":128441902,\"left\":999,\"what\":\"timer\",\"tid\":null,\"object\":44,"
		                   "\"handle\":null,\"period\":16,\"waiters\":[\"3\"]}]}\n" :
		                   "    DUE CYC  LEFT  WHAT   TID  OBJECT  HANDLE  PERIOD MS  WAITERS\n"
		                   "128,441,902   999  timer    -  @44     -              16  3\n");
	}
}

static void mark_stands_before_all_other_columns(void **state)
{
	struct table t;
	(void)state;
	table_init(&t, TABLE_STACK);
	put_tid(&t, 1);
	put_str(&t, "#0");
	put_bool(&t, true);
	put_symbol(&t, NULL, 0x82001234);
	put_hex(&t, 0x70001000);
	put_str(&t, "live");
	put_str(&t, NULL);
	expect_text(&t, false, "*  #0  82001234  70001000  live\n");
}

static void record_is_shown_as_titles_and_values(void **state)
{
	struct table t;
	(void)state;
	table_init(&t, TABLE_SYMBOL);
	put_hex(&t, 0x82001238);
	put_str(&t, "main+4");
	put_hex(&t, 0x82001234);
	put_u64(&t, 20);
	put_str(&t, "function");
	put_str(&t, "title");
	put_str(&t, NULL);
	expect_text(&t, false, "address      82001238\nsymbol       main+4\nstarts at    82001234\nsize         20\nkind         function\n"
			       "from         title\nsource line  -\n");
}

static void long_list_is_cut_at_a_word_in_text_and_whole_in_json(void **state)
{
	struct table t;
	(void)state;
	for (unsigned json = 0; json < 2; json++) {
		table_init(&t, TABLE_PARKED);
		put_u64(&t, 12);
		put_words(&t, "100 101 102 103 104 105 106 107 108 109 110 111");
		put_str(&t, "a < b");
		expect_text(&t, json,
		            json ? "{\"table\":\"parked\",\"rows\":[{\"count\":12,\"threads\":[\"100\",\"101\",\"102\",\"103\",\"104\",\"105\",\"106\",\"107\","
		                   "\"108\",\"109\",\"110\",\"111\"],\"stack\":\"a < b\"}]}\n" :
		                   "COUNT  TID                             STACK\n   12  100 101 102 103 104 105 106 +5  a < b\n");
	}
}

/* ---- guest text ------------------------------------------------------------------------------------------------------ */

static void guest_text_cannot_command_the_terminal(void **state)
{
	/* escape, bell, newline, C1 CSI as UTF-8, right-to-left override, a byte that is no UTF-8 */
	static const char evil[] = "a\033[2J\007\n\xc2\x9b""b\xe2\x80\xae\xff";
	char text[128];
	(void)state;
	size_t columns = visible_text(text, sizeof text, evil);
	assert_int_equal(columns, strlen(text));
	assert_string_equal(text, "a\\x1B[2J\\x07\\x0A\\xC2\\x9Bb\\xE2\\x80\\xAE\\xFF");
}

static void visible_text_keeps_characters_whole(void **state)
{
	char text[8];
	(void)state;
	assert_int_equal(visible_text(text, sizeof text, "\xc3\xa9\xe6\xbc\xa2"), 2);
	assert_string_equal(text, "\xc3\xa9\xe6\xbc\xa2");
	assert_int_equal(visible_text(text, 5, "\xc3\xa9\xe6\xbc\xa2"), 1);
	assert_string_equal(text, "\xc3\xa9");
	assert_int_equal(visible_text(text, 6, "ab\x01"), 2);
	assert_string_equal(text, "ab");
}

static void any_bytes_give_valid_json(void **state)
{
	struct table t;
	(void)state;
	table_init(&t, TABLE_EVENTS);
	put_str(&t, "\"\\\n\x7f");
	put_str(&t, "\xff\xc3\xa9");
	put_str(&t, NULL);
	expect_text(&t, true, "{\"table\":\"events\",\"rows\":[{\"kind\":\"\\\"\\\\\\u000a\\u007f\",\"text\":\"\\u00ff\xc3\xa9\",\"aux\":null}]}\n");
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static void table_is_found_by_name_and_unique_beginning(void **state)
{
	(void)state;
	assert_int_equal(table_find("threads"), TABLE_THREADS);
	assert_int_equal(table_find("thr"), TABLE_THREADS);
	assert_int_equal(table_find("b"), TABLE_BREAKPOINTS);
	assert_int_equal(table_find("h"), TABLE_HANDLES);
	assert_int_equal(table_find("thread"), TABLE_THREAD);
	assert_int_equal(table_find("se"), -2);
	assert_int_equal(table_find("nonsense"), -1);
	assert_int_equal(table_find(""), -1);
}

static void every_table_and_column_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TABLES; i++) {
		const struct table_def *d = &table_defs[i];
		assert_true(*d->help != 0);
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(d->name, table_defs[k].name);
		for (unsigned c = 0; c < d->column_count; c++)
			for (unsigned k = 0; k < c; k++)
				assert_string_not_equal(d->columns[c].key, d->columns[k].key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_aligned_under_its_titles),
		cmocka_unit_test(json_is_one_line_of_typed_values),
		cmocka_unit_test(no_rows_is_said_and_is_an_empty_array),
		cmocka_unit_test(note_stands_in_both_forms),
		cmocka_unit_test(cycles_have_separators_in_text_only),
		cmocka_unit_test(mark_stands_before_all_other_columns),
		cmocka_unit_test(record_is_shown_as_titles_and_values),
		cmocka_unit_test(long_list_is_cut_at_a_word_in_text_and_whole_in_json),
		cmocka_unit_test(guest_text_cannot_command_the_terminal),
		cmocka_unit_test(visible_text_keeps_characters_whole),
		cmocka_unit_test(any_bytes_give_valid_json),
		cmocka_unit_test(table_is_found_by_name_and_unique_beginning),
		cmocka_unit_test(every_table_and_column_has_a_name_of_its_own),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
