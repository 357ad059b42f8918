/* tests/t_log.c - the laws of the event log: its lines, its filters, its end, and what happens when it cannot be written. */
#include "config.h"

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <zstd.h>

#include "src/observe/log.h"
#include "src/snap/snap.h"
#include "tests/small.h"

struct rig {
	struct small m;
	unsigned t_log;
	struct log *log;
	char *path;
	unsigned told;
	char told_line[512];
	uint64_t cycle;
};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	small_init(&r->m);
	r->t_log = log_layout(&r->m.history);
	r->path = small_path("log.jsonl");
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	if (r->log)
		(void)!log_close(r->log, NULL);
	small_fini(&r->m);
	unlink(r->path);
	free(r->path);
	free(r);
	return 0;
}

static void tell(void *ctx, const char *line)
{
	struct rig *r = ctx;
	r->told++;
	snprintf(r->told_line, sizeof r->told_line, "%s", line);
}

static void open_log(struct rig *r, const char *path, struct log_options o)
{
	o.tell = tell;
	o.tell_ctx = r;
	struct err err;
	assert_int_equal(log_open(path, &o, &r->m.events, &r->m.history, r->t_log, &r->log, &err), ST_OK);
}

static enum status close_log(struct rig *r, struct err *err)
{
	enum status st = log_close(r->log, err);
	r->log = NULL;
	return st;
}

static void emit(struct rig *r, enum event_kind kind, uint32_t tid)
{
	struct event ev = { .kind = kind, .tid = tid, .cycle = r->cycle += 100, .thread_key = 0x0123456789abcdef, .object = 17, .object_name = "x" };
	event_emit(&r->m.events, &ev);
}

static void emit_many(struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		emit(r, EV_OBJECT_SIGNAL, 1 + i % 3);
}

static char *slurp(const char *path, size_t *size)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	char *text = calloc(1, (size_t)st.st_size + 1);
	*size = (size_t)read(fd, text, (size_t)st.st_size);
	assert_int_equal(*size, st.st_size);
	close(fd);
	return text;
}

/* Reads the log as lines of JSON; returns an array of objects. */
static json_t *parse(const char *path)
{
	size_t size;
	char *text = slurp(path, &size);
	json_t *all = json_array();
	for (char *line = text, *nl; *line; line = nl + 1) {
		json_error_t e;
		nl = strchr(line, '\n');
		assert_non_null(nl);
		*nl = 0;
		json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, &e);
		if (!o)
			fail_msg("not JSON: %s: %s", e.text, line);
		json_array_append_new(all, o);
	}
	free(text);
	return all;
}

