/* tests/t_law1.c - law 1: one machine, one state. Every guest goes through it.
 *
 * usage: t_law1 [TITLE.elf...]    without titles: every tests/guest/ *.elf of the build
 * Each law is one test per title: run it, snapshot it at random points, bring it back here and in a second process (this
 * program again, with --resume), cut its run in pieces, watch it: digest, stop and events are always the same.
 */
#include "config.h"

#include <glob.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <xxhash.h>

#include "kernel/machine.h"
#include "kernel/mount.h"
#include "src/observe/audit.h"
#include "src/observe/log.h"
#include "src/snap/snap.h"

/* Instructions: a title that goes on for longer is judged by its beginning. Under ASan by a shorter one, with all laws and points: what a
 * sanitizer finds here lies in snapshots and restores, whose number is the same; the builds without it run the whole length, and
 * tests/matrix.sh does so with the sanitizers' program. */
#ifdef __SANITIZE_ADDRESS__
#define LIMIT UINT64_C(2000000)
#else
#define LIMIT UINT64_C(20000000)
#endif
#define POINTS 4u                 /* snapshots per title */
#define RESULT_BYTES 512u
#define SELF "/proc/self/exe"

/* ---- randomness: seeded by the title's name, so that a failure comes again ----------------------------------------- */

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 11;
}

/* ---- a title in a machine -------------------------------------------------------------------------------------------- */

/* All that an event says, as one number (a title that calls all the time has millions of them in this program's runs). */
static uint64_t event_hash(uint64_t h, const struct event *ev)
{
	const uint64_t wide[] = { h, ev->seq, ev->thread_index, ev->cycle, ev->instr, ev->thread_key, ev->sid, ev->osid, ev->result };
	const uint32_t narrow[] = { ev->kind, ev->tid, ev->sp, ev->lr, ev->pc, ev->handle, ev->generation, ev->object, ev->object_ga,
		                    ev->type, ev->nargs, ev->export_row };
	const char *const texts[] = { ev->name, ev->type_name, ev->object_name, ev->text };
	unsigned nargs = ev->nargs < EVENT_ARGS ? ev->nargs : EVENT_ARGS;
	h = XXH3_64bits(wide, sizeof wide);
	h = XXH3_64bits_withSeed(narrow, sizeof narrow, h);
	h = XXH3_64bits_withSeed(ev->aux, sizeof ev->aux, h);
	h = XXH3_64bits_withSeed(ev->args, nargs * sizeof *ev->args, h);
	for (unsigned i = 0; i < ARRAY_LEN(texts); i++)
		h = XXH3_64bits_withSeed(texts[i] ? texts[i] : "", texts[i] ? strlen(texts[i]) : 0, h);
	return h;
}

struct subject {
	struct image *image;
	struct machine *machine;
	struct audit audit;
	unsigned t_log;
	struct log *log;
	uint64_t events, hash;    /* seen since subject_forget */
	bool watched;
};

static void see(void *ctx, const struct event *ev)
{
	struct subject *s = ctx;
	s->events++;
	s->hash = event_hash(s->hash, ev);
}

static void subject_forget(struct subject *s)
{
	s->events = 0;
	s->hash = FNV_BASIS;
}

static void die(const char *what, const struct err *err)
{
	fprintf(stderr, "t_law1: %s: %s\n", what, err->text);
	exit(2);
}

/* Guests that load libraries find them in their own folder. */
static struct mounts *own_folder(const char *title)
{
	static const char *const guests[] = { "borrow.elf", "dllwait.elf", "plugin.elf" };
	static struct mounts *ms;
	const char *name = strrchr(title, '/') ? strrchr(title, '/') + 1 : title;
	unsigned i = 0;
	while (i < ARRAY_LEN(guests) && strcmp(name, guests[i]) != 0)
		i++;
	if (i == ARRAY_LEN(guests) || ms)
		return i == ARRAY_LEN(guests) ? NULL : ms;
	ms = mounts_new();
	mounts_default(ms, title);
	return ms;
}

/* The folder that guests which read files find as game: and disc:; all machines share it. NULL = without the sources. */
static struct mounts *disc(void)
{
	static struct mounts *ms;
	const char *srcdir = getenv("srcdir");
	char path[4096];
	struct err err;
	if (ms || !srcdir)
		return ms;
	snprintf(path, sizeof path, "%s/tests/golden/disc", srcdir);
	ms = mounts_new();
	if (mounts_add(ms, "game:", path, &err) != ST_OK || mounts_add(ms, "disc:", path, &err) != ST_OK)
		die(path, &err);
	mounts_default(ms, NULL);
	return ms;
}

