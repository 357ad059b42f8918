/* tests/t_seh.c - the laws of exceptions: who is asked, in which order, with what; where a thread stands after it; and that nothing in the guest's
 * memory can hurt. (Filters, __finally blocks, C++ and longjmp as a title has them: tests/guest/seh.S.) */
#include "config.h"

#include "kernel/rows.h"
#include "kernel/seh.h"
#include "tests/testkit.h"

#define MFLR_R12 0x7D8802A6u
#define MTLR_R12 0x7D8803A6u
#define FRAME 0x80
#define PROLOGUE MFLR_R12, I_STW(12, -8, 1), I_STWU(1, -FRAME, 1)
#define PROLOGUE_BYTES 12u
#define EPILOGUE I_ADDI(1, 1, FRAME), I_LWZ(12, -8, 1), MTLR_R12, I_BLR
#define I_BL(ga) I_LOAD(12, ga), I_MTCTR(12), I_BCTRL
#define CODE_A 0xE0001234u
#define FUNCTIONS 8u

/* start calls top, which calls mid, which raises; each of top and mid has a handler that notes its arguments and gives the answer set. */
struct rig {
	struct tk *t;
	struct image_function function[FUNCTIONS];
	uint32_t record, came_back; /* ga */
	uint32_t log, log_at;       /* four words for each handler that was asked; where the next ones go */
	uint32_t answer[2];         /* ga: of mid's, of top's handler */
	uint32_t handler[2];
	uint32_t mid, top, start;
	uint32_t landed; /* in top: stores r3 into came_back, returns */
	uint32_t base;   /* r1 at the start */
};