static const char *text_of(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static json_int_t number_of(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static void expect_end(json_t *all, json_int_t events, bool complete)
{
	json_t *o = json_array_get(all, json_array_size(all) - 1);
	assert_string_equal(text_of(o, "kind"), "log.end");
	assert_int_equal(number_of(o, "events"), events);
	assert_true(json_is_boolean(json_object_get(o, "complete")));
	assert_int_equal(json_is_true(json_object_get(o, "complete")), complete);
}

/* ---- lines ---- */

static void log_line_is_as_documented(void **state)
{
	struct event ev = {
		.seq = 102553, .tid = 1, .thread_key = 0x9f00000000000001, .thread_index = 311, .cycle = 26690, .kind = EV_HANDLE_CREATE,
		.name = "NtCreateEvent", .sid = 0xdf686b147b291902, .osid = 0x1a, .type_name = "Event", .handle = 0x12ac, .generation = 1,
		.object = 17, .object_ga = 0x40541E40, .lr = 0x824A9F6C,
	};
	char line[LOG_LINE_MAX];
	size_t n = log_format(&ev, line);
	assert_string_equal(line, "{\"seq\":102553,\"tid\":1,\"tk\":\"9f00000000000001\",\"ti\":311,\"cyc\":26690,\"kind\":\"handle.create\","
	                          "\"name\":\"NtCreateEvent\",\"sid\":\"df686b147b291902\",\"osid\":\"000000000000001a\",\"type\":\"Event\","
	                          "\"handle\":\"12ac\",\"gen\":1,\"obj\":17,\"ga\":\"40541e40\",\"lr\":\"824a9f6c\"}\n");
	assert_int_equal(n, strlen(line));
}

static void log_name_is_the_objects_or_for_calls_the_exports(void **state)
{
	struct event ev = { .kind = EV_OBJECT_SIGNAL, .name = "NtSetEvent", .object_name = "Done" };
	char line[LOG_LINE_MAX];
	log_format(&ev, line);
	assert_non_null(strstr(line, "\"name\":\"Done\""));
	ev.kind = EV_KERNEL_CALL;
	log_format(&ev, line);
	assert_non_null(strstr(line, "\"name\":\"NtSetEvent\""));
}

static void log_calls_have_arguments_and_returns_a_result(void **state)
{
	struct event ev = { .kind = EV_KERNEL_CALL, .name = "NtSetEvent", .nargs = 3, .args = { 0x12ac, 0, UINT64_MAX } };
	char line[LOG_LINE_MAX];
	log_format(&ev, line);
	assert_non_null(strstr(line, ",\"args\":[\"12ac\",\"0\",\"ffffffffffffffff\"]}\n"));
	ev.kind = EV_KERNEL_RETURN;
	ev.result = 0xC0000008;
	log_format(&ev, line);
	assert_non_null(strstr(line, ",\"result\":\"c0000008\"}\n"));
	assert_null(strstr(line, "args"));
}

static void log_facts_of_a_kind_stand_under_their_names(void **state)
{
	struct event ev = { .kind = EV_OBJECT_WAIT, .aux = { 1, 2, 0, UINT64_MAX } };
	char line[LOG_LINE_MAX];
	log_format(&ev, line);
	assert_non_null(strstr(line, ",\"index\":1,\"of\":2,\"wait_type\":0,\"deadline_ticks\":-1}\n"));
	ev = (struct event){ .kind = EV_THREAD_CREATE, .aux = { 13, 0x82BBAA00, 0x40 } };
	log_format(&ev, line);
	assert_non_null(strstr(line, ",\"new_tid\":13,\"start_address\":\"82bbaa00\",\"context\":\"40\"}\n"));
}

static void log_line_of_every_kind_is_json_with_the_largest_values(void **state)
{
	char text[2 * LOG_TEXT_MAX];
	memset(text, 1, sizeof text);
	text[sizeof text - 1] = 0;
	for (unsigned k = 0; k < EV_KINDS; k++) {
		struct event ev;
		char line[LOG_LINE_MAX];
		memset(&ev, 0xFF, sizeof ev);
		ev.kind = k;
		ev.name = text;
		ev.type_name = text;
		ev.text = text;
		ev.seq = ev.thread_index = ev.cycle = INT64_MAX;
		memset(ev.object_name, '\n', sizeof ev.object_name);
		size_t n = log_format(&ev, line);
		assert_true(n < LOG_LINE_MAX - 64 && line[n - 1] == '\n');
		json_error_t e;
		json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, &e);
		if (!o)
			fail_msg("%s: %s", e.text, line);
		assert_string_equal(text_of(o, "kind"), event_kind_name(k));
		json_decref(o);
	}
}

static void log_strings_are_safe_whatever_the_title_prints(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain ~", "\"plain ~\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\b\t\n\f\r\x01\x1f\x7f", "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\"" },
		{ "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8E\xAE", "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8E\xAE\"" },
		{ "\x80\xFF|\xC0\xAF|\xED\xA0\x80|", "\"\uFFFD\uFFFD|\uFFFD\uFFFD|\uFFFD\uFFFD\uFFFD|\"" },
		{ "\xF5\x80\x80\x80\xE2\x82", "\"\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\"" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		struct event ev = { .kind = EV_DEBUG_PRINT, .text = cases[i].text };
		char line[LOG_LINE_MAX], want[256];
		log_format(&ev, line);
		snprintf(want, sizeof want, ",\"text\":%s}\n", cases[i].json);
		assert_string_equal(strstr(line, ",\"text\""), want);
		json_t *o = json_loads(line, 0, NULL);
		assert_non_null(o);
		json_decref(o);
	}
}

static void log_text_that_is_too_long_is_cut_and_its_length_told(void **state)
{
	char text[LOG_TEXT_MAX + 2], line[LOG_LINE_MAX];
	memset(text, 'x', sizeof text);
	struct event ev = { .kind = EV_DEBUG_PRINT, .text = text };
	text[LOG_TEXT_MAX] = 0;
	log_format(&ev, line);
	assert_null(strstr(line, "\"cut\""));
	text[LOG_TEXT_MAX] = 'x';
	text[LOG_TEXT_MAX + 1] = 0;
	log_format(&ev, line);
	assert_non_null(strstr(line, "x\",\"cut\":1001}"));
}

/* ---- files ---- */

