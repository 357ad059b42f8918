/* tests/t_timeline.c - the past: wherever a session goes, and by whatever way, it shows what a straight run shows there.
 *
 * usage: t_timeline [TITLE.elf...]    without titles: every tests/guest/ *.elf of the build
 */
#include "config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/mount.h"
#include "ui/cmd.h"
#include "ui/whatif.h"

#define LIMIT UINT64_C(300000)    /* instructions of a title that are looked at */
#define POINTS 10u
#define TRIPS 48u                  /* per title; WEDGE_TRIPS=500 goes further (minutes) */

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 11;
}

static void must(struct session *s, const char *line)
{
	struct err err;
	if (cmd_line(s, line, &err) != ST_OK)
		fail_msg("%s: %s", line, err.text);
}

struct subject {
	struct session s;
	struct out out;
};

/* What a title has without --mount: its own folder, where its libraries lie. One for each title, kept till the end. */
static struct mounts *own_folder(const char *title)
{
	static struct mounts *ms;
	static char of[256];
	if (ms && !strcmp(of, title))
		return ms;
	mounts_free(ms);
	ms = mounts_new();
	mounts_default(ms, title);
	snprintf(of, sizeof of, "%s", title);
	return ms;
}

/* A session that says nothing, with stops that are counted. */
static void subject_open(struct subject *u, const char *title, bool record)
{
	struct session_options o = { .title = title, .max_instr = UINT64_MAX };
	struct err err;
	machine_options_default(&o.machine);
	o.machine.mounts = own_folder(title);
	*u = (struct subject){ .out = { .file = fopen("/dev/null", "w") } };
	if (session_open(&u->s, &o, &u->out, &err) != ST_OK)
		fail_msg("%s", err.text);
	u->s.settings.record = record;
	u->s.settings.snapshot_interval = 997;
	timeline_begin(&u->s, record);
	must(&u->s, "catch object.wait");
	must(&u->s, "catch signal,wait handle 1004,1008");
	must(&u->s, "catch kernel.call if $_tid != 1");
	must(&u->s, "break main");
}

static void subject_close(struct subject *u)
{
	struct err err;
	assert_int_equal(session_close(&u->s, &err), ST_OK);
	fclose(u->out.file);
}

/* Not what belongs to the user, to the way that was gone, or to the title alone. */
static bool is_about_guest_time(unsigned id)
{
	static const enum table_id others[] = { TABLE_CHECKPOINTS, TABLE_STOP, TABLE_SETTINGS, TABLE_FOCUS, TABLE_JOURNAL, TABLE_EVENTS, TABLE_EXPORTS,
		                                TABLE_IMPORTS, TABLE_TITLE, TABLE_MEMORY, TABLE_PFRAMES };
	for (unsigned i = 0; i < ARRAY_LEN(others); i++)
		if (id == others[i])
			return false;
	if (table_defs[id].flags & TABLE_HIDDEN)
		return id == TABLE_ACCOUNTING_OBJECTS || id == TABLE_ACCOUNTING_EXPORTS;
	return table_defs[id].arg != ARG_ADDRESS && table_defs[id].arg != ARG_WORD;
}

static void print_one(enum table_id id, const struct query *q, struct out *out)
{
	struct table t;
	table_fill(&t, id, q);
	table_print(&t, out);
	table_fini(&t);
}

/* The same of memory: a million pages are looked at for it. */
static char *map(struct session *s)
{
	struct out out = { .json = true };
	struct query q = session_query(s);
	char *text = NULL;
	size_t size;
	out.file = open_memstream(&text, &size);
	print_one(TABLE_MEMORY, &q, &out);
	print_one(TABLE_PFRAMES, &q, &out);
	fclose(out.file);
	return text;
}

/* Digest, and every table that is about guest time, as one text; the caller frees it. */
static char *picture(struct session *s)
{
	struct out out = { .json = true };
	struct query q = session_query(s);
	char *text = NULL;
	size_t size;
	out.file = open_memstream(&text, &size);
	fprintf(out.file, "%016llx %llu\n", (unsigned long long)machine_digest(q.machine), (unsigned long long)event_seq(&q.machine->events));
	fprintf(out.file, "covered %llu\n", (unsigned long long)cover_total(&q.machine->cover));
	q.thread = 0;
	for (unsigned i = 0; i < TABLES; i++)
		if (is_about_guest_time(i))
			print_one((enum table_id)i, &q, &out);
	fclose(out.file);
	return text;
}

struct straight {
	uint64_t instr[POINTS];
	char *picture[POINTS], *map[POINTS];
	uint64_t length;
};

static void run_to(struct session *s, uint64_t instr)
{
	if (machine_instructions(session_machine(s)) < instr)
		session_run_to(s, &(struct run_goal){ instr, UINT64_MAX, UINT64_MAX, true });
}

static void straight_run(struct straight *r, const char *title, uint64_t *seed)
{
	struct subject u;
	subject_open(&u, title, false);
	run_to(&u.s, LIMIT);
	r->length = machine_instructions(session_machine(&u.s));
	subject_close(&u);
	subject_open(&u, title, false);
	for (unsigned i = 0; i < POINTS; i++) {
		r->instr[i] = r->length * i / POINTS + draw(seed) % (r->length / POINTS + 1);
		run_to(&u.s, r->instr[i]);
		session_select(&u.s, machine_row(session_machine(&u.s))->main_thread);
		r->picture[i] = picture(&u.s);
		r->map[i] = map(&u.s);
	}
	subject_close(&u);
}