/* A variant of the options, by number; all of them must hold the law. */
static struct machine_options options_of(const char *title, unsigned variant)
{
	struct machine_options o;
	machine_options_default(&o);
	o.mounts = own_folder(title);
	if (!o.mounts)
		o.mounts = disc();
	if (variant == 1) {
		o.seed = 7;
	} else if (variant == 2) {
		o.quantum = 37;
		o.cpi = 3;
		o.code_pages = 16;
	}
	return o;
}
#define VARIANTS 3u

static struct subject *subject_new(const char *title, const struct machine_options *o, bool watched)
{
	struct subject *s = calloc(1, sizeof *s);
	struct err err = { 0 };
	if (image_open(title, &s->image, &err) != ST_OK || machine_new(o, &s->machine, &err) != ST_OK)
		die(title, &err);
	struct machine *m = s->machine;
	audit_init(&s->audit, &m->history, &m->mem);
	s->t_log = log_layout(&m->history);
	s->watched = watched;
	subject_forget(s);
	if (watched)
		event_subscribe(&m->events, &(struct event_observer){ .kinds = EV_ALL, .see = see, .ctx = s });
	if (machine_load(m, s->image, &err) != ST_OK)
		die(title, &err);
	return s;
}

static void subject_free(struct subject *s)
{
	audit_fini(&s->audit);
	machine_free(s->machine);
	image_free(s->image);
	free(s);
}

/* What a run came to, as a line to compare: the digest, the stop, and all events if they were watched. */
static void result_line(const struct subject *s, const struct stop *stop, char line[RESULT_BYTES])
{
	const struct machine *m = s->machine;
	int n = snprintf(line, RESULT_BYTES, "digest=%016" PRIx64 " instructions=%" PRIu64 " cycle=%" PRIu64 " seq=%" PRIu64
	                 " stop=%s tid=%u pc=%08x text=%.200s", machine_digest(m), machine_instructions(m), machine_cycle(m),
	                 event_seq(&m->events), stop_kind_word(stop->kind), stop->tid, stop->pc, stop->text);
	if (s->watched)
		snprintf(line + n, RESULT_BYTES - (size_t)n, " events=%" PRIu64 " hash=%016" PRIx64, s->events, s->hash);
}

/* On to @instructions (all together, from the start), or to the stop before that. */
static enum stop_kind run_to(struct subject *s, uint64_t instructions, struct stop *stop)
{
	return machine_run(s->machine, instructions - machine_instructions(s->machine), stop);
}

static void finish(struct subject *s, char line[RESULT_BYTES])
{
	struct stop stop;
	run_to(s, LIMIT, &stop);
	result_line(s, &stop, line);
}

static void whole_run(const char *title, const struct machine_options *o, bool watched, char line[RESULT_BYTES], uint64_t *instructions)
{
	struct subject *s = subject_new(title, o, watched);
	finish(s, line);
	*instructions = machine_instructions(s->machine);
	subject_free(s);
}

/* Instructions that the title runs under this variant, at most LIMIT; run once, as the laws of a title follow each other. */
static uint64_t length(const char *title, unsigned variant)
{
	static const char *of;
	static uint64_t known[VARIANTS];
	if (of != title)
		memset(known, 0, sizeof known);
	of = title;
	if (!known[variant]) {
		struct machine_options o = options_of(title, variant);
		char line[RESULT_BYTES];
		whole_run(title, &o, false, line, &known[variant]);
	}
	assert_true(known[variant] > 0);
	return known[variant];
}

static struct snapshot_origin origin_of(const struct subject *s, unsigned variant)
{
	return (struct snapshot_origin){ s->image->digest, variant, NULL };
}

/* ---- the laws ----------------------------------------------------------------------------------------------------------- */

static void two_runs_are_alike(void **state)
{
	const char *title = *state;
	for (unsigned v = 0; v < VARIANTS; v++) {
		struct machine_options o = options_of(title, v);
		char a[RESULT_BYTES], b[RESULT_BYTES];
		uint64_t n;
		whole_run(title, &o, true, a, &n);
		whole_run(title, &o, true, b, &n);
		assert_string_equal(a, b);
	}
}