/* A function of .pdata; with @handler the two words stand before it. */
static uint32_t add(struct rig *r, uint32_t handler, uint32_t data, const uint32_t *word, unsigned n)
{
	struct tk *t = r->t;
	const uint32_t eh[2] = { handler, data };
	tk_words(t, eh, 2);
	uint32_t ga = tk_words(t, word, n), entry = tk_memory(t, 8), prolog = word[0] == MFLR_R12 ? PROLOGUE_BYTES : 0;
	tk_put32(t, entry, ga);
	tk_put32(t, entry + 4, prolog / 4 | n << 8 | 1u << 30 | (handler ? 1u << 31 : 0));
	assert_true(t->image.functions < FUNCTIONS);
	r->function[t->image.functions++] =
		(struct image_function){ .ga = ga, .size = n * 4, .prolog = prolog, .handler = handler != 0, .entry = entry };
	return ga;
}
#define ADD(r, handler, data, ...) \
	add(r, handler, data, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static uint32_t noting_handler(struct rig *r, uint32_t answer)
{
	return ADD(r, 0, 0, I_LOAD(9, r->log_at), I_LWZ(10, 0, 9), I_STW(3, 0, 10), I_STW(4, 4, 10), I_STW(5, 8, 10),
		I_STW(6, 12, 10), I_ADDI(10, 10, 16), I_STW(10, 0, 9), I_LOAD(11, answer), I_LWZ(3, 0, 11), I_BLR);
}

static int setup(void **state)
{
	void *inner = NULL;
	struct rig *r = calloc(1, sizeof *r);
	if (!r || tk_setup(&inner))
		return -1;
	struct tk *t = r->t = inner;
	*state = r;
	t->image.function = r->function;
	r->record = tk_memory(t, 0x50);
	r->came_back = tk_memory(t, 4);
	r->log = tk_memory(t, 0x400);
	r->log_at = tk_memory(t, 4);
	tk_put32(t, r->log_at, r->log);
	for (unsigned i = 0; i < 2; i++) {
		r->answer[i] = tk_memory(t, 4);
		tk_put32(t, r->answer[i], SEH_CONTINUE_SEARCH);
		r->handler[i] = noting_handler(r, r->answer[i]);
	}
	r->mid = ADD(r, r->handler[0], 0x111, PROLOGUE, I_LOAD(3, r->record), I_CALL(tk_thunk(t, "RtlRaiseException")),
		I_LI(4, 1), I_LOAD(9, r->came_back), I_STW(4, 0, 9), EPILOGUE);
	r->top = ADD(r, r->handler[1], 0x222, PROLOGUE, I_BL(r->mid), I_NOP, EPILOGUE, I_LOAD(9, r->came_back), I_STW(3, 0, 9),
		EPILOGUE);
	r->landed = r->top + 4 * (3 + 4 + 1 + 4);
	r->start = CODE(t, I_BL(r->top), I_B(0));
	tk_put32(t, r->record, CODE_A);
	tk_start(t, r->start);
	r->base = (uint32_t)context_peek(t->m, t->main)->gpr[1];
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	void *inner = r->t;
	r->t->image.function = NULL;
	r->t->image.functions = 0;
	free(r);
	return tk_teardown(&inner);
}
#define RIG \
	struct rig *r = *state; \
	struct tk *t = r->t
#define LOG(i, k) tk_get32(t, r->log + 16 * (i) + 4 * (k))

static unsigned asked(const struct rig *r)
{
	return (tk_get32(r->t, r->log_at) - r->log) / 16;
}

static const struct ppc_context *regs(const struct rig *r)
{
	return context_peek(r->t->m, r->t->main);
}

/* ---- raising ------------------------------------------------------------------------------------------------------------------------ */

static void handlers_are_asked_from_the_raise_upwards(void **state)
{
	RIG;
	assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
	assert_int_equal(asked(r), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(LOG(i, 0), r->record);
		assert_int_equal(LOG(i, 1), r->base - (i ? 0 : FRAME)); /* r1 at the function's entry */
		assert_int_equal(LOG(i, 2), LOG(0, 2));
	}
	uint32_t context = LOG(0, 2), d = LOG(1, 3), ret = r->mid + PROLOGUE_BYTES + 6 * 4;
	assert_int_equal(tk_get32(t, r->record + 0xC), ret); /* the exception's address */
	assert_int_equal(tk_get32(t, context + 8), ret);
	assert_int_equal(tk_get32(t, context + 0x18 + 8 + 4), r->base - 2 * FRAME);
	assert_int_equal(tk_get32(t, d), r->top + PROLOGUE_BYTES + 3 * 4); /* the call */
	assert_int_equal(tk_get32(t, d + 4), r->function[3].entry);
	assert_int_equal(tk_get32(t, d + 8), r->base);
	assert_int_equal(tk_get32(t, d + 12), context);
	assert_int_equal(tk_count(t, EV_EXCEPTION_RAISE), 1);
	assert_int_equal(tk_count(t, EV_EXCEPTION_HANDLER), 2);
	assert_int_equal(tk_event_at(t, EV_EXCEPTION_HANDLER, 1)->aux[0], r->handler[1]);
	assert_int_equal(tk_event_at(t, EV_EXCEPTION_RAISE, 0)->aux[0], CODE_A);
}

/* It stands at the call with the registers of the raise, and raises again if it goes on. */
static void an_exception_that_nobody_wants_stops_at_the_call(void **state)
{
	RIG;
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
		assert_int_equal(asked(r), 2 * i);
		assert_int_equal(regs(r)->pc, tk_thunk(t, "RtlRaiseException") + 8);
		assert_int_equal((uint32_t)regs(r)->gpr[1], r->base - 2 * FRAME);
		assert_int_equal((uint32_t)regs(r)->gpr[3], r->record);
		assert_non_null(strstr(t->stop.text, "e0001234"));
		assert_non_null(strstr(t->stop.text, "2 handlers"));
	}
	assert_int_equal(tk_count(t, EV_FAULT), 3);
	assert_int_equal(tk_get32(t, r->came_back), 0);
}

static void a_handler_may_let_the_raiser_go_on(void **state)
{
	RIG;
	tk_put32(t, r->answer[1], SEH_CONTINUE_EXECUTION);
	assert_int_equal(tk_run(t, 200), STOP_LIMIT);
	assert_int_equal(asked(r), 2);
	assert_int_equal(tk_get32(t, r->came_back), 1);
	assert_int_equal((uint32_t)regs(r)->gpr[1], r->base);
	assert_int_equal(tk_count(t, EV_EXCEPTION_CONTINUE), 1);
	assert_int_equal(tk_count(t, EV_KERNEL_RETURN), 1); /* the call is over as any other */
}