static void check(struct session *s, const struct straight *r, unsigned point)
{
	session_select(s, machine_row(session_machine(s))->main_thread);
	char *here = picture(s);
	assert_int_equal(machine_instructions(session_machine(s)), r->instr[point]);
	assert_string_equal(here, r->picture[point]);
	free(here);
}

/* A what-if about whatever object: it leaves nothing behind. */
static void try_something(struct session *s, uint64_t *seed)
{
	struct machine *m = session_machine(s);
	uint32_t object = 1 + (uint32_t)(draw(seed) % (arena_count(&m->world, m->t_object) - 1));
	struct whatif w;
	struct err err;
	enum poke p;
	char *before = picture(s);
	if (object_peek(m, object)->id && whatif_remedy(m, object, &p) && whatif_run(s, p, object, 2000, &w, &err) == ST_OK)
		whatif_free(&w);
	char *after = picture(s);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* Somewhere else first: steps back, the last stop, the end. */
static void wander(struct session *s, uint64_t *seed)
{
	struct err err;
	switch (draw(seed) % 5) {
	case 0:
		if (timeline_step_back(s, 1 + draw(seed) % 20, &err) != ST_OK)
			assert_non_null(strstr(err.text, "before this"));
		break;
	case 1: must(s, "reverse-continue"); break;
	case 2: run_to(s, LIMIT); break;
	case 3: must(s, "bisect $_ev >= 5"); break;
	default: try_something(s, seed);
	}
}

static void it_shows_what_a_straight_run_shows(void **state)
{
	const char *title = *state;
	uint64_t seed = fnv_str(FNV_BASIS, strrchr(title, '/'));
	struct straight r;
	struct subject u;
	struct err err;
	straight_run(&r, title, &seed);
	subject_open(&u, title, true);
	run_to(&u.s, LIMIT);
	const char *given = getenv("WEDGE_TRIPS");
	unsigned trips = given ? (unsigned)strtoul(given, NULL, 10) : TRIPS;
	for (unsigned i = 0; i < trips; i++) {
		unsigned point = (unsigned)(draw(&seed) % POINTS);
		if (draw(&seed) % 3 == 0)
			wander(&u.s, &seed);
		if (machine_instructions(session_machine(&u.s)) >= r.instr[point])
			assert_int_equal(timeline_goto(&u.s, &(struct run_goal){ r.instr[point], UINT64_MAX, UINT64_MAX, true }, &err), ST_OK);
		else
			run_to(&u.s, r.instr[point]);
		check(&u.s, &r, point);
		if (i % 16 == 0) {
			char *here = map(&u.s);
			assert_string_equal(here, r.map[point]);
			free(here);
		}
	}
	subject_close(&u);
	for (unsigned i = 0; i < POINTS; i++) {
		free(r.picture[i]);
		free(r.map[i]);
	}
}

static void one_step_back_is_the_state_before_that_step(void **state)
{
	struct subject u;
	struct err err;
	uint64_t seed = 3;
	subject_open(&u, *state, true);
	run_to(&u.s, LIMIT);
	uint64_t length = machine_instructions(session_machine(&u.s));
	for (unsigned i = 0; i < 8; i++) {
		uint64_t at = 1 + draw(&seed) % (length - 1);
		assert_int_equal(timeline_goto(&u.s, &(struct run_goal){ at, UINT64_MAX, UINT64_MAX, true }, &err), ST_OK);
		uint32_t thread = machine_current_thread(session_machine(&u.s)), tid = thread_peek(session_machine(&u.s), thread)->tid;
		session_select(&u.s, thread);
		uint64_t own = session_thread_instructions(&u.s, tid);
		if (!own)
			continue;
		assert_int_equal(timeline_step_back(&u.s, 1, &err), ST_OK);
		assert_int_equal(session_thread_instructions(&u.s, tid), own - 1);
		run_to(&u.s, machine_instructions(session_machine(&u.s)) + 1);
		assert_int_equal(session_thread_instructions(&u.s, tid), own);
	}
	subject_close(&u);
}

static const struct {
	const char *name;
	CMUnitTestFunction law;
} laws[] = {
	{ "it_shows_what_a_straight_run_shows", it_shows_what_a_straight_run_shows },
	{ "one_step_back_is_the_state_before_that_step", one_step_back_is_the_state_before_that_step },
};

static int run_laws(char *const *titles, size_t n)
{
	struct CMUnitTest *tests = calloc(n * ARRAY_LEN(laws), sizeof *tests);
	size_t count = 0;
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
			char name[256];
			const char *base = strrchr(titles[t], '/') + 1;
			snprintf(name, sizeof name, "timeline_%.*s_%s", (int)strcspn(base, "."), base, laws[i].name);
			tests[count++] =
				(struct CMUnitTest){ .name = strdup(name), .test_func = laws[i].law, .initial_state = titles[t] };
		}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = _cmocka_run_group_tests("timeline", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)tests[i].name);
	free(tests);
	return failed;
}

int main(int argc, char **argv)
{
	glob_t g = { 0 };
	if (argc > 1)
		return run_laws(argv + 1, (size_t)argc - 1);
	if (glob("./tests/guest/*.elf", 0, NULL, &g) != 0) {
		puts("1..1\nok 1 - timeline # SKIP no guests were built");
		return 0;
	}
	int failed = run_laws(g.gl_pathv, g.gl_pathc);
	globfree(&g);
	return failed;
}