static void log_holds_every_event_and_ends_complete(void **state)
{
	struct rig *r = *state;
	struct err err;
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 5000);
	assert_int_equal(log_lines(r->log), 5000);
	assert_int_equal(close_log(r, &err), ST_OK);
	json_t *all = parse(r->path);
	assert_int_equal(json_array_size(all), 5001);
	for (unsigned i = 0; i < 5000; i++) {
		json_t *o = json_array_get(all, i);
		assert_int_equal(number_of(o, "seq"), i);
		assert_int_equal(number_of(o, "tid"), 1 + i % 3);
		assert_int_equal(number_of(o, "ti"), i / 3);
		assert_string_equal(text_of(o, "tk"), "0123456789abcdef");
	}
	expect_end(all, 5000, true);
	json_decref(all);
	assert_int_equal(r->told, 0);
}

static void log_filters_by_kind_and_thread_and_counts_what_it_left_out(void **state)
{
	struct rig *r = *state;
	open_log(r, r->path, (struct log_options){ .kinds = EV_BIT(EV_FAULT) | EV_BIT(EV_STUB), .tids = 2, .tid = { 7, 9 } });
	emit(r, EV_OBJECT_WAIT, 7);
	emit(r, EV_FAULT, 7);
	emit(r, EV_FAULT, 8);
	emit(r, EV_STUB, 9);
	assert_int_equal(close_log(r, NULL), ST_OK);
	json_t *all = parse(r->path);
	assert_int_equal(json_array_size(all), 3);
	assert_int_equal(number_of(json_array_get(all, 0), "seq"), 1);
	assert_int_equal(number_of(json_array_get(all, 0), "ti"), 1);
	assert_int_equal(number_of(json_array_get(all, 1), "seq"), 3);
	expect_end(all, 2, true);
	json_decref(all);
}

static void log_flush_leaves_nothing_in_the_buffer(void **state)
{
	struct rig *r = *state;
	size_t size;
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 3);
	log_flush(r->log);
	char *text = slurp(r->path, &size);
	unsigned lines = 0;
	for (size_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	assert_int_equal(lines, 3);
	free(text);
}

static void log_that_cannot_be_opened_gives_a_line(void **state)
{
	struct rig *r = *state;
	struct err err = { 0 };
	struct log *l = NULL;
	assert_int_equal(log_open("/no-such-folder/log", &(struct log_options){ 0 }, &r->m.events, &r->m.history, r->t_log, &l, &err), ST_IO);
	assert_null(l);
	assert_string_equal(err.text, "/no-such-folder/log: cannot open the event log: No such file or directory");
	assert_int_equal(r->m.events.wanted, 0);
}

/* Unpacks @path, all of its frames, to the name without .zst, and parses that. */
static json_t *parse_packed(const char *path)
{
	size_t size;
	char *packed = slurp(path, &size), *plain = small_path("plain.jsonl"), out[4096];
	FILE *f = fopen(plain, "w");
	ZSTD_DCtx *d = ZSTD_createDCtx();
	ZSTD_inBuffer in = { packed, size, 0 };
	size_t left = 0;
	bool more = true;
	while (more) {
		ZSTD_outBuffer o = { out, sizeof out, 0 };
		left = ZSTD_decompressStream(d, &o, &in);
		assert_false(ZSTD_isError(left));
		fwrite(out, 1, o.pos, f);
		more = in.pos < in.size || o.pos == o.size;
	}
	assert_int_equal(left, 0);
	ZSTD_freeDCtx(d);
	fclose(f);
	json_t *all = parse(plain);
	unlink(plain);
	free(plain);
	free(packed);
	return all;
}

static void log_is_compressed_under_a_name_that_says_so(void **state)
{
	struct rig *r = *state;
	struct stat st;
	strcat(r->path, ".zst");
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 3);
	log_flush(r->log);
	json_t *part = parse_packed(r->path); /* what was flushed can be read before the end */
	assert_int_equal(json_array_size(part), 3);
	json_decref(part);
	emit_many(r, 20000);
	assert_int_equal(close_log(r, NULL), ST_OK);
	json_t *all = parse_packed(r->path);
	assert_int_equal(json_array_size(all), 20004);
	assert_int_equal(number_of(json_array_get(all, 20002), "seq"), 20002);
	expect_end(all, 20003, true);
	json_decref(all);
	assert_int_equal(stat(r->path, &st), 0);
	assert_true(st.st_size < 20003 * 30);
}

