/* kernel/loader.c - see loader.h */
#include "config.h"

#include "kernel/loader.h"

#include <stdio.h>

#include "kernel/apc.h"
#include "kernel/call.h"
#include "kernel/cont.h"
#include "kernel/critsec.h"
#include "kernel/dpc.h"
#include "kernel/emit.h"
#include "kernel/handlers.h"
#include "kernel/place.h"
#include "kernel/rows.h"
#include "kernel/stop.h"
#include "kernel/thread.h"
#include "kernel/vars.h"
#include "kernel/xex.h"

#define DLL_INIT_FAILED 0xC0000142u /* NT's: an entry point has returned FALSE */

enum loader_job {
	JOB_START,       /* the title's first thread, before its first instruction: the libraries that the title imports from */
	JOB_LOAD,        /* XexLoadImage */
	JOB_UNLOAD,      /* XexUnloadImage */
	JOB_UNLOAD_EXIT, /* XexUnloadImageAndExitThread */
	JOB_ATTACH,      /* a thread begins */
	JOB_DETACH,      /* a thread ends */
};

static const char *const reason_words[] = {
#define LOADER_REASON(id, number, word) [number] = (word),
	LOADER_REASONS(LOADER_REASON)
#undef LOADER_REASON
};

const char *loader_reason_word(unsigned reason)
{
	return reason < ARRAY_LEN(reason_words) ? reason_words[reason] : "?";
}

void loader_layout(struct machine *m)
{
	m->t_loader = arena_table_add(&m->world, "loader", sizeof(struct w_loader), LOADERS_MAX);
}

static struct w_loader *job_row(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_loader, row);
}

static void state_set(struct machine *m, uint32_t module, enum module_state s)
{
	((struct w_module *)arena_row(&m->world, m->t_module, module))->state = (uint8_t)s;
}

uint32_t loader_of(const struct machine *m, uint32_t thread)
{
	uint32_t found = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_loader); row++)
		if (loader_peek(m, row)->thread == thread &&
			(!found || loader_peek(m, row)->number > loader_peek(m, found)->number))
			found = row;
	return found;
}

/* Bits of the libraries in @state. */
static uint32_t modules_in(const struct machine *m, enum module_state state)
{
	uint32_t set = 0;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_module); row++)
		if (module_peek(m, row)->state == state)
			set |= 1u << (row - 1);
	return set;
}

/* The call that @thread is in, as its handler saw it: the arguments are still in its registers. */
static struct call call_of(const struct machine *m, uint32_t thread)
{
	const struct ppc_context *ctx = context_peek(m, thread);
	struct call c = { .thread = thread, .row = thread_peek(m, thread)->export_row - 1, .lr = (uint32_t)ctx->lr };
	for (unsigned i = 0; i < 8; i++)
		c.arg[i] = ctx->gpr[3 + i];
	return c;
}

/* ---- the end of a job ---------------------------------------------------------------------------------------------------------------- */

static void call_end(struct machine *m, uint32_t thread, const struct w_loader *j)
{
	struct call c = call_of(m, thread);
	uint32_t module = j->module && j->status == NT_SUCCESS ? module_peek(m, j->module)->ldr_ga : 0;
	if (j->job == JOB_LOAD && j->called != UINT32_MAX)
		out32(m, &c, arg32(&c, 3), module);
	call_finish(m, thread, j->status);
}

static void job_end(struct machine *m, uint32_t row)
{
	const struct w_loader j = *loader_peek(m, row);
	memset(job_row(m, row), 0, sizeof(struct w_loader));
	arena_give(&m->world, m->t_loader, row);
	place_remove(m, j.drop);
	if (j.locked)
		critsec_leave(m, j.thread, vars_loader_lock());
	switch ((enum loader_job)j.job) {
	case JOB_LOAD:
	case JOB_UNLOAD: call_end(m, j.thread, &j); break;
	case JOB_UNLOAD_EXIT: loader_thread_end(m, j.thread, j.status); break;
	case JOB_DETACH: apc_rundown(m, j.thread, j.status); break;
	case JOB_START:
		if (j.status != NT_SUCCESS)
			title_end(m, &(struct call){ .thread = j.thread }, j.status);
		break;
	case JOB_ATTACH: break;
	}
}

