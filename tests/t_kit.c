/* tests/t_kit.c - the laws of the guest kit: guests run on a bare CPU, and each import is looked at as it is entered. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/cpu/cpu.h"
#include "src/load/image.h"
#include "src/mem/mem.h"

#define STACK 0x70000000u
#define STACK_BYTES 0x10000u
#define SP (STACK + STACK_BYTES - 0x100)
#define RW (MEM_PROT_R | MEM_PROT_W)
#define ARGS_MAX 16
#define KEPT(n) (UINT64_C(0x1111111100000000) * ((n) % 4) + 0x5a000000u + (n)) /* what r14-r31 hold at the start */

struct rig {
	struct arena world;
	struct mem mem;
	struct cpu *cpu;
	struct image *img;
	struct ppc_context ctx;
};

/* ---- running --------------------------------------------------------------------------------------------------------- */

static void place(struct rig *r)
{
	for (unsigned i = 0; i < r->img->segments; i++) {
		const struct image_segment *s = &r->img->segment[i];
		assert_int_equal(mem_commit(&r->mem, s->ga, s->size, s->protect, MEM_OWNER_image, s->ga), ST_OK);
		assert_int_equal(mem_poke(&r->mem, s->ga, s->bytes, s->file_size), MEM_OK);
	}
	for (unsigned i = 0; i < r->img->imports; i++) {
		const struct image_import *im = &r->img->import[i];
		if (im->type != 1)
			continue;
		mem_put32(&r->mem, im->ga, 0x3d600000);                   /* lis r11,0 */
		mem_put32(&r->mem, im->ga + 4, 0x616b0000u | im->ordinal); /* ori r11,r11,ordinal */
		mem_put32(&r->mem, im->ga + 8, 0x44000002u | PPC_SC_IMPORT << 5);
		mem_put32(&r->mem, im->ga + 12, 0x4e800020);              /* blr */
	}
	assert_int_equal(mem_commit(&r->mem, STACK, STACK_BYTES, RW, MEM_OWNER_stack, STACK), ST_OK);
}

static struct rig *start(const char *path)
{
	struct err err = { 0 };
	if (access(path, R_OK) != 0)
		skip();
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	assert_int_equal(arena_init(&r->world, UINT64_C(64) << 20), ST_OK);
	assert_int_equal(mem_init(&r->mem, &r->world), ST_OK);
	if (image_open(path, &r->img, &err) != ST_OK)
		fail_msg("%s", err.text);
	place(r);
	r->cpu = cpu_new(&r->mem, 0);
	ppc_context_reset(&r->ctx);
	r->ctx.pc = r->img->entry;
	r->ctx.gpr[1] = SP;
	for (unsigned n = 14; n < 32; n++)
		r->ctx.gpr[n] = KEPT(n);
	return r;
}

static void stop(struct rig *r)
{
	cpu_free(r->cpu);
	image_free(r->img);
	mem_fini(&r->mem);
	arena_fini(&r->world);
	free(r);
}

/* Runs to the next import; returns its name. */
static const char *next_call(struct rig *r)
{
	struct cpu_slice s = { .ctx = &r->ctx, .budget = 100000, .cpi = 4 };
	enum cpu_exit e = cpu_run(r->cpu, &s);
	if (e != CPU_SYSCALL)
		fail_msg("exit %d at %08x, word %08x, address %08x", (int)e, r->ctx.pc, s.insn, s.fault_ga);
	uint32_t thunk = r->ctx.pc - 12;
	for (unsigned i = 0; i < r->img->imports; i++) {
		if (r->img->import[i].type == 1 && r->img->import[i].ga == thunk)
			return image_symbol_at(r->img, thunk, NULL)->name;
	}
	fail_msg("%08x is no thunk", thunk);
	return "";
}

/* The title ends with @status, and its first caller finds its registers as they were (the low halves: what GCC's 32-bit code keeps). */
static void check_end(struct rig *r, uint32_t status)
{
	assert_string_equal(next_call(r), "ExTerminateThread");
	assert_int_equal((uint32_t)r->ctx.gpr[3], status);
	for (unsigned n = 14; n < 32; n++)
		assert_int_equal((uint32_t)r->ctx.gpr[n], (uint32_t)KEPT(n));
	stop(r);
}

/* ---- arguments ---------------------------------------------------------------------------------------------------------- */

/* Argument @i as the console's callee finds it. */
static uint64_t argument(struct rig *r, unsigned i)
{
	return i < 8 ? r->ctx.gpr[3 + i] : mem_get64(&r->mem, (uint32_t)r->ctx.gpr[1] + 0x10 + 8 * i);
}

#define WIDE(v) { (v), UINT64_MAX }
#define WORD(v) { (v), UINT32_MAX }  /* the upper half does not count */
#define ANY { 0, 0 }
#define SLOT(v) WIDE((uint64_t)(v))

struct expected {
	const char *name;
	unsigned nargs;
	struct { uint64_t value, mask; } arg[ARGS_MAX];
	uint64_t result;
};