static void log_compressed_on_a_full_disk_ends_incomplete(void **state)
{
	struct rig *r = *state;
	struct rlimit whole, small;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	signal(SIGXFSZ, SIG_IGN);
	strcat(r->path, ".zst");
	for (rlim_t room = 2000; room < 24000; room += 1997) {
		small = whole;
		small.rlim_cur = room;
		r->told = 0;
		open_log(r, r->path, (struct log_options){ 0 });
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		emit_many(r, 20000);
		enum status st = close_log(r, NULL);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
		assert_int_equal(st, ST_IO);
		assert_int_equal(r->told, 1);
		json_t *all = parse_packed(r->path);
		expect_end(all, (json_int_t)json_array_size(all) - 1, false);
		json_decref(all);
	}
}

static void log_compressed_says_which_lines_are_void(void **state)
{
	struct rig *r = *state;
	strcat(r->path, ".zst");
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 2);
	struct snapshot *s = snapshot_take(r->m.line);
	emit_many(r, 2);
	snapshot_put(r->m.line, s);
	snapshot_free(s);
	emit_many(r, 1);
	assert_int_equal(close_log(r, NULL), ST_OK);
	json_t *all = parse_packed(r->path);
	assert_int_equal(json_array_size(all), 7);
	assert_string_equal(text_of(json_array_get(all, 4), "kind"), "log.cut");
	assert_int_equal(number_of(json_array_get(all, 4), "events"), 2);
	expect_end(all, 3, true);
	json_decref(all);
}

static void log_leaves_out_threads_that_it_is_told_to(void **state)
{
	struct rig *r = *state;
	struct log_options o = { 0 };
	assert_int_equal(log_threads_parse("!2,!0", &o, NULL), ST_OK);
	open_log(r, r->path, o);
	for (uint32_t tid = 0; tid < 4; tid++)
		emit(r, EV_OBJECT_SIGNAL, tid);
	assert_int_equal(close_log(r, NULL), ST_OK);
	json_t *all = parse(r->path);
	assert_int_equal(json_array_size(all), 3);
	assert_int_equal(number_of(json_array_get(all, 0), "tid"), 1);
	assert_int_equal(number_of(json_array_get(all, 1), "tid"), 3);
	json_decref(all);
}

static void log_on_a_full_disk_says_so_once_and_ends_incomplete(void **state)
{
	struct rig *r = *state;
	struct err err = { 0 };
	struct rlimit whole, small;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	signal(SIGXFSZ, SIG_IGN);
	small = whole;
	small.rlim_cur = 300001;
	open_log(r, r->path, (struct log_options){ 0 });
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	emit_many(r, 10000);
	enum status st = close_log(r, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	assert_int_equal(st, ST_IO);
	assert_int_equal(r->told, 1);
	assert_non_null(strstr(r->told_line, "File too large; the run goes on, the log is incomplete"));
	assert_int_equal(event_seq(&r->m.events), 10000);
	json_t *all = parse(r->path);
	size_t lines = json_array_size(all) - 1;
	assert_true(lines > 1000 && lines < 10000);
	expect_end(all, (json_int_t)lines, false);
	assert_int_equal(number_of(json_array_get(all, lines - 1), "seq"), lines - 1);
	json_decref(all);
}

static void log_on_a_device_that_takes_nothing_does_not_stop_the_run(void **state)
{
	struct rig *r = *state;
	struct err err = { 0 };
	open_log(r, "/dev/full", (struct log_options){ 0 });
	emit_many(r, 10000);
	assert_int_equal(event_seq(&r->m.events), 10000);
	assert_int_equal(close_log(r, &err), ST_IO);
	assert_int_equal(r->told, 1);
	assert_non_null(strstr(r->told_line, "No space left on device"));
	assert_string_equal(err.text, "/dev/full: the event log is incomplete");
}

/* ---- time ---- */

static struct snapshot *take(struct rig *r)
{
	return snapshot_take(r->m.line);
}

static void back(struct rig *r, struct snapshot *s)
{
	snapshot_put(r->m.line, s);
	snapshot_free(s);
}

static void log_goes_back_in_time_with_the_machine(void **state)
{
	struct rig *r = *state;
	size_t size, straight_size;
	struct snapshot *start = take(r);
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 30);
	uint64_t cycle = r->cycle;
	struct snapshot *s = take(r);
	emit_many(r, 3000);
	log_flush(r->log);
	back(r, s);
	r->cycle = cycle;
	emit_many(r, 60);
	assert_int_equal(log_lines(r->log), 90);
	assert_int_equal(close_log(r, NULL), ST_OK);
	char *text = slurp(r->path, &size);

	back(r, start);
	r->cycle = 0;
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 30);
	emit_many(r, 60);
	assert_int_equal(close_log(r, NULL), ST_OK);
	char *straight = slurp(r->path, &straight_size);
	assert_int_equal(size, straight_size);
	assert_string_equal(text, straight);
	free(text);
	free(straight);
}