/* ---- calling entry points and TLS callbacks ------------------------------------------------------------------------------------------------- */

/* Who is told next: libraries that are needed by others first when things begin, last when they end; then the title. 0 = nobody. */
static uint32_t next_of(const struct machine *m, const struct w_loader *j)
{
	bool down = j->reason == LOADER_PROCESS_DETACH || j->reason == LOADER_THREAD_DETACH;
	uint32_t found = 0;
	for (uint32_t row = 1; row <= MODULES_MAX; row++) {
		if (!(j->todo >> (row - 1) & 1))
			continue;
		bool before = !found || (module_peek(m, row)->order < module_peek(m, found)->order) != down;
		found = before ? row : found;
	}
	return found || !j->title ? found : MODULE_TITLE;
}

/* What a module is called and is told by. */
struct told {
	char name[64];
	uint32_t row, base, entry, ldr; /* @row: of module.h's functions; entry 0 = it is told nothing by it */
};

static struct told told_of(const struct machine *m, uint32_t module)
{
	const struct w_machine *g = machine_row(m);
	struct told t = { .base = g->image_base, .ldr = g->exe_module_ga };
	if (module != MODULE_TITLE) {
		const struct w_module *w = module_peek(m, module);
		t = (struct told){ .row = module, .base = w->base, .entry = w->entry, .ldr = w->ldr_ga };
	}
	snprintf(t.name, sizeof t.name, "%s", t.row ? module_peek(m, module)->name : m->image->name);
	return t;
}

/* False: without room on its stack the machine stops; if it is made to go on, the code was never called. */
static bool code_call(struct machine *m, const struct w_loader *j, const struct told *t, uint32_t pc, uint32_t module)
{
	const uint32_t arg[3] = { module, j->reason, 0 };
	char why[48];
	snprintf(why, sizeof why, "%s%s", loader_reason_word(j->reason), j->entered ? "" : ", TLS callback");
	emit_named4(m, EV_MODULE_CALL, j->thread, t->name, (uint64_t[4]){ pc, j->reason, t->base, t->ldr }, why);
	return apc_call(m, j->thread, pc, TRAP_LOADER, 3, arg);
}

/* The next TLS callback of who is being told, 0 = all have been called. Where NT would read or jump wherever a bad array leads, the machine stops. */
static uint32_t callback_next(struct machine *m, struct w_loader *j, const struct told *t)
{
	const char *bad;
	char line[160];
	uint32_t callback = module_tls_callback(m, t->row, j->callback, &bad);
	if (bad) {
		snprintf(line, sizeof line, "%s, TLS callback %u: %s", t->name, j->callback, bad);
		stop_plain(m, STOP_FAULT, j->thread, 0, line);
	}
	j->callback++;
	return callback;
}

/* Calls what comes next of who is being told. False: all is said. */
static bool tell(struct machine *m, struct w_loader *j)
{
	const struct told t = told_of(m, j->called);
	uint32_t callback = callback_next(m, j, &t);
	if (callback)
		return code_call(m, j, &t, callback, t.base);
	j->entered = t.entry != 0;
	if (j->entered)
		return code_call(m, j, &t, t.entry, t.ldr);
	if (t.row && j->reason == LOADER_PROCESS_ATTACH)
		state_set(m, t.row, MODULE_READY);
	return false;
}

/* Takes who is told next into the job. False: nobody is left. */
static bool next_take(struct machine *m, struct w_loader *j)
{
	while (j->todo || j->title) {
		uint32_t module = next_of(m, j);
		j->called = module;
		j->callback = j->entered = 0;
		if (module == MODULE_TITLE) {
			j->title = 0;
			return true;
		}
		j->todo &= ~(1u << (module - 1));
		uint8_t state = module_peek(m, module)->state;
		if (state == MODULE_FREE || (j->reason >= LOADER_THREAD_ATTACH && state != MODULE_READY))
			continue;
		if (j->reason <= LOADER_PROCESS_ATTACH)
			state_set(m, module, j->reason == LOADER_PROCESS_ATTACH ? MODULE_ATTACHING : MODULE_DETACHING);
		return true;
	}
	j->called = 0;
	return false;
}

