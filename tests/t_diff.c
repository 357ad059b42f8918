/* tests/t_diff.c - the laws of comparing event logs: threads in pairs, the first difference, other forms, bad lines, bounded memory. */
#include "config.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "src/diff/logdiff.h"
#include "tests/small.h"

struct rig {
	char *path[2];
	FILE *file[2];
	struct diff *d;
	struct err err;
	char told[4096];
	unsigned lines[2];
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	r->path[0] = small_path("a.jsonl");
	r->path[1] = small_path("b.jsonl");
	for (unsigned i = 0; i < 2; i++)
		r->file[i] = fopen(r->path[i], "w");
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	if (r->d)
		diff_free(r->d);
	for (unsigned i = 0; i < 2; i++) {
		if (r->file[i])
			fclose(r->file[i]);
		unlink(r->path[i]);
		free(r->path[i]);
	}
	free(r);
	return 0;
}

static void put(struct rig *r, unsigned side, const char *line)
{
	fprintf(r->file[side], "%s\n", line);
	r->lines[side]++;
}

/* An event of thread @tid, whose key is 0x100 + @tid; @sid 0: none. */
static void event(struct rig *r, unsigned side, unsigned tid, const char *kind, const char *name, unsigned sid)
{
	fprintf(r->file[side], "{\"seq\":1,\"tid\":%u,\"tk\":\"%016x\",\"ti\":1,\"cyc\":5,\"kind\":\"%s\",\"name\":\"%s\"", tid, 0x100 + tid, kind, name);
	if (sid)
		fprintf(r->file[side], ",\"sid\":\"%016x\",\"osid\":\"%016x\",\"handle\":\"%x\"", sid, sid + 1, 0x1000 + 4 * side);
	fprintf(r->file[side], ",\"args\":[\"1\",\"}\"],\"result\":\"0\"}\n");
	r->lines[side]++;
}

static void both(struct rig *r, unsigned tid, const char *kind, const char *name, unsigned sid)
{
	event(r, 0, tid, kind, name, sid);
	event(r, 1, tid, kind, name, sid);
}

static void tell(void *ctx, const char *line)
{
	struct rig *r = ctx;
	size_t n = strlen(r->told);
	snprintf(r->told + n, sizeof r->told - n, "%s\n", line);
}

static enum status try_compare(struct rig *r, struct diff_options o)
{
	for (unsigned i = 0; i < 2; i++)
		if (r->file[i]) {
			fclose(r->file[i]);
			r->file[i] = NULL;
		}
	o.tell = tell;
	o.tell_ctx = r;
	return diff_logs((const char *const *)r->path, &o, &r->d, &r->err);
}

static void compare(struct rig *r)
{
	assert_int_equal(try_compare(r, (struct diff_options){ 0 }), ST_OK);
}

static bool noted(const struct rig *r, const char *words)
{
	for (unsigned i = 0; i < r->d->notes; i++)
		if (strstr(r->d->note[i], words))
			return true;
	return false;
}

static void end(struct rig *r)
{
	put(r, 0, "{\"kind\":\"log.end\",\"events\":1,\"complete\":true}");
	put(r, 1, "{\"kind\":\"log.end\",\"events\":1,\"complete\":true}");
}

/* ---- pairs ---- */

static void diff_of_equal_threads_is_equal_however_they_are_interleaved(void **state)
{
	struct rig *r = *state;
	for (unsigned i = 0; i < 3000; i++) {
		event(r, 0, 1 + i % 3, "object.signal", "x", 7 + i / 3);
		event(r, 1, 1 + i / 1000, "object.signal", "x", 7 + i % 1000);
	}
	end(r);
	compare(r);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->threads, 3);
	assert_int_equal(r->d->events[0], 3000);
	assert_int_equal(r->d->thread[0].events[1], 1000);
	assert_int_equal(r->d->notes, 0);
	assert_string_equal(r->told, "");
}