static void going_on_where_it_is_forbidden_is_another_exception(void **state)
{
	RIG;
	tk_put32(t, r->answer[0], SEH_CONTINUE_EXECUTION);
	tk_put32(t, r->record + 4, EXCEPTION_NONCONTINUABLE);
	/* The same handler says the same of each, until there is no stack left: a stop, no more. */
	assert_int_equal(tk_run(t, 1000), STOP_FAULT);
	assert_non_null(strstr(t->stop.text, "no room"));
	assert_true(asked(r) >= 2);
	uint32_t second = LOG(1, 0);
	assert_int_equal(tk_get32(t, second), STATUS_NONCONTINUABLE_EXCEPTION);
	assert_int_equal(tk_get32(t, second + 8), r->record);
	assert_int_equal(LOG(1, 1), LOG(0, 1)); /* it was raised below the first handler's frame */
	assert_true(tk_get32(t, second + 4) & EXCEPTION_NESTED_CALL);
}

static void an_answer_that_is_none_is_another_exception(void **state)
{
	RIG;
	tk_put32(t, r->answer[1], 9);
	assert_int_equal(tk_run(t, 60), STOP_LIMIT);
	assert_int_equal(tk_get32(t, LOG(2, 0)), STATUS_INVALID_DISPOSITION);
	assert_int_equal(tk_get32(t, LOG(2, 0) + 8), r->record);
}

