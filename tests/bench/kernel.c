/* tests/bench/kernel.c - what the kernel and its observers cost, as ratios within one run.
 *
 * handles    NtCreateEvent and NtClose by a title while 10 to 1,000,000 other handles are open, under each policy: ns per pair
 * observers  a title that works and calls the kernel, at about 1,000,000 events per second: books off, on, with everything in focus, and the
 *            event log on. signals: it sets and clears an event; births: it also creates and closes one each time, which no title does so often
 *
 * usage: bench_kernel handles|observers RUNS ROWS    prints a table, appends rows of bench.json to the file ROWS
 */
#include "config.h"

#include <stdio.h>
#include <time.h>

#include "kernel/handle.h"
#include "src/observe/audit.h"
#include "src/observe/log.h"
#include "tests/testkit.h"

#define RUNS_MAX 99u
#define SLICE 50000u /* instructions between two looks at the pc */
#define PAIRS 100000u
#define EVENTS 1000000u /* of a run of the observers */
#define WORK 145u       /* rounds of 8 instructions per event: about 1,000,000 events per second of a fast host */

static FILE *rows;

/* Of the processor: what else the host does counts for little. */
static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v, unsigned n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[n / 2];
}

/* ---- titles of machine code ------------------------------------------------------------------------------------------ */

#define COUNTER 31 /* registers of the loops; calls keep r14-r31 */
#define OUT_REG 30

/* One turn of a loop, its words in @word. */
struct body {
	uint32_t word[128];
	unsigned n;
};

static void add_words(struct body *b, const uint32_t *word, unsigned n)
{
	memcpy(b->word + b->n, word, n * sizeof *word);
	b->n += n;
}
#define ADD(b, ...) add_words(b, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static void add_create(struct tk *t, struct body *b)
{
	ADD(b, I_MR(3, OUT_REG), I_LI(4, 0), I_LI(5, 1), I_LI(6, 0), I_CALL(tk_thunk(t, "NtCreateEvent")));
}

/* A call with the handle and NULL. */
static void add_by_handle(struct tk *t, struct body *b, const char *name)
{
	ADD(b, I_LWZ(3, 0, OUT_REG), I_LI(4, 0), I_CALL(tk_thunk(t, name)));
}

static void add_work(struct body *b, unsigned events)
{
	ADD(b, I_LI(9, WORK * events), I_MTCTR(9), I_ADDI(7, 7, 3), I_ADDI(8, 8, 5), I_ADDI(10, 10, 7), I_ADDI(7, 7, 11),
		I_ADDI(8, 8, 13), I_ADDI(10, 10, 17), I_ADDI(7, 7, 19), I_BDNZ(-7 * 4));
}

/* Runs @turns turns of @b on the main thread; seconds of the host. */
static double run(struct tk *t, const struct body *b, uint32_t turns, uint32_t out)
{
	uint32_t start = CODE(t, I_LOAD(COUNTER, turns), I_LOAD(OUT_REG, out)), loop = tk_words(t, b->word, b->n);
	uint32_t back = CODE(t, I_ADDI(COUNTER, COUNTER, -1), I_CMPWI(COUNTER, 0)), end;
	CODE(t, I_BNE(loop - (back + 8)));
	end = CODE(t, I_B(0));
	tk_start(t, start);
	double begin = now();
	while (context_peek(t->m, t->main)->pc != end)
		if (tk_run(t, SLICE) != STOP_LIMIT) {
			fprintf(stderr, "bench_kernel: %s\n", t->stop.text);
			exit(1);
		}
	return now() - begin;
}

/* A machine without any observer. */
static struct tk *quiet(enum handle_policy p)
{
	struct machine_options o;
	machine_options_default(&o);
	o.handles = p;
	struct tk *t = tk_new_with(&o);
	event_unsubscribe(&t->m->events, 0);
	return t;
}

/* ---- handles ---------------------------------------------------------------------------------------------------------- */

static double ns_per_pair(enum handle_policy p, uint32_t live)
{
	struct tk *t = quiet(p);
	struct body create = { .n = 0 }, pair = { .n = 0 };
	uint32_t out = tk_memory(t, 4);
	add_create(t, &create);
	add_create(t, &pair);
	add_by_handle(t, &pair, "NtClose");
	run(t, &create, live, out);
	double seconds = run(t, &pair, PAIRS, out);
	if (arena_live(&t->m->world, t->m->t_object) != live + 1) {
		fprintf(stderr, "bench_kernel: %u objects live, not %u\n", arena_live(&t->m->world, t->m->t_object), live + 1);
		exit(1);
	}
	tk_free(t);
	return seconds * 1e9 / PAIRS;
}