static void restored_it_runs_as_before(void **state)
{
	const char *title = *state;
	uint64_t seed = fnv_str(FNV_BASIS, strrchr(title, '/'));
	for (unsigned v = 0; v < VARIANTS; v++) {
		struct machine_options o = options_of(title, v);
		uint64_t instructions = length(title, v);
		for (unsigned i = 0; i < POINTS; i++) {
			struct subject *s = subject_new(title, &o, true);
			char first[RESULT_BYTES], again[RESULT_BYTES];
			struct stop stop;
			run_to(s, draw(&seed) % instructions, &stop);
			uint64_t digest = machine_digest(s->machine);
			struct snapshot *snap = machine_snapshot(s->machine);
			subject_forget(s);
			finish(s, first);
			for (unsigned times = 0; times < 2; times++) {
				machine_restore(s->machine, snap);
				assert_true(machine_digest(s->machine) == digest);
				subject_forget(s);
				finish(s, again);
				assert_string_equal(first, again);
			}
			snapshot_free(snap);
			subject_free(s);
		}
	}
}

/* This program again, in a process of its own: restores @file and finishes the run; its line comes back. */
static void resume_elsewhere(const char *title, const char *file, unsigned variant, char line[RESULT_BYTES])
{
	int fd[2];
	assert_int_equal(pipe(fd), 0);
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		char number[2] = { (char)('0' + variant), 0 };
		dup2(fd[1], STDOUT_FILENO);
		close(fd[0]);
		close(fd[1]);
		if (chdir("/") == 0)
			execl(SELF, "t_law1", "--resume", title, file, number, (char *)NULL);
		_exit(127);
	}
	close(fd[1]);
	size_t used = 0;
	ssize_t n;
	while (used < RESULT_BYTES - 1 && (n = read(fd[0], line + used, RESULT_BYTES - 1 - used)) > 0)
		used += (size_t)n;
	line[used] = 0;
	close(fd[0]);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int resume(const char *title, const char *file, const char *number)
{
	unsigned variant = (unsigned)(number[0] - '0');
	struct machine_options o = options_of(title, variant);
	struct subject *s = subject_new(title, &o, true);
	struct snapshot_origin origin = origin_of(s, variant);
	struct snapshot *snap;
	struct err err = { 0 };
	char line[RESULT_BYTES];
	if (snapshot_open(file, &s->machine->world, &s->machine->history, &origin, &snap, &err) != ST_OK)
		die(file, &err);
	machine_restore(s->machine, snap);
	snapshot_free(snap);
	subject_forget(s);
	finish(s, line);
	fputs(line, stdout);
	subject_free(s);
	return 0;
}

static void saved_it_runs_alike_in_a_second_process(void **state)
{
	const char *title = *state;
	char *path = realpath(title, NULL), file[4096], here[RESULT_BYTES], there[RESULT_BYTES];
	const char *dir = getenv("TMPDIR");
	uint64_t seed = fnv_str(FNV_BASIS, strrchr(title, '/')) + 1;
	assert_non_null(path);
	snprintf(file, sizeof file, "%s/wedge-%ld-law1", dir && *dir ? dir : "/tmp", (long)getpid());
	for (unsigned i = 0; i < VARIANTS * 2; i++) {
		unsigned v = i % VARIANTS;
		struct machine_options o = options_of(title, v);
		uint64_t instructions = length(title, v);
		struct subject *s = subject_new(title, &o, true);
		struct snapshot_origin origin = origin_of(s, v);
		struct stop stop;
		struct err err = { 0 };
		run_to(s, draw(&seed) % instructions, &stop);
		struct snapshot *snap = machine_snapshot(s->machine);
		if (snapshot_save(snap, file, &origin, &err) != ST_OK)
			fail_msg("%s", err.text);
		snapshot_free(snap);
		subject_forget(s);
		finish(s, here);
		resume_elsewhere(path, file, v, there);
		assert_string_equal(here, there);
		subject_free(s);
	}
	unlink(file);
	free(path);
}