static void a_status_is_raised_with_a_record_of_its_own(void **state)
{
	RIG;
	uint32_t raise =
		ADD(r, r->handler[0], 0, PROLOGUE, I_LOAD(3, 0xC0000123), I_CALL(tk_thunk(t, "RtlRaiseStatus")), EPILOGUE);
	tk_start(t, CODE(t, I_BL(raise), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
	assert_int_equal(asked(r), 1);
	assert_int_equal(tk_get32(t, LOG(0, 0)), 0xC0000123);
	assert_int_equal(tk_get32(t, LOG(0, 0) + 4), EXCEPTION_NONCONTINUABLE);
	assert_int_equal(tk_get32(t, LOG(0, 0) + 16), 0);
	assert_int_equal(t->stop.code, 0xC0000123);
}

static void what_the_kernel_raises_reaches_handlers_too(void **state)
{
	RIG;
	uint32_t semaphore = tk_memory(t, 0x14);
	CALL(t, t->main, "KeInitializeSemaphore", semaphore, 1, 1);
	uint32_t raise = ADD(r, r->handler[0], 0, PROLOGUE, I_LOAD(3, semaphore), I_LI(4, 0), I_LI(5, 1), I_LI(6, 0),
		I_CALL(tk_thunk(t, "KeReleaseSemaphore")), EPILOGUE);
	tk_start(t, CODE(t, I_BL(raise), I_B(0)));
	assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
	assert_int_equal(asked(r), 1);
	assert_int_equal(tk_get32(t, LOG(0, 0)), NT_SEMAPHORE_LIMIT_EXCEEDED);
}

static void functions_without_the_bit_are_not_asked(void **state)
{
	RIG;
	r->function[2].handler = false;
	assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
	assert_int_equal(asked(r), 1);
	assert_int_equal(LOG(0, 1), r->base);
}

/* ---- unwinding ---------------------------------------------------------------------------------------------------------------------- */

/* A handler that unwinds to its own frame: goes on at @ip with @result. */
static uint32_t taking_handler(struct rig *r, const char *by, uint32_t ip, uint32_t result, uint32_t context)
{
	return ADD(r, 0, 0, PROLOGUE, I_LWZ(9, 4, 3), 0x71290066u /* andi. r9,r9,0x66 */, I_BNE(48), I_MR(5, 3), I_MR(3, 4),
		I_LOAD(4, ip), I_LI(6, result), I_LOAD(7, context), I_CALL(tk_thunk(r->t, by)), I_LI(3, 1), EPILOGUE);
}

static void an_unwinding_runs_handlers_and_lands_in_its_frame(void **state)
{
	RIG;
	uint32_t taking = taking_handler(r, "RtlUnwind", r->landed, 77, 0);
	tk_put32(t, r->top - 8, taking);
	while (tk_count(t, EV_EXCEPTION_HANDLER) < 3)
		assert_int_equal(tk_run(t, 1), STOP_LIMIT);
	uint32_t context = (uint32_t)regs(r)->gpr[5];
	assert_int_equal(regs(r)->pc, r->handler[0]);
	assert_int_equal(tk_get32(t, context + 8), r->landed); /* where it will go on */
	assert_int_equal(tk_get32(t, context + 0x18 + 8 * 3 + 4), 77);
	assert_int_equal(tk_get32(t, context + 0x18 + 8 + 4), r->base - 2 * FRAME); /* mid's own registers */
	assert_int_equal(tk_run(t, 300), STOP_LIMIT);
	assert_int_equal(tk_get32(t, r->came_back), 77);
	assert_int_equal((uint32_t)regs(r)->gpr[1], r->base);
	assert_int_equal(regs(r)->pc, r->start + 4 * 4);
	/* Asked: mid to handle it, mid to unwind. */
	assert_int_equal(asked(r), 2);
	assert_int_equal(LOG(1, 0), r->record);
	assert_int_equal(LOG(1, 1), r->base - FRAME);
	assert_int_equal(tk_event_at(t, EV_EXCEPTION_HANDLER, 3)->aux[0], taking);
	assert_int_equal(tk_event_at(t, EV_EXCEPTION_HANDLER, 3)->aux[3], EXCEPTION_UNWINDING | EXCEPTION_TARGET_UNWIND);
	assert_int_equal(tk_count(t, EV_EXCEPTION_UNWIND), 1);
	assert_int_equal(tk_event_at(t, EV_EXCEPTION_UNWIND, 0)->aux[1], r->landed);
}

static void unwind_2_shows_handlers_its_callers_context(void **state)
{
	RIG;
	uint32_t context = tk_memory(t, sizeof(struct g_context));
	tk_put32(t, r->top - 8, taking_handler(r, "RtlUnwind2", r->landed, 78, context));
	assert_int_equal(tk_run(t, 300), STOP_LIMIT);
	assert_int_equal(tk_get32(t, r->came_back), 78);
	assert_int_equal(LOG(1, 2), context);
	assert_int_equal(tk_get32(t, context + 8), r->landed);
}

static void an_unwinding_without_a_record_makes_one(void **state)
{
	RIG;
	uint32_t jump = ADD(r, r->handler[0], 0, PROLOGUE, I_LOAD(3, r->base), I_LOAD(4, r->landed), I_LI(5, 0), I_LI(6, 5),
		I_CALL(tk_thunk(t, "RtlUnwind")), EPILOGUE);
	tk_put32(t, r->top + PROLOGUE_BYTES, I_LIS(12, jump >> 16));
	tk_put32(t, r->top + PROLOGUE_BYTES + 4, I_ORI(12, 12, jump));
	assert_int_equal(tk_run(t, 300), STOP_LIMIT);
	assert_int_equal(tk_get32(t, r->came_back), 5);
	assert_int_equal(asked(r), 2);
	assert_int_equal(tk_get32(t, LOG(0, 0)), STATUS_UNWIND);
	assert_int_equal(tk_get32(t, LOG(0, 0) + 4) & EXCEPTION_UNWIND, EXCEPTION_UNWINDING);
}

/* Between two frames, below the first, above the last; all of them. */
static void an_unwinding_that_leads_nowhere_stops(void **state)
{
	RIG;
	struct g_context g;
	seh_capture(t->m, t->main, r->start, &g);
	static const struct {
		int offset;
		uint32_t status;
		const char *text;
	} rows[] = {
		{ -8, STATUS_INVALID_UNWIND_TARGET, NULL },
		{ -FRAME - 8, STATUS_INVALID_UNWIND_TARGET, NULL },
		{ -0x1000, STATUS_INVALID_UNWIND_TARGET, NULL },
		{ 16, 0, "not on its stack" },
		{ 0, 0, "all of its stack" },
	};
	uint32_t target = tk_memory(t, 4);
	uint32_t jump = ADD(r, 0, 0, PROLOGUE, I_LOAD(9, target), I_LWZ(3, 0, 9), I_LOAD(4, r->landed), I_LI(5, 0), I_LI(6, 5),
		I_CALL(tk_thunk(t, "RtlUnwind")), EPILOGUE);
	tk_put32(t, r->top + PROLOGUE_BYTES, I_LIS(12, jump >> 16));
	tk_put32(t, r->top + PROLOGUE_BYTES + 4, I_ORI(12, 12, jump));
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		seh_restore(t->m, t->main, &g);
		tk_put32(t, target, rows[i].offset ? r->base + (uint32_t)rows[i].offset : 0);
		assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
		assert_int_equal(t->stop.code, rows[i].status);
		if (rows[i].text)
			assert_non_null(strstr(t->stop.text, rows[i].text));
	}
}

/* ---- one step, for the title ---------------------------------------------------------------------------------------------------------- */

static void a_virtual_unwind_gives_the_callers_registers(void **state)
{
	RIG;
	uint32_t frame = r->base - 0x400, context = tk_memory(t, sizeof(struct g_context)), in = tk_memory(t, 4),
		 est = tk_memory(t, 4);
	uint32_t f = ADD(r, 0, 0, MFLR_R12, I_STW(12, -8, 1), 0xFBE1FFE8u /* std r31,-24(r1) */, I_STWU(1, -FRAME, 1),
		I_LI(31, 1), I_NOP, I_NOP, I_ADDI(1, 1, FRAME), I_LWZ(12, -8, 1), MTLR_R12, 0xEBE1FFE8u, I_BLR);
	uint32_t entry = r->function[t->image.functions - 1].entry;
	tk_put32(t, entry + 4, 4 | 12 << 8 | 1u << 30);
	tk_put32(t, frame + FRAME - 8, 0x82345678);
	tk_put64(t, frame + FRAME - 24, UINT64_C(0x1122334455667788));
	tk_put32(t, context + 0x18 + 12, frame);
	tk_put32(t, context + 0xC, 0xDEAD0000);
	assert_int_equal(CALL(t, t->main, "RtlVirtualUnwind", f + 20, entry, context, in, est, 0, 0, 0), 0x82345674);
	assert_int_equal(tk_get32(t, in) >> 24, 1);
	assert_int_equal(tk_get32(t, est), frame + FRAME);
	assert_int_equal(tk_get32(t, context + 0x18 + 12), frame + FRAME);
	assert_int_equal(tk_get32(t, context + 8), 0x82345678);
	assert_true(mem_get64(&t->m->mem, context + 0x18 + 31 * 8) == UINT64_C(0x1122334455667788));
	/* At the entry nothing has happened yet: LR and r31 are the caller's. */
	tk_put32(t, context + 0xC, 0x82000100);
	assert_int_equal(CALL(t, t->main, "RtlVirtualUnwind", f, entry, context, in, est, 0, 0, 0), 0x820000FC);
	assert_int_equal(tk_get32(t, in) >> 24, 0);
	assert_int_equal(tk_get32(t, est), frame + FRAME);
	/* A leaf; a stack that r1 is not in. */
	assert_int_equal(CALL(t, t->main, "RtlVirtualUnwind", f, 0, context, in, est, 0, 0, 0), 0x820000FC);
	assert_int_equal(CALL(t, t->main, "RtlVirtualUnwind", f + 20, entry, context, in, est, 0, 0x1000, 0x2000), 0);
	/* Where registers lie is not told. */
	const uint64_t args[] = { f, entry, context, in, est, context };
	assert_true(tk_call_on(t, t->main, "RtlVirtualUnwind", 6, args).faulted);
}

static void the_type_of_a_throw_is_read(void **state)
{
	RIG;
	uint32_t type = tk_memory(t, 32), catchable = tk_memory(t, 28), array = tk_memory(t, 8), info = tk_memory(t, 16);
	struct g_exception_record e = { .code = be32_of(EXCEPTION_CXX), .number_parameters = be32_of(3) };
	char text[SEH_TYPE_TEXT];
	e.exception_information[0] = be32_of(0x19930520);
	e.exception_information[2] = be32_of(info);
	tk_put32(t, info + 12, array);
	tk_put32(t, array, 1);
	tk_put32(t, array + 4, catchable);
	tk_put32(t, catchable + 4, type);
	assert_false(seh_cxx_type(t->m, &e, text, sizeof text)); /* no name */
	tk_put32(t, type + 8, 0x2E3F4156);                       /* .?AV */
	tk_put32(t, type + 12, 0x58404000);
	assert_true(seh_cxx_type(t->m, &e, text, sizeof text));
	assert_string_equal(text, ".?AVX@@");
	assert_true(seh_cxx_type(t->m, &e, text, 4));
	assert_string_equal(text, ".?A");
	tk_put32(t, catchable + 4, 0x10);
	assert_false(seh_cxx_type(t->m, &e, text, sizeof text));
}

/* ---- what the guest can do ------------------------------------------------------------------------------------------------------------ */

static void a_stack_that_is_not_the_threads_ends_the_search(void **state)
{
	RIG;
	context_row(t->m, t->main)->gpr[1] = TK_DATA + 0xF000;
	assert_int_equal(tk_run(t, 1000), STOP_EXCEPTION);
	assert_int_equal(asked(r), 0);
	assert_non_null(strstr(t->stop.text, "0 handlers"));
}

static void without_room_the_machine_stops(void **state)
{
	RIG;
	const struct w_thread *th = thread_peek(t->m, t->main);
	context_row(t->m, t->main)->gpr[1] = th->stack_limit + 0x1000;
	assert_int_equal(tk_run(t, 1000), STOP_FAULT);
	assert_non_null(strstr(t->stop.text, "no room"));
}

static void a_record_that_cannot_be_read_is_a_fault(void **state)
{
	RIG;
	const uint64_t nowhere[] = { 0x10 };
	assert_true(tk_call_on(t, t->main, "RtlRaiseException", 1, nowhere).faulted);
	assert_int_equal(t->m->pending.kind, STOP_FAULT);
	const uint64_t bad[] = { 0x10, 0x10, 0x10, 0x10 };
	t->m->pending.kind = STOP_NONE;
	assert_true(tk_call_on(t, t->main, "__C_specific_handler", 4, bad).faulted);
	(void)r;
}

static void returning_without_having_been_called_is_illegal(void **state)
{
	RIG;
	tk_start(t, SEH_RETURN);
	assert_int_equal(tk_run(t, 10), STOP_ILLEGAL);
	(void)r;
}

/* A handler scribbles over the stack, the kernel's frame included, with words that are likely to matter. */
static void whatever_a_handler_writes_is_survived(void **state)
{
	RIG;
	struct g_context g;
	uint64_t seed = 7;
	seh_capture(t->m, t->main, r->start, &g);
	for (unsigned round = 0; round < 400; round++) {
		seh_restore(t->m, t->main, &g);
		tk_put32(t, r->log_at, r->log);
		tk_put32(t, r->answer[0], round % 4);
		tk_put32(t, r->answer[1], round / 4 % 5);
		while (tk_run(t, 1) == STOP_LIMIT && regs(r)->pc != r->handler[0])
			;
		uint32_t sp = (uint32_t)regs(r)->gpr[1];
		const uint32_t likely[] = { sp, sp + 16, r->base, r->base - FRAME, SEH_RETURN, SEH_RAISE, SEH_UNWIND, SEH_FILTER,
			SEH_FINALLY, 0, UINT32_MAX, r->top, r->mid, r->record, 1, 0x10 };
		for (unsigned i = 0; i < 1 + round % 40; i++) {
			seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
			uint32_t at = round & 1 ? (uint32_t)(seed >> 33) % 0x100 : (uint32_t)(seed >> 33) % (r->base - sp);
			tk_put32(t, sp + (at & ~3u), likely[(seed >> 20) % ARRAY_LEN(likely)]);
		}
		tk_run(t, 400);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	TEST(handlers_are_asked_from_the_raise_upwards),
	TEST(an_exception_that_nobody_wants_stops_at_the_call),
	TEST(a_handler_may_let_the_raiser_go_on),
	TEST(going_on_where_it_is_forbidden_is_another_exception),
	TEST(an_answer_that_is_none_is_another_exception),
	TEST(a_status_is_raised_with_a_record_of_its_own),
	TEST(what_the_kernel_raises_reaches_handlers_too),
	TEST(functions_without_the_bit_are_not_asked),
	TEST(an_unwinding_runs_handlers_and_lands_in_its_frame),
	TEST(unwind_2_shows_handlers_its_callers_context),
	TEST(an_unwinding_without_a_record_makes_one),
	TEST(an_unwinding_that_leads_nowhere_stops),
	TEST(a_virtual_unwind_gives_the_callers_registers),
	TEST(the_type_of_a_throw_is_read),
	TEST(a_stack_that_is_not_the_threads_ends_the_search),
	TEST(without_room_the_machine_stops),
	TEST(a_record_that_cannot_be_read_is_a_fault),
	TEST(returning_without_having_been_called_is_illegal),
	TEST(whatever_a_handler_writes_is_survived),
};
TK_MAIN(tests)