/* Calls what comes next, or ends. A library with neither entry point nor callbacks is told nothing. */
static void job_go_on(struct machine *m, uint32_t row)
{
	struct w_loader *j = job_row(m, row);
	while (j->called || next_take(m, j)) {
		if (tell(m, j))
			return;
		j->called = 0;
	}
	job_end(m, row);
}

/* What was to be loaded will not be: those that were told of its beginning are told of its end. */
static void load_fail(struct machine *m, uint32_t row, uint32_t module)
{
	struct w_loader *j = job_row(m, row);
	char name[64];
	snprintf(name, sizeof name, "%s", module_peek(m, module)->name);
	j->status = DLL_INIT_FAILED;
	emit_named4(m, EV_MODULE_REFUSE, j->thread, name, (uint64_t[4]){ DLL_INIT_FAILED }, "its entry point returned FALSE");
	state_set(m, module, MODULE_READY);
	j->drop = j->job == JOB_LOAD ? place_release(m, j->module) : 0;
	j->todo = j->drop & modules_in(m, MODULE_READY);
	j->title = 0;
	j->reason = LOADER_PROCESS_DETACH;
}

bool loader_returned(struct machine *m, uint32_t thread)
{
	uint32_t row = loader_of(m, thread), r3;
	if (!row || !loader_peek(m, row)->called || !apc_call_end(m, thread, &r3))
		return false;
	struct w_loader *j = job_row(m, row);
	uint32_t module = j->called;
	if (j->entered) /* what a TLS callback returns says nothing */
		j->called = 0;
	if (j->entered && j->reason == LOADER_PROCESS_ATTACH && module_peek(m, module)->state == MODULE_ATTACHING) {
		if (r3)
			state_set(m, module, MODULE_READY);
		else
			load_fail(m, row, module);
	}
	job_go_on(m, row);
	return true;
}

/* ---- the begin of a job ----------------------------------------------------------------------------------------------------------------- */

static void refused(struct machine *m, struct w_loader *j, const char *path, uint32_t status, const char *why)
{
	j->status = status;
	emit_named4(m, EV_MODULE_REFUSE, j->thread, path, (uint64_t[4]){ status }, why);
}

/* Of the system, the title, or a library that is there: one count more. True: it was. */
static bool there_already(struct machine *m, struct w_loader *j, struct call *c, const char *path)
{
	uint32_t module = module_by_name(m, path);
	uint32_t entry = module ? module_peek(m, module)->ldr_ga : *path ? xex_module_entry(m, path) : 0;
	if (!entry)
		return false;
	uint16_t n = mem_get16(&m->mem, GA(entry, g_ldr_data_table_entry, load_count));
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, load_count), n == UINT16_MAX ? n : n + 1);
	j->module = module;
	if (!module) {
		out32(m, c, arg32(c, 3), entry);
		j->called = UINT32_MAX; /* the answer has been given */
	}
	return true;
}

static void load_begin(struct machine *m, uint32_t row)
{
	struct w_loader *j = job_row(m, row);
	struct call c = call_of(m, j->thread);
	struct placing p;
	char path[512];
	in_string(m, &c, arg32(&c, 0), path, sizeof path);
	if (c.faulted || there_already(m, j, &c, path))
		return;
	j->module = place_library(m, path, &p);
	j->todo = p.placed;
	if (!j->module)
		refused(m, j, path, p.refused, p.err.text);
}

/* The system's and the title itself stay. */
static void unload_begin(struct machine *m, uint32_t row)
{
	struct w_loader *j = job_row(m, row);
	struct call c = call_of(m, j->thread);
	j->module = module_by_ldr(m, arg32(&c, 0));
	if (j->job == JOB_UNLOAD_EXIT)
		j->status = arg32(&c, 1);
	else if (!j->module && !xex_is_system(m, arg32(&c, 0)))
		j->status = NT_INVALID_HANDLE; /* xenia-canary, XexUnloadImage */
	if (!j->module)
		return;
	j->drop = place_release(m, j->module);
	j->todo = j->drop & modules_in(m, MODULE_READY);
}

static bool title_is_told(const struct machine *m)
{
	const char *bad;
	return module_tls_callback(m, 0, 0, &bad) || bad;
}