static void diff_of_unlike_handles_numbers_and_times_is_equal(void **state)
{
	struct rig *r = *state;
	put(r, 0, "{\"seq\":1,\"tid\":1,\"tk\":\"9\",\"cyc\":5,\"kind\":\"handle.create\",\"sid\":\"a\",\"osid\":\"b\",\"handle\":\"1000\",\"obj\":1,\"lr\":\"82000000\"}");
	put(r, 1, "{ \"tk\" : \"9\", \"kind\" : \"handle.create\", \"osid\" : \"0b\", \"sid\" : \"0a\", \"handle\" : \"f8000004\", \"obj\" : 5, \"tid\" : 6 }\r");
	end(r);
	compare(r);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->thread[0].tid[1], 6);
}

static void diff_shows_the_first_difference_with_five_neighbours_on_both_sides(void **state)
{
	struct rig *r = *state;
	for (unsigned i = 0; i < 20; i++) {
		both(r, 2, "object.wait", "other", 3);
		both(r, 1, "object.signal", "x", 7 + i);
	}
	event(r, 0, 1, "object.signal", "done", 99);
	for (unsigned i = 0; i < 7; i++)
		both(r, 1, "object.wait", "y", 7 + i);
	end(r);
	compare(r);
	const struct diff_thread *t = &r->d->thread[0];
	assert_int_equal(r->d->of_result[DIFF_DIFFERENT], 1);
	assert_int_equal(r->d->of_result[DIFF_EQUAL], 1);
	assert_int_equal(t->result, DIFF_DIFFERENT);
	assert_int_equal(t->tid[0], 1);
	assert_int_equal(t->at, 20);
	assert_string_equal(t->what, "kind");
	assert_int_equal(t->line[0], 41);
	assert_int_equal(t->line[1], 41);
	assert_int_equal(t->first, 5);
	assert_int_equal(t->shown[0], 11);
	assert_int_equal(t->shown[1], 11);
	assert_string_equal(t->around[0][5].name, "done");
	assert_int_equal(t->around[0][5].sid, 99);
	assert_string_equal(t->around[0][4].kind, "object.signal");
	assert_int_equal(t->around[0][4].sid, 26);
	assert_string_equal(t->around[1][5].kind, "object.wait");
	assert_string_equal(t->around[1][5].handle, "1004");
}

static void diff_compares_kind_name_sid_and_osid(void **state)
{
	static const struct {
		const char *line, *what;
	} cases[] = {
		{ "{\"tid\":1,\"tk\":\"1\",\"kind\":\"object.signal\",\"name\":\"n\",\"sid\":\"5\",\"osid\":\"6\"}", NULL },
		{ "{\"tid\":1,\"tk\":\"1\",\"kind\":\"object.reset\",\"name\":\"n\",\"sid\":\"5\",\"osid\":\"6\"}", "kind" },
		{ "{\"tid\":1,\"tk\":\"1\",\"kind\":\"object.signal\",\"name\":\"m\",\"sid\":\"5\",\"osid\":\"6\"}", "name" },
		{ "{\"tid\":1,\"tk\":\"1\",\"kind\":\"object.signal\",\"sid\":\"5\",\"osid\":\"6\"}", "name" },
		{ "{\"tid\":1,\"tk\":\"1\",\"kind\":\"object.signal\",\"name\":\"n\",\"sid\":\"7\",\"osid\":\"6\"}", "sid" },
		{ "{\"tid\":1,\"tk\":\"1\",\"kind\":\"object.signal\",\"name\":\"n\",\"sid\":\"5\",\"osid\":\"7\"}", "osid" },
	};
	struct rig *r = *state;
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		for (unsigned k = 0; k < 2; k++)
			r->file[k] = fopen(r->path[k], "w");
		put(r, 0, cases[0].line);
		put(r, 1, cases[i].line);
		compare(r);
		assert_int_equal(diff_is_equal(r->d), !cases[i].what);
		if (cases[i].what)
			assert_string_equal(r->d->thread[0].what, cases[i].what);
		diff_free(r->d);
		r->d = NULL;
	}
}