static void log_stays_whole_when_nothing_runs_after_going_back(void **state)
{
	struct rig *r = *state;
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 3);
	struct snapshot *s = take(r);
	emit_many(r, 3);
	struct snapshot *end = take(r);
	back(r, s);
	back(r, end);
	emit_many(r, 3);
	assert_int_equal(close_log(r, NULL), ST_OK);
	json_t *all = parse(r->path);
	assert_int_equal(json_array_size(all), 10);
	expect_end(all, 9, true);
	json_decref(all);
}

static void log_goes_back_to_before_it_was_opened(void **state)
{
	struct rig *r = *state;
	struct snapshot *s = take(r);
	emit_many(r, 5);
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 5);
	back(r, s);
	emit_many(r, 2);
	assert_int_equal(close_log(r, NULL), ST_OK);
	json_t *all = parse(r->path);
	assert_int_equal(json_array_size(all), 3);
	assert_int_equal(number_of(json_array_get(all, 0), "seq"), 0);
	expect_end(all, 2, true);
	json_decref(all);
}

static void log_that_missed_events_says_so(void **state)
{
	struct rig *r = *state;
	struct snapshot *early = take(r);
	emit_many(r, 5);
	struct snapshot *late = take(r);
	back(r, early);
	emit_many(r, 1);
	open_log(r, r->path, (struct log_options){ 0 });
	emit_many(r, 2);
	back(r, late);
	emit_many(r, 2);
	assert_int_equal(close_log(r, NULL), ST_IO);
	json_t *all = parse(r->path);
	assert_int_equal(json_array_size(all), 6);
	assert_string_equal(text_of(json_array_get(all, 2), "kind"), "log.gap");
	assert_int_equal(number_of(json_array_get(all, 2), "events"), 2);
	assert_int_equal(number_of(json_array_get(all, 3), "seq"), 5);
	expect_end(all, 4, false);
	json_decref(all);
}

static void log_in_a_pipe_says_which_lines_are_void(void **state)
{
	struct rig *r = *state;
	char got[8192] = "", name[64];
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd[1]);
	open_log(r, name, (struct log_options){ 0 });
	emit_many(r, 2);
	struct snapshot *s = take(r);
	emit_many(r, 2);
	back(r, s);
	emit_many(r, 1);
	assert_int_equal(close_log(r, NULL), ST_OK);
	close(fd[1]);
	ssize_t n = read(fd[0], got, sizeof got - 1);
	close(fd[0]);
	assert_true(n > 0);
	assert_non_null(strstr(got, "{\"kind\":\"log.cut\",\"events\":2}\n{\"seq\":2,"));
	assert_non_null(strstr(got, "{\"kind\":\"log.end\",\"events\":3,\"complete\":true}\n"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(log_line_is_as_documented),
		T(log_name_is_the_objects_or_for_calls_the_exports),
		T(log_calls_have_arguments_and_returns_a_result),
		T(log_facts_of_a_kind_stand_under_their_names),
		T(log_line_of_every_kind_is_json_with_the_largest_values),
		T(log_strings_are_safe_whatever_the_title_prints),
		T(log_text_that_is_too_long_is_cut_and_its_length_told),
		T(log_holds_every_event_and_ends_complete),
		T(log_filters_by_kind_and_thread_and_counts_what_it_left_out),
		T(log_flush_leaves_nothing_in_the_buffer),
		T(log_that_cannot_be_opened_gives_a_line),
		T(log_is_compressed_under_a_name_that_says_so),
		T(log_compressed_on_a_full_disk_ends_incomplete),
		T(log_compressed_says_which_lines_are_void),
		T(log_leaves_out_threads_that_it_is_told_to),
		T(log_on_a_full_disk_says_so_once_and_ends_incomplete),
		T(log_on_a_device_that_takes_nothing_does_not_stop_the_run),
		T(log_goes_back_in_time_with_the_machine),
		T(log_stays_whole_when_nothing_runs_after_going_back),
		T(log_goes_back_to_before_it_was_opened),
		T(log_that_missed_events_says_so),
		T(log_in_a_pipe_says_which_lines_are_void),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
