/* tests/t_frames.c - the registers of callers' frames, against what the callers really had: at every instruction of a run.
 *
 * usage: t_frames [TITLE.elf...]    without titles: every tests/guest/ *.elf of the build
 * A run is followed one instruction at a time; each call is noted with its registers. Then, wherever a thread stands, each frame that the
 * stack shows must be one of these calls, and each register that is said to be known must have the value that was noted.
 */
#include "config.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/mount.h"
#include "src/load/dwarf.h"
#include "ui/inspect/frame_regs.h"
#include "ui/inspect/stack.h"

#define INSTRUCTIONS 3000u /* of a title that are followed */
#define DEPTH 64u
#define THREADS 128u
#define IS_RETURN(w) (((w)&0xFC0007FFu) == 0x4C000020u) /* bclr, with or without a condition */
#define KEPT(r) ((r) == 1 || (r) == 2 || (r) >= 13)

/* The calls that a thread is in, outermost first. */
struct calls {
	unsigned depth;
	bool lost; /* the kernel has sent it elsewhere (APC): no more is said of it */
	uint32_t pc;
	uint32_t back[DEPTH]; /* where each returns to */
	struct ppc_context at[DEPTH];
};

struct subject {
	struct image *image;
	struct machine *m;
	struct calls *calls;        /* by thread row */
	unsigned frames, registers; /* compared */
};

static uint32_t word_at(const struct machine *m, uint32_t ga)
{
	uint32_t w = 0;
	return mem_fetch(&m->mem, ga, &w) == MEM_OK ? w : 0;
}

/* The thread has executed the instruction at @c->pc and stands at @now. */
static void follow(struct subject *s, struct calls *c, const struct ppc_context *now)
{
	uint32_t w = word_at(s->m, c->pc), was = c->pc;
	c->pc = now->pc;
	if (now->pc == was || now->pc == was + 4)
		return;
	if (ppc_is_call(w) && c->depth < DEPTH) {
		c->back[c->depth] = was + 4;
		c->at[c->depth++] = *now; /* a call changes nothing but LR */
	} else if (IS_RETURN(w) && c->depth && c->back[c->depth - 1] == now->pc) {
		c->depth--;
	} else if (IS_RETURN(w) || w >> 26 == 17) {
		c->lost = true;
	}
}

static void compare_registers(struct subject *s, uint32_t thread, unsigned frame, const struct ppc_context *had, uint32_t back)
{
	struct frame_registers r;
	assert_true(frame_registers(s->m, thread, frame, &r));
	assert_int_equal(r.pc.v, back);
	for (unsigned i = 0; i < 32; i++) {
		/* The calling convention keeps the lower half: a callee may save no more, and what it gives back is what the caller gets. */
		uint64_t gpr = (uint32_t)had->gpr[i];
		if (r.gpr[i].from != REG_UNKNOWN && (!KEPT(i) || (uint32_t)r.gpr[i].v != gpr))
			fail_msg("pc %08X, frame %u: r%u is said to be %llX, but was %llX", context_peek(s->m, thread)->pc, frame,
				i, (unsigned long long)r.gpr[i].v, (unsigned long long)gpr);
		if (r.fpr[i].from != REG_UNKNOWN && (i < 14 || r.fpr[i].v != had->fpr[i]))
			fail_msg("pc %08X, frame %u: f%u is said to be %llX, but was %llX", context_peek(s->m, thread)->pc, frame,
				i, (unsigned long long)r.fpr[i].v, (unsigned long long)had->fpr[i]);
		s->registers += (r.gpr[i].from != REG_UNKNOWN) + (r.fpr[i].from != REG_UNKNOWN);
	}
}

static void compare(struct subject *s, uint32_t thread)
{
	const struct calls *c = &s->calls[thread];
	struct stack stack;
	thread_stack(s->m, thread, STACK_FRAMES_MAX, &stack);
	for (unsigned i = 1; i <= c->depth; i++) {
		uint32_t back = c->back[c->depth - i];
		const struct ppc_context *had = &c->at[c->depth - i];
		if (i >= stack.count || stack.frame[i].pc != back || stack.frame[i].sp != (uint32_t)had->gpr[1])
			fail_msg("pc %08X: frame %u is %08X sp %08X, but the call returns to %08X with sp %08X",
				context_peek(s->m, thread)->pc, i, i < stack.count ? stack.frame[i].pc : 0,
				i < stack.count ? stack.frame[i].sp : 0, back, (uint32_t)had->gpr[1]);
		compare_registers(s, thread, i, had, back);
		s->frames++;
	}
}

/* One instruction of the machine; whoever moved is looked at. */
static bool step(struct subject *s)
{
	struct stop stop;
	if (machine_run(s->m, 1, &stop) != STOP_LIMIT)
		return false;
	for (uint32_t row = 1; row < arena_count(&s->m->world, s->m->t_thread) && row < THREADS; row++) {
		struct calls *c = &s->calls[row];
		const struct ppc_context *now = context_peek(s->m, row);
		if (!c->pc)
			c->pc = now->pc;
		if (c->lost || c->pc == now->pc || thread_peek(s->m, row)->state == TS_TERMINATED)
			continue;
		follow(s, c, now);
		if (!c->lost)
			compare(s, row);
	}
	return true;
}

static void follow_title(const char *title, bool debug)
{
	struct subject s = { 0 };
	struct machine_options o;
	struct err err;
	machine_options_default(&o);
	o.mounts = mounts_new();
	mounts_default(o.mounts, title); /* libraries that it loads are there too */
	if (image_open(title, &s.image, &err) != ST_OK || machine_new(&o, &s.m, &err) != ST_OK ||
		machine_load(s.m, s.image, &err) != ST_OK)
		fail_msg("%s", err.text);
	if (!debug) {
		dwarf_free(s.image->dwarf);
		s.image->dwarf = NULL;
	}
	s.calls = calloc(THREADS, sizeof *s.calls);
	for (unsigned i = 0; i < INSTRUCTIONS && step(&s); i++)
		;
	assert_true(s.frames > 0 && s.registers > s.frames);
	free(s.calls);
	machine_free(s.m);
	mounts_free(o.mounts);
	image_free(s.image);
}

static void known_by_the_code(void **state)
{
	follow_title(*state, false);
}
static void known_by_debug_information(void **state)
{
	follow_title(*state, true);
}

static const struct {
	const char *name;
	CMUnitTestFunction law;
} laws[] = { { "what_the_code_says_is_so", known_by_the_code },
	{ "what_debug_information_says_is_so", known_by_debug_information } };

static int run_laws(char *const *titles, size_t n)
{
	struct CMUnitTest *tests = calloc(n * ARRAY_LEN(laws), sizeof *tests);
	size_t count = 0;
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
			char name[256];
			const char *slash = strrchr(titles[t], '/'), *base = slash ? slash + 1 : titles[t];
			if (i && !strstr(base, "callers")) /* the one guest that has it */
				continue;
			snprintf(name, sizeof name, "frames_%.*s_%s", (int)strcspn(base, "."), base, laws[i].name);
			tests[count++] =
				(struct CMUnitTest){ .name = strdup(name), .test_func = laws[i].law, .initial_state = titles[t] };
		}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = _cmocka_run_group_tests("frames", tests, count, NULL, NULL);
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
		puts("1..1\nok 1 - frames # SKIP no guests were built");
		return 0;
	}
	int failed = run_laws(g.gl_pathv, g.gl_pathc);
	globfree(&g);
	return failed;
}