static void diff_says_which_log_ends_first_and_which_threads_are_alone(void **state)
{
	struct rig *r = *state;
	both(r, 1, "object.wait", "x", 1);
	event(r, 0, 1, "object.wake", "x", 1);
	event(r, 0, 5, "stub", "s", 0);
	event(r, 1, 6, "stub", "s", 0);
	event(r, 1, 6, "stub", "s", 0);
	compare(r);
	assert_int_equal(r->d->threads, 3);
	assert_string_equal(r->d->thread[0].what, "B ends");
	assert_int_equal(r->d->thread[0].line[1], 0);
	assert_int_equal(r->d->thread[0].shown[0], 2);
	assert_int_equal(r->d->thread[0].shown[1], 1);
	assert_int_equal(r->d->thread[1].result, DIFF_ONLY_A);
	assert_int_equal(r->d->thread[1].tid[0], 5);
	assert_int_equal(r->d->thread[2].result, DIFF_ONLY_B);
	assert_int_equal(r->d->thread[2].events[1], 2);
	assert_true(noted(r, "A has no last line: it was cut off"));
	assert_true(noted(r, "only A has events of kind object.wake"));
}

static void diff_puts_the_thread_that_differs_first_in_a_first(void **state)
{
	struct rig *r = *state;
	event(r, 0, 3, "stub", "s", 0);
	event(r, 1, 3, "stub", "t", 0);
	event(r, 0, 2, "stub", "s", 0);
	event(r, 1, 2, "stub", "t", 0);
	both(r, 1, "stub", "s", 0);
	compare(r);
	assert_int_equal(r->d->thread[0].tid[0], 3);
	assert_int_equal(r->d->thread[1].tid[0], 2);
	assert_int_equal(r->d->thread[2].result, DIFF_EQUAL);
}

static void diff_map_pairs_threads_by_hand(void **state)
{
	struct rig *r = *state;
	event(r, 0, 1, "stub", "s", 0);
	event(r, 1, 6, "stub", "s", 0);
	struct diff_options o = { .maps = 1, .map = { { 1, 6 } } };
	assert_int_equal(try_compare(r, o), ST_OK);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->thread[0].tid[1], 6);
	diff_free(r->d);
	r->d = NULL;
	o.map[0][1] = 9;
	assert_int_equal(try_compare(r, o), ST_BAD_USAGE);
	assert_non_null(strstr(r->err.text, "has no events of a thread 9"));
}

static void diff_kinds_that_were_left_out_do_not_count(void **state)
{
	struct rig *r = *state;
	both(r, 1, "import.call", "NtSetEvent", 0);
	event(r, 0, 1, "object.signal", "x", 5);
	both(r, 1, "stub", "s", 0);
	event(r, 1, 1, "gpu.swap", "frame", 0);
	assert_int_equal(try_compare(r, (struct diff_options){ .kinds = EV_BIT(EV_IMPORT_CALL) | EV_BIT(EV_STUB) }), ST_OK);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->thread[0].events[0], 2);
	diff_free(r->d);
	r->d = NULL;
	compare(r);
	assert_string_equal(r->d->thread[0].what, "kind");
}

/* ---- other forms ---- */

static void diff_reads_jsonl_whose_kind_stands_under_another_key(void **state)
{
	struct rig *r = *state;
	event(r, 0, 1, "import.call", "NtClose", 0);
	event(r, 0, 1, "import.call", "NtSetEvent", 0);
	put(r, 1, "{\"tid\":1,\"event\":\"import.call\",\"fn\":\"NtClose\",\"args\":{\"handle\":4096}}");
	put(r, 1, "{\"tid\":1,\"event\":\"import.call\",\"fn\":\"NtPulseEvent\"}");
	compare(r);
	assert_string_equal(r->d->thread[0].what, "name");
	assert_int_equal(r->d->thread[0].at, 1);
	assert_true(noted(r, "B is read as a log of the form 'jsonl'"));
	assert_true(noted(r, "threads are paired by tid: B has no stable keys"));
	assert_true(noted(r, "sid and osid are not compared"));
}