static void bench_handles(unsigned runs)
{
	static const uint32_t live[] = { 10, 1000, 100000, 1000000 };
	printf("create+close, ns per pair  %10u %10u %10u %10u   1,000,000/10\n", live[0], live[1], live[2], live[3]);
	for (enum handle_policy p = 0; p < HANDLE_POLICY_COUNT; p++) {
		double v[ARRAY_LEN(live)][RUNS_MAX], ns[ARRAY_LEN(live)];
		for (unsigned r = 0; r < runs; r++)
			for (unsigned i = 0; i < ARRAY_LEN(live); i++)
				v[i][r] = ns_per_pair(p, live[i]);
		printf("handles, %-18s", handle_policy_word(p));
		for (unsigned i = 0; i < ARRAY_LEN(live); i++) {
			ns[i] = median(v[i], runs);
			printf("%10.0f ", ns[i]);
			fprintf(rows,
				",\n{\"kernel\":\"handles-%s\",\"engine\":\"wedge\",\"live\":%u,\"ns_per_pair\":%.1f,\"ratio\":%.3f}",
				handle_policy_word(p), live[i], ns[i], ns[i] / ns[0]);
		}
		printf("  %.2f\n", ns[ARRAY_LEN(live) - 1] / ns[0]);
	}
}

/* ---- observers -------------------------------------------------------------------------------------------------------- */

enum mode { OFF, BOOKS, FOCUS, LOG, MODES };
static const char *const mode_words[MODES] = { "off", "audit", "audit-focus-all", "log" };

static double observed(bool births, enum mode mode, uint64_t *events)
{
	struct tk *t = quiet(HANDLES_FIFO);
	struct machine *m = t->m;
	struct body turn = { .n = 0 };
	struct audit audit;
	struct log *log = NULL;
	struct err err;
	audit_init(&audit, &m->history, &m->mem);
	unsigned t_log = log_layout(&m->history);
	if (mode == BOOKS || mode == FOCUS)
		audit_on(&audit, &m->events, 1);
	audit_focus_all(&audit, mode == FOCUS);
	if (mode == LOG &&
		log_open("/dev/null", &(struct log_options){ .kinds = 0 }, &m->events, &m->history, t_log, &log, &err) != ST_OK) {
		fprintf(stderr, "bench_kernel: %s\n", err.text);
		exit(1);
	}
	unsigned per_turn = births ? 18 : 8;
	uint32_t out = tk_memory(t, 4);
	tk_put32(t, out, tk_event(t, 1, false));
	if (births)
		add_create(t, &turn);
	add_by_handle(t, &turn, "NtSetEvent");
	add_by_handle(t, &turn, "NtClearEvent");
	if (births)
		add_by_handle(t, &turn, "NtClose");
	add_work(&turn, per_turn);
	uint64_t before = event_seq(&m->events);
	double seconds = run(t, &turn, EVENTS / per_turn, out);
	*events = event_seq(&m->events) - before;
	if (log && log_close(log, &err) != ST_OK)
		exit(1);
	audit_fini(&audit);
	tk_free(t);
	return seconds;
}

static void bench_observers(bool births, unsigned runs)
{
	double v[MODES][RUNS_MAX], off = 0;
	uint64_t events = 0;
	const char *name = births ? "births" : "signals";
	for (unsigned r = 0; r < runs; r++)
		for (enum mode mode = 0; mode < MODES; mode++)
			v[mode][r] = observed(births, mode, &events);
	printf("observers, %-12s %10s %8s %14s\n", name, "cpu sec", "ratio", "events/second");
	for (enum mode mode = 0; mode < MODES; mode++) {
		double s = median(v[mode], runs);
		off = mode == OFF ? s : off;
		printf("  %-21s %10.3f %8.3f %14.0f\n", mode_words[mode], s, s / off, (double)events / s);
		fprintf(rows,
			",\n{\"kernel\":\"observers-%s\",\"engine\":\"wedge\",\"mode\":\"%s\",\"seconds\":%.6f,\"ratio\":%.4f,\"events_per_second\":%.0f}",
			name, mode_words[mode], s, s / off, (double)events / s);
	}
}

int main(int argc, char **argv)
{
	unsigned runs = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	if (!runs || runs > RUNS_MAX || !(rows = fopen(argv[3], "a"))) {
		fprintf(stderr, "usage: bench_kernel handles|observers RUNS ROWS\n");
		return 2;
	}
	if (!strcmp(argv[1], "handles")) {
		bench_handles(runs);
	} else {
		bench_observers(false, runs);
		bench_observers(true, runs);
	}
	return fclose(rows) ? 1 : 0;
}
