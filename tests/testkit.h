/* tests/testkit.h - a machine without an image file, for tests of the kernel: exports are called directly on its threads, or by small
 * guests of machine code. */
#ifndef TESTS_TESTKIT_H
#define TESTS_TESTKIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/call.h"
#include "kernel/machine.h"
#include "kernel/mount.h"
#include "kernel/ntstatus.h"

/* The synthetic title: code (read, execute), import records, data (read, write). */
#define TK_CODE 0x82000000u
#define TK_CODE_SIZE 0x10000u
#define TK_IMPORTS 0x82010000u
#define TK_DATA 0x82040000u
#define TK_DATA_SIZE 0x10000u

#define TK_EVENTS 4096u               /* events kept */

struct tk {
	struct machine *m;
	struct image image;
	struct mounts *mounts;            /* its own: game:, cache:, ... empty. NULL = tk_new_with, and the caller's */
	uint32_t main;                    /* thread row */
	uint32_t code_at, data_at;        /* next free words */
	struct event *event;              /* what was emitted, in order */
	unsigned events;
	struct stop stop;                 /* of the last tk_run */
};

/** A machine with the default mounts, empty, whose main thread starts at TK_CODE, where `b .` stands. */
struct tk *tk_new(void);
struct tk *tk_new_with(const struct machine_options *o);
void tk_free(struct tk *t);
/* cmocka fixtures: *state is a struct tk. */
int tk_setup(void **state);
int tk_teardown(void **state);
static inline struct tk *TK(void **state) { return *state; }

/** What a direct call did. */
struct tk_result {
	bool parked, faulted;
	uint64_t r3;
};
/** Calls an IMPL export as thread row @thread (made to run on its hardware thread), with up to 10 arguments: the core runs its
 * thunk in the title, up to the sc; this takes no time. */
struct tk_result tk_call_on(struct tk *t, uint32_t thread, const char *name, unsigned n, const uint64_t *args);
#define TK_ARGS(...) (sizeof((uint64_t[]){ 0, ##__VA_ARGS__ }) / 8 - 1), &((const uint64_t[]){ 0, ##__VA_ARGS__ })[1]
/** The r3 of a call that must not park. */
uint64_t tk_done(struct tk *t, uint32_t thread, const char *name, unsigned n, const uint64_t *args);
/** The call must park. */
void tk_parks(struct tk *t, uint32_t thread, const char *name, unsigned n, const uint64_t *args);
#define CALL(t, thread, name, ...) tk_done(t, thread, name, TK_ARGS(__VA_ARGS__))
#define PARKS(t, thread, name, ...) tk_parks(t, thread, name, TK_ARGS(__VA_ARGS__))
/** Still parked? */
bool tk_parked(const struct tk *t, uint32_t thread);
/** The wait of @thread is over: goes on with its call, gives the r3. */
uint64_t tk_wake(struct tk *t, uint32_t thread);
/** Lets virtual time pass, deadlines are served. */
void tk_pass(struct tk *t, uint64_t ticks);

/** A further thread, ready, on hardware thread @hw, standing at `b .`. Returns its row. */
uint32_t tk_thread(struct tk *t, uint32_t hw);
/** A handle to a new event (type 0 manual, 1 auto), made by the main thread. */
uint32_t tk_event(struct tk *t, uint32_t type, bool state);
/** Memory of the data segment, never given out twice, zero. */
uint32_t tk_memory(struct tk *t, uint32_t bytes);
uint32_t tk_get32(struct tk *t, uint32_t ga);
void tk_put32(struct tk *t, uint32_t ga, uint32_t v);
void tk_put64(struct tk *t, uint32_t ga, uint64_t v);
uint32_t tk_string(struct tk *t, const char *s);
/** Object row behind an open handle; 0 if it is not open. */
uint32_t tk_object(struct tk *t, uint32_t handle);

/* Machine code. */
uint32_t tk_words(struct tk *t, const uint32_t *word, unsigned n);
#define CODE(t, ...) tk_words(t, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)
/** Address of an export's thunk. */
uint32_t tk_thunk(struct tk *t, const char *name);
/** The main thread's pc. */
void tk_start(struct tk *t, uint32_t pc);
enum stop_kind tk_run(struct tk *t, uint64_t limit);

#define I_LI(r, v) (0x38000000u | (uint32_t)(r) << 21 | ((uint32_t)(v) & 0xffff))
#define I_LIS(r, v) (0x3C000000u | (uint32_t)(r) << 21 | ((uint32_t)(v) & 0xffff))
#define I_ORI(r, s, v) (0x60000000u | (uint32_t)(s) << 21 | (uint32_t)(r) << 16 | ((uint32_t)(v) & 0xffff))
#define I_ADDI(r, a, v) (0x38000000u | (uint32_t)(r) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(v) & 0xffff))
#define I_MR(r, s) (0x7C000378u | (uint32_t)(s) << 21 | (uint32_t)(r) << 16 | (uint32_t)(s) << 11)
#define I_LWZ(r, d, a) (0x80000000u | (uint32_t)(r) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(d) & 0xffff))
#define I_STW(r, d, a) (0x90000000u | (uint32_t)(r) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(d) & 0xffff))
#define I_STWU(r, d, a) (0x94000000u | (uint32_t)(r) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(d) & 0xffff))
#define I_B(off) (0x48000000u | ((uint32_t)(off) & 0x3fffffc))
#define I_BDNZ(off) (0x42000000u | ((uint32_t)(off) & 0xfffc))
#define I_BEQ(off) (0x41820000u | ((uint32_t)(off) & 0xfffc))
#define I_BNE(off) (0x40820000u | ((uint32_t)(off) & 0xfffc))
#define I_CMPWI(r, v) (0x2C000000u | (uint32_t)(r) << 16 | ((uint32_t)(v) & 0xffff))
#define I_MTCTR(r) (0x7C0903A6u | (uint32_t)(r) << 21)
#define I_BCTRL 0x4E800421u
#define I_BLR 0x4E800020u
#define I_NOP 0x60000000u
#define I_MFTB(r) (0x7C0C42A6u | (uint32_t)(r) << 21)
/** Loads a 32-bit constant: two words. */
#define I_LOAD(r, v) I_LIS(r, (uint32_t)(v) >> 16), I_ORI(r, r, v)
/** Calls a thunk: four words; uses r12 and CTR. */
#define I_CALL(thunk) I_LOAD(12, thunk), I_MTCTR(12), I_BCTRL

/** How many events of @kind there are; the n-th of them (0-based). */
unsigned tk_count(const struct tk *t, enum event_kind kind);
const struct event *tk_event_at(const struct tk *t, enum event_kind kind, unsigned n);
/** Forgets the events so far. */
void tk_forget(struct tk *t);

/** main() of a test program: TAP. */
#define TK_MAIN(tests) \
	int main(void) \
	{ \
		cmocka_set_message_output(CM_OUTPUT_TAP); \
		return cmocka_run_group_tests(tests, NULL, NULL); \
	}
#define TK_TEST(f) cmocka_unit_test_setup_teardown(f, tk_setup, tk_teardown)

#endif