static void diff_reads_xenias_log_of_calls_and_handles(void **state)
{
	struct rig *r = *state;
	event(r, 0, 6, "import.call", "NtCreateEvent", 0);
	event(r, 0, 6, "kernel.call", "NtCreateEvent", 0);
	event(r, 0, 6, "handle.create", "NtCreateEvent", 5);
	event(r, 0, 6, "import.call", "NtClose", 0);
	event(r, 0, 6, "handle.destroy", "NtClose", 5);
	put(r, 1, "Build: master");
	put(r, 1, "i> 00000006 Xenia is starting");
	put(r, 1, "d> 00000006 NtCreateEvent(7018FA50, 00000000(00000000), 1, 0)");
	put(r, 1, "i> 00000006 Added handle:F8000010 for class xe::kernel::XEvent");
	put(r, 1, "!> 00000006 something (went) wrong");
	put(r, 1, "   F 82000908 82F27194 0BA ( 186)    MmAllocatePhysicalMemoryEx");
	put(r, 1, "d> 00000006 NtClose(F8000010)");
	put(r, 1, "i> 00000006 Removed handle:F8000010 for class xe::kernel::XEvent");
	compare(r);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->threads, 1);
	assert_int_equal(r->d->thread[0].events[0], 4);
	assert_int_equal(r->d->thread[0].events[1], 4);
	assert_true(noted(r, "form 'xenia'"));
}

/* ---- bad input ---- */

static void diff_counts_and_shows_lines_that_are_no_events(void **state)
{
	static const char *const bad[] = { "{\"tid\":1,\"tk\":\"1\",\"kind\":\"stub\"", "}", "", "null", "{}", "{\"kind\":\"stub\"}", "{\"tid\":-1,\"kind\":\"stub\"}",
		"{\"tid\":1,\"tk\":\"xyz\",\"kind\":\"stub\"}", "{\"tid\":1,\"kind\":7}", "{\"tid\":1,\"kind\":\"stub\"} x", "{\"tid\":1,\"kind\":\"st\\qub\"}",
		"{\"tid\":1,\"kind\":\"stub\",\"a\":[}", "{\"tid\":1,\"kind\":\"stub\",}", "{\"tid\":99999999999,\"kind\":\"stub\"}", "\xff\xfe\x01" };
	struct rig *r = *state;
	both(r, 1, "stub", "s", 0);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		put(r, 1, bad[i]);
	both(r, 1, "stub", "t", 0);
	compare(r);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->bad[0], 0);
	assert_int_equal(r->d->bad[1], ARRAY_LEN(bad));
	assert_non_null(strstr(r->told, "b.jsonl:2: no event: '{\"tid\":1,\"tk\":\"1\",\"kind\":\"stub\"'\n"));
	assert_non_null(strstr(r->told, "b.jsonl: 15 lines are no events\n"));
	assert_null(strstr(r->told, ":7: "));
}

static void diff_of_what_is_no_log_is_bad_input(void **state)
{
	struct rig *r = *state;
	both(r, 1, "stub", "s", 0);
	char *whole = r->path[1];
	for (unsigned i = 0; i < 3; i++) {
		static const char *const names[] = { "/no/such/file", "/", "/dev/null" };
		static const enum status want[] = { ST_IO, ST_IO, ST_BAD_INPUT };
		r->path[1] = (char *)(uintptr_t)names[i];
		enum status st = try_compare(r, (struct diff_options){ 0 });
		r->path[1] = whole;
		assert_int_equal(st, want[i]);
		assert_non_null(strstr(r->err.text, names[i]));
	}
}