static void cut_in_pieces_it_runs_alike(void **state)
{
	const char *title = *state;
	uint64_t seed = fnv_str(FNV_BASIS, strrchr(title, '/')) + 2;
	for (unsigned v = 0; v < VARIANTS; v++) {
		struct machine_options o = options_of(title, v);
		char whole[RESULT_BYTES], cut[RESULT_BYTES];
		uint64_t instructions;
		whole_run(title, &o, true, whole, &instructions);
		struct subject *s = subject_new(title, &o, true);
		struct stop stop = { .kind = STOP_LIMIT };
		/* Now large pieces, now a stretch of single instructions: half of all cuts fall close together. */
		while (stop.kind == STOP_LIMIT && machine_instructions(s->machine) < LIMIT) {
			uint64_t piece = 1 + draw(&seed) % (instructions / 16 + 1);
			for (unsigned i = 0; i < 64 && stop.kind == STOP_LIMIT; i++) {
				uint64_t left = LIMIT - machine_instructions(s->machine);
				machine_run(s->machine, piece < left ? piece : left, &stop);
				piece = 1 + draw(&seed) % 3;
			}
		}
		result_line(s, &stop, cut);
		assert_string_equal(whole, cut);
		subject_free(s);
	}
}

static void watched_it_runs_alike(void **state)
{
	const char *title = *state;
	for (unsigned v = 0; v < VARIANTS; v++) {
		struct machine_options o = options_of(title, v);
		char alone[RESULT_BYTES], watched[RESULT_BYTES];
		uint64_t n;
		struct err err;
		whole_run(title, &o, false, alone, &n);
		struct subject *s = subject_new(title, &o, false);
		struct machine *m = s->machine;
		audit_focus_all(&s->audit, true);
		audit_on(&s->audit, &m->events, machine_row(m)->next_object);
		assert_int_equal(log_open("/dev/null", &(struct log_options){ 0 }, &m->events, &m->history, s->t_log, &s->log, &err), ST_OK);
		finish(s, watched);
		assert_string_equal(alone, watched);
		assert_int_equal(log_close(s->log, &err), ST_OK);
		subject_free(s);
	}
}

static void small_decode_cache_changes_nothing(void **state)
{
	const char *title = *state;
	struct machine_options o = options_of(title, 0);
	char a[RESULT_BYTES], b[RESULT_BYTES];
	uint64_t n;
	whole_run(title, &o, true, a, &n);
	o.code_pages = 16;
	whole_run(title, &o, true, b, &n);
	assert_string_equal(a, b);
}

/* The laws above would be worth nothing if all runs looked alike: one second more on the clock must show. */
static void other_options_give_another_digest(void **state)
{
	const char *title = *state;
	struct machine_options a = options_of(title, 0), b = options_of(title, 0);
	char line_a[RESULT_BYTES], line_b[RESULT_BYTES];
	uint64_t n;
	b.boot_time += 10000000;
	whole_run(title, &a, true, line_a, &n);
	whole_run(title, &b, true, line_b, &n);
	assert_string_not_equal(line_a, line_b);
}

/* ---- tests: every law for every title ------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	CMUnitTestFunction law;
} laws[] = {
#define LAW(f) { #f, f }
	LAW(two_runs_are_alike),
	LAW(restored_it_runs_as_before),
	LAW(saved_it_runs_alike_in_a_second_process),
	LAW(cut_in_pieces_it_runs_alike),
	LAW(watched_it_runs_alike),
	LAW(small_decode_cache_changes_nothing),
	LAW(other_options_give_another_digest),
};

static char *test_name(const char *title, const char *law)
{
	char name[256];
	const char *base = strrchr(title, '/') + 1;
	snprintf(name, sizeof name, "law1_%.*s_%s", (int)strcspn(base, "."), base, law);
	return strdup(name);
}

static int run_laws(char *const *titles, size_t n)
{
	struct CMUnitTest *tests = calloc(n * ARRAY_LEN(laws), sizeof *tests);
	size_t count = 0;
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < ARRAY_LEN(laws); i++)
			tests[count++] = (struct CMUnitTest){ .name = test_name(titles[t], laws[i].name), .test_func = laws[i].law,
				                              .initial_state = titles[t] };
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = _cmocka_run_group_tests("law1", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)tests[i].name);
	free(tests);
	return failed;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "--resume"))
		return resume(argv[2], argv[3], argv[4]);
	glob_t g = { 0 };
	if (argc > 1)
		return run_laws(argv + 1, (size_t)argc - 1);
	if (glob("./tests/guest/*.elf", 0, NULL, &g) != 0) {
		puts("1..1\nok 1 - law1 # SKIP no guests were built");
		return 0;
	}
	int failed = run_laws(g.gl_pathv, g.gl_pathc);
	globfree(&g);
	return failed;
}