/* It has the lock. */
static void job_begin(struct machine *m, uint32_t row)
{
	struct w_loader *j = job_row(m, row);
	static const uint8_t reasons[] = { [JOB_START] = LOADER_PROCESS_ATTACH,
		[JOB_LOAD] = LOADER_PROCESS_ATTACH,
		[JOB_UNLOAD] = LOADER_PROCESS_DETACH,
		[JOB_UNLOAD_EXIT] = LOADER_PROCESS_DETACH,
		[JOB_ATTACH] = LOADER_THREAD_ATTACH,
		[JOB_DETACH] = LOADER_THREAD_DETACH };
	j->locked = 1;
	j->reason = reasons[j->job];
	if (j->job == JOB_LOAD)
		load_begin(m, row);
	else if (j->job == JOB_UNLOAD || j->job == JOB_UNLOAD_EXIT)
		unload_begin(m, row);
	else {
		j->todo = modules_in(m, j->job == JOB_START ? MODULE_PLACED : MODULE_READY);
		j->title = title_is_told(m);
	}
	if (j->called == UINT32_MAX)
		job_end(m, row);
	else
		job_go_on(m, row);
}

/* False: no room. */
static bool job_new(struct machine *m, uint32_t thread, enum loader_job job, uint32_t status)
{
	uint32_t below = loader_of(m, thread), row = arena_take(&m->world, m->t_loader);
	if (!row)
		return false;
	*job_row(m, row) = (struct w_loader){
		.number = below ? loader_peek(m, below)->number + 1 : 1, .thread = thread, .status = status, .job = (uint8_t)job
	};
	if (critsec_enter(m, thread, vars_loader_lock(), CONT_LOADER))
		job_begin(m, row);
	return true;
}

void cont_LOADER(struct machine *m, uint32_t thread)
{
	critsec_own(m, thread, vars_loader_lock());
	job_begin(m, loader_of(m, thread));
}

/* ---- threads --------------------------------------------------------------------------------------------------------------------------- */

/* There is something to tell, and somebody: libraries are told of the title's threads only (xenia-canary, KernelState::OnThreadExecute). */
static bool is_told(const struct machine *m, uint32_t thread)
{
	const struct w_thread *t = thread_peek(m, thread);
	bool titles = !t->host && !thread_is_dpc(t) && !(t->creation_flags & THREAD_SYSTEM);
	return titles && (arena_live(&m->world, m->t_module) || title_is_told(m));
}

bool loader_thread_begin(struct machine *m, uint32_t thread)
{
	bool first = thread == machine_row(m)->main_thread;
	if (!is_told(m, thread))
		return false;
	m->acting = thread;
	bool begun = job_new(m, thread, first ? JOB_START : JOB_ATTACH, NT_SUCCESS);
	m->acting = 0;
	return begun;
}

void loader_thread_end(struct machine *m, uint32_t thread, uint32_t status)
{
	thread_row(m, thread)->in_call = 0;
	if (!is_told(m, thread) || !job_new(m, thread, JOB_DETACH, status))
		apc_rundown(m, thread, status);
}

void loader_thread_gone(struct machine *m, uint32_t thread)
{
	for (uint32_t row = loader_of(m, thread); row; row = loader_of(m, thread)) {
		memset(job_row(m, row), 0, sizeof(struct w_loader));
		arena_give(&m->world, m->t_loader, row);
	}
}

/* ---- calls ------------------------------------------------------------------------------------------------------------------------------ */

static void call_job(struct machine *m, struct call *c, enum loader_job job)
{
	c->parked = job_new(m, c->thread, job, NT_SUCCESS);
	if (!c->parked)
		call_return(c, NT_NO_MEMORY);
}

/* xboxkrnl 0x199: (path, flags, least version, module *). What the flags say of the kind of module is in its headers too. */
void k_XexLoadImage(struct machine *m, struct call *c)
{
	call_job(m, c, JOB_LOAD);
}

/* xboxkrnl 0x1A1: (module). */
void k_XexUnloadImage(struct machine *m, struct call *c)
{
	call_job(m, c, JOB_UNLOAD);
}

/* xboxkrnl 0x1A2: (module, exit status): what a library's own thread ends with. */
void k_XexUnloadImageAndExitThread(struct machine *m, struct call *c)
{
	call_job(m, c, JOB_UNLOAD_EXIT);
}