static void diff_survives_any_bytes(void **state)
{
	struct rig *r = *state;
	uint64_t rng = 1;
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned k = 0; k < 2; k++)
			r->file[k] = fopen(r->path[k], "w");
		both(r, 1, "stub", "s", 3);
		if (round % 3 == 0)
			fputs("\x28\xB5\x2F\xFD", freopen(r->path[1], "w", r->file[1]));
		for (unsigned i = 0; i < 400; i++) {
			static const char pieces[] = "{}[]\":,\\u00e9truetidkindstub01234567890abc\n\n{\"tid\":1,\"kind\":\"";
			rng = rng * UINT64_C(6364136223846793005) + 1442695040888963407;
			unsigned c = (unsigned)(rng >> 33);
			fputc(c % 5 ? pieces[c / 5 % (sizeof pieces - 1)] : (int)(c >> 8 & 0xff), r->file[1]);
		}
		if (try_compare(r, (struct diff_options){ 0 }) == ST_OK)
			diff_free(r->d);
		r->d = NULL;
		r->told[0] = 0;
	}
}

static void diff_line_without_end_is_one_bad_line(void **state)
{
	struct rig *r = *state;
	both(r, 1, "stub", "s", 0);
	for (unsigned i = 0; i < 700000; i++)
		fputc('x', r->file[1]);
	fputc('\n', r->file[1]);
	both(r, 1, "stub", "t", 0);
	compare(r);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->bad[1], 1);
	assert_int_equal(r->d->events[1], 2);
}

/* ---- our own log's other lines ---- */

static void diff_takes_back_what_the_log_takes_back(void **state)
{
	struct rig *r = *state;
	for (unsigned i = 0; i < 1000; i++)
		both(r, 1 + i % 2, "stub", "s", 0);
	for (unsigned i = 0; i < 700; i++)
		event(r, 1, 1 + i % 3, "stub", "void", 0);
	put(r, 1, "{\"kind\":\"log.cut\",\"events\":600}");
	for (unsigned i = 600; i < 1000; i++)
		event(r, 1, 1 + i % 2, "stub", "s", 0);
	end(r);
	compare(r);
	assert_true(diff_is_equal(r->d));
	assert_int_equal(r->d->threads, 2);
	assert_int_equal(r->d->events[1], 1000);
}

static void diff_memory_does_not_grow_with_the_logs(void **state)
{
	struct rig *r = *state;
	struct rusage before, after;
	for (unsigned i = 0; i < 300000; i++)
		both(r, 1 + i % 7, "stub", "s", 0);
	getrusage(RUSAGE_SELF, &before);
	compare(r);
	getrusage(RUSAGE_SELF, &after);
	assert_true(diff_is_equal(r->d));
	assert_true(after.ru_maxrss - before.ru_maxrss < 8192); /* KiB; the marks alone are 19 MiB */
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(diff_memory_does_not_grow_with_the_logs),
		T(diff_of_equal_threads_is_equal_however_they_are_interleaved),
		T(diff_of_unlike_handles_numbers_and_times_is_equal),
		T(diff_shows_the_first_difference_with_five_neighbours_on_both_sides),
		T(diff_compares_kind_name_sid_and_osid),
		T(diff_says_which_log_ends_first_and_which_threads_are_alone),
		T(diff_puts_the_thread_that_differs_first_in_a_first),
		T(diff_map_pairs_threads_by_hand),
		T(diff_kinds_that_were_left_out_do_not_count),
		T(diff_reads_jsonl_whose_kind_stands_under_another_key),
		T(diff_reads_xenias_log_of_calls_and_handles),
		T(diff_counts_and_shows_lines_that_are_no_events),
		T(diff_of_what_is_no_log_is_bad_input),
		T(diff_survives_any_bytes),
		T(diff_line_without_end_is_one_bad_line),
		T(diff_takes_back_what_the_log_takes_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