static const struct expected kitabi[] = {
	{ "__thunk_KeSetTimerEx", 4, { WORD(0x11), WIDE(0x2222222233333333), WORD(0x44), WORD(0x55) }, 0 },
	{ "__thunk_XamNotifyCreateListener", 2, { WIDE(0x0123456789abcdef), WORD(7) }, 0 },
	{ "__thunk_VdInitializeScalerCommandBuffer", 12,
	  { WORD(1), WORD(2), WORD(3), WORD(4), WORD(5), WORD(6), WORD(7), WORD(8), SLOT(0x90000009), SLOT(10), SLOT(11), SLOT(12) }, 0 },
	{ "__thunk_NtDeviceIoControlFile", 10,
	  { WORD(1), WORD(2), WORD(3), WORD(4), WORD(5), WORD(6), WORD(7), WORD(8), SLOT(9), SLOT(10) }, 0 },
	{ "__thunk_KeQueryInterruptTime", 0, { ANY }, 0x77777777ffffffff },
	{ "__thunk_KeSetTimer", 3, { WORD(1), WIDE(0x7777777800000000), WORD(2) }, 0 },
	{ "__thunk_DbgPrint", 1, { ANY }, 0 },
	{ "__thunk_DbgPrint", 16,
	  { ANY, SLOT(INT64_C(-1)), SLOT(0x200), SLOT(0x3333333344444444), SLOT(0x3fe0000000000000), SLOT('c'), SLOT(INT64_C(-9)), SLOT(42),
	    SLOT(0xfedcba98), SLOT(UINT64_C(1) << 63), SLOT(INT64_C(-7)), SLOT(0x1000), SLOT(12), SLOT(3), SLOT(0xc000000000000000),
	    SLOT(INT64_C(-5)) }, 0 },
	{ "__thunk_sprintf", 10, { ANY, ANY, SLOT(1), SLOT(2), SLOT(3), SLOT(4), SLOT(5), SLOT(6), SLOT(7), SLOT(8) }, 0 },
	{ "__thunk__snprintf", 4, { ANY, SLOT(16), ANY, ANY }, 0 },
};

static void kit_arguments_arrive_as_the_console_passes_them(void **state)
{
	struct rig *r = start("tests/guest/kitabi.elf");
	for (unsigned i = 0; i < ARRAY_LEN(kitabi); i++) {
		const struct expected *x = &kitabi[i];
		assert_string_equal(next_call(r), x->name);
		assert_int_equal(r->ctx.gpr[1] & 15, 0);
		for (unsigned a = 0; a < x->nargs; a++) {
			uint64_t got = argument(r, a) & x->arg[a].mask;
			if (got != (x->arg[a].value & x->arg[a].mask))
				fail_msg("%s, argument %u: %llx", x->name, a, (unsigned long long)got);
		}
		r->ctx.gpr[3] = x->result;
	}
	check_end(r, 0x77);
}

/* ---- frames ---------------------------------------------------------------------------------------------------------------- */

static const char *function_of(const struct rig *r, uint32_t lr)
{
	const struct image_symbol *s = image_symbol_at(r->img, lr - 4, NULL);
	return s ? s->name : "?";
}

/* Names along the chain, LR of each frame at [back chain - 8]. */
static void check_chain(struct rig *r, const char *const *names)
{
	uint32_t sp = (uint32_t)r->ctx.gpr[1], lr = (uint32_t)r->ctx.lr;
	for (; *names; names++) {
		assert_string_equal(function_of(r, lr), *names);
		sp = mem_get32(&r->mem, sp);
		lr = mem_get32(&r->mem, sp - 8);
	}
	assert_int_equal(sp, SP);
}

static void kit_xdk_frames_chain_below_the_back_chain_and_restore_all(void **state)
{
	static const char *const creating[] = { "create_event", "open_device", "start_engine", "main", "_start", NULL };
	static const char *const waiting[] = { "wait_event", "run_frame", "main", "_start", NULL };
	struct rig *r = start("tests/guest/xdkframes.elf");
	assert_string_equal(next_call(r), "NtCreateEvent");
	check_chain(r, creating);
	mem_put32(&r->mem, (uint32_t)r->ctx.gpr[3], 0x1000);
	r->ctx.gpr[3] = 0;
	assert_string_equal(next_call(r), "NtWaitForSingleObjectEx");
	check_chain(r, waiting);
	assert_int_equal((uint32_t)r->ctx.gpr[3], 0x1000);
	r->ctx.gpr[3] = 0;
	for (unsigned n = 14; n < 32; n++)
		r->ctx.gpr[n] = 0; /* the frames have them */
	assert_string_equal(next_call(r), "ExTerminateThread");
	for (unsigned n = 14; n < 32; n++)
		assert_true(r->ctx.gpr[n] == KEPT(n)); /* all 64 bits */
	stop(r);
}

static void kit_demo_makes_its_flush_event_four_calls_deep(void **state)
{
	static const char *const chain[] = { "make_event", "open_cache", "open_streaming", "main", "_start" };
	struct rig *r = start("tests/guest/demo.elf");
	assert_string_equal(next_call(r), "NtCreateEvent");
	r->ctx.gpr[3] = 0;
	assert_string_equal(next_call(r), "NtCreateEvent");
	uint32_t sp = (uint32_t)r->ctx.gpr[1], lr = (uint32_t)r->ctx.lr;
	for (unsigned i = 0; i < ARRAY_LEN(chain); i++) {
		assert_string_equal(function_of(r, lr), chain[i]);
		sp = mem_get32(&r->mem, sp);
		lr = mem_get32(&r->mem, sp + 4); /* GCC's rule */
	}
	stop(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(kit_arguments_arrive_as_the_console_passes_them),
		cmocka_unit_test(kit_xdk_frames_chain_below_the_back_chain_and_restore_all),
		cmocka_unit_test(kit_demo_makes_its_flush_event_four_calls_deep),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("kit", tests, NULL, NULL);
}
