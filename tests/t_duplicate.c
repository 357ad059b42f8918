/* tests/t_duplicate.c - the laws of NtDuplicateObject: a fresh slot on the same object, through which every call does what it does through
 * the source. The last law's table has a row for each handle argument of each export that is built: a new call joins by a row. */
#include "config.h"

#include "kernel/guest.h"
#include "kernel/handle.h"
#include "kernel/timer.h"
#include "tests/testkit.h"

#define MAIN(t) ((t)->main)
#define CLOSE_SOURCE 1u

static const struct w_object *object_of(struct tk *t, uint32_t handle)
{
	uint32_t object = tk_object(t, handle);
	assert_int_not_equal(object, 0);
	return object_peek(t->m, object);
}

static const struct w_slot *slot_of(struct tk *t, uint32_t handle)
{
	return slot_peek(t->m, slot_by_handle(t->m, handle));
}

static uint32_t duplicate(struct tk *t, uint32_t handle)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", handle, out, 0), NT_SUCCESS);
	return tk_get32(t, out);
}

/* ---- the fresh slot ---- */

static void nt_duplicate_object_allocates_fresh_handle_id(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = duplicate(t, a), c = duplicate(t, a);
	assert_true(a != b && b != c && a != c);
	assert_true(slot_of(t, a)->sid != slot_of(t, b)->sid && slot_of(t, b)->sid != slot_of(t, c)->sid);
	assert_int_equal(object_of(t, a)->handles, 3);
	assert_int_equal(object_of(t, a)->refs, 3);
	assert_int_equal(tk_count(t, EV_OBJECT_CREATE), 1);
}

static void nt_duplicate_object_emits_handle_create_event(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	tk_forget(t);
	uint32_t b = duplicate(t, a);
	assert_int_equal(tk_count(t, EV_HANDLE_CREATE), 1);
	assert_int_equal(tk_count(t, EV_OBJECT_CREATE), 0);
	const struct event *made = tk_event_at(t, EV_HANDLE_CREATE, 0), *dup = tk_event_at(t, EV_HANDLE_DUP, 0);
	assert_int_equal(made->handle, b);
	assert_int_equal(made->generation, 1);
	assert_int_equal(made->object, object_of(t, a)->id);
	assert_true(made->osid == object_of(t, a)->osid && made->sid == slot_of(t, b)->sid);
	assert_string_equal(made->name, "NtDuplicateObject");
	assert_true(dup->handle == b && dup->aux[0] == a && dup->aux[1] == 1);
}

static void nt_duplicate_object_alias_resolves_to_canonical(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = duplicate(t, a);
	assert_int_equal(tk_object(t, b), tk_object(t, a));
	assert_int_equal(slot_peek(t->m, object_of(t, b)->slot_first)->handle, a);
	CALL(t, MAIN(t), "NtClose", a);
	assert_int_equal(slot_peek(t->m, object_of(t, b)->slot_first)->handle, b);
}

static void nt_duplicate_object_writes_handle_id_to_out_ptr(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 12);
	tk_put32(t, out, 0x11111111);
	tk_put32(t, out + 8, 0x22222222);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", a, out + 4, 0), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out + 4), tk_event_at(t, EV_HANDLE_DUP, 0)->handle);
	assert_int_equal(tk_get32(t, out), 0x11111111);
	assert_int_equal(tk_get32(t, out + 8), 0x22222222);
}

/* ---- one object ---- */

static void signal_wakes(struct tk *t, uint32_t by, uint32_t waited)
{
	uint32_t w = tk_thread(t, 1);
	PARKS(t, w, "NtWaitForSingleObjectEx", waited, 1, 0, 0);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", by, 0), NT_SUCCESS);
	assert_int_equal(tk_wake(t, w), NT_SUCCESS);
	const struct event *signal = tk_event_at(t, EV_OBJECT_SIGNAL, 0), *wake = tk_event_at(t, EV_OBJECT_WAKE, 0);
	assert_int_equal(signal->handle, by);
	assert_int_equal(wake->handle, waited);
	assert_true(signal->object == wake->object && signal->osid == wake->osid);
}

static void nt_duplicate_object_signal_on_dup_wakes_wait_on_source(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 1, false);
	signal_wakes(t, duplicate(t, a), a);
}

static void nt_duplicate_object_signal_on_source_wakes_wait_on_dup(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 1, false);
	signal_wakes(t, a, duplicate(t, a));
}

static void a_duplicate_of_a_duplicate_is_on_the_same_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 1, false), b = duplicate(t, a), c = duplicate(t, b);
	assert_int_equal(tk_object(t, c), tk_object(t, a));
	CALL(t, MAIN(t), "NtClose", a);
	CALL(t, MAIN(t), "NtClose", b);
	assert_int_equal(tk_event_at(t, EV_HANDLE_DUP, 1)->aux[0], b);
	signal_wakes(t, c, duplicate(t, c));
}

/* ---- closing ---- */

static void one_is_closed(struct tk *t, uint32_t closed, uint32_t left)
{
	tk_forget(t);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", closed), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_HANDLE_DESTROY), 1);
	assert_int_equal(tk_event_at(t, EV_HANDLE_DESTROY, 0)->handle, closed);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", closed, 0), NT_INVALID_HANDLE);
	assert_int_equal(CALL(t, MAIN(t), "NtSetEvent", left, 0), NT_SUCCESS);
	assert_int_equal(object_of(t, left)->refs, 1);
}

static void nt_duplicate_object_then_close_dup_keeps_source_live(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = duplicate(t, a);
	one_is_closed(t, b, a);
}

static void nt_duplicate_object_then_close_source_keeps_dup_live(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = duplicate(t, a);
	one_is_closed(t, a, b);
}

static void nt_duplicate_object_close_source_then_close_dup_destroys_object(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = duplicate(t, a), id = object_of(t, a)->id;
	one_is_closed(t, a, b);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", b), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	assert_int_equal(object_by_id(t->m, id), 0);
	assert_int_equal(CALL(t, MAIN(t), "NtClose", b), NT_INVALID_HANDLE);
}

static void nt_duplicate_object_with_close_source_flag(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), out = tk_memory(t, 4), object = tk_object(t, a);
	tk_forget(t);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", a, out, CLOSE_SOURCE), NT_SUCCESS);
	assert_int_equal(tk_object(t, a), 0);
	assert_int_equal(tk_object(t, tk_get32(t, out)), object);
	assert_int_not_equal(tk_get32(t, out), a);
	assert_int_equal(tk_event_at(t, EV_HANDLE_DESTROY, 0)->handle, a);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	assert_int_equal(object_peek(t->m, object)->refs, 1);
}

/* ---- what cannot be duplicated, and what is no slot ---- */

static void invalid(struct tk *t, uint32_t handle)
{
	uint32_t out = tk_memory(t, 4), open = arena_live(&t->m->world, t->m->t_object);
	tk_forget(t);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", handle, out, CLOSE_SOURCE), NT_INVALID_HANDLE);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(tk_count(t, EV_HANDLE_CREATE) + tk_count(t, EV_HANDLE_DESTROY), 0);
	assert_int_equal(tk_count(t, EV_HANDLE_STALE), 1);
	assert_int_equal(arena_live(&t->m->world, t->m->t_object), open);
}

static void nt_duplicate_object_invalid_handle_returns_status_invalid_handle(void **state)
{
	static const uint32_t never[] = { 0, 4, 0x2000, 0xF0000000, 0xF8000004, HANDLE_CURRENT_PROCESS };
	for (unsigned i = 0; i < ARRAY_LEN(never); i++)
		invalid(TK(state), never[i]);
}

static void a_duplicate_of_a_closed_slot_is_invalid(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false), b = duplicate(t, a);
	CALL(t, MAIN(t), "NtClose", a);
	invalid(t, a); /* though the object lives on under its duplicate */
	CALL(t, MAIN(t), "NtClose", b);
	invalid(t, b);
}

static void a_duplicate_of_the_pseudo_handle_is_a_real_one_of_the_thread(void **state)
{
	struct tk *t = TK(state);
	uint32_t w = tk_thread(t, 1), out = tk_memory(t, 4);
	assert_int_equal(CALL(t, w, "NtDuplicateObject", HANDLE_CURRENT_THREAD, out, CLOSE_SOURCE), NT_SUCCESS);
	assert_int_equal(object_of(t, tk_get32(t, out))->thread, w);
	assert_int_equal(object_of(t, tk_get32(t, out))->handles, 2); /* the pseudo-handle is no slot: nothing was closed */
	assert_int_equal(CALL(t, MAIN(t), "NtSuspendThread", tk_get32(t, out), 0), NT_SUCCESS);
	assert_int_equal(thread_peek(t->m, w)->suspend_count, 1);
}

static void a_null_out_pointer_makes_no_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_event(t, 0, false);
	tk_forget(t);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", a, 0, 0), NT_SUCCESS);
	assert_int_equal(object_of(t, a)->handles, 1);
	assert_int_equal(tk_count(t, EV_HANDLE_CREATE) + tk_count(t, EV_HANDLE_DUP), 0);
	assert_int_equal(CALL(t, MAIN(t), "NtDuplicateObject", a, 0, CLOSE_SOURCE), NT_SUCCESS);
	assert_int_equal(tk_object(t, a), 0);
}

/* ---- every call, through an alias ---- */

/* Arguments that only a run knows. */
#define THE_HANDLE UINT64_C(0xA11A500000000001)
#define ANOTHER UINT64_C(0xA11A500000000002) /* a handle to an event that is not signalled */
#define OUT UINT64_C(0xA11A500000000003)     /* 32 bytes */
#define AT_ONCE UINT64_C(0xA11A500000000004) /* a timeout of 0 */
#define LATER UINT64_C(0xA11A500000000006)   /* a timeout of 1 ms */
#define A_FILE UINT64_C(0xA11A500000000007)  /* a handle to another file */
#define A_FOLDER UINT64_C(0xA11A500000000008)
#define BUFFER UINT64_C(0xA11A500000000009)   /* 128 bytes */
#define SEGMENTS UINT64_C(0xA11A50000000000A) /* an array with its address */
#define LIST UINT64_C(0xA11A500000000005)     /* an array with the handle */

/* An argument of @name that takes a handle: of what kind, and with which other arguments. */
static const struct by_handle {
	const char *name;
	unsigned arg;
	enum { EVENT, SEMAPHORE, MUTANT, THREAD, TIMER, FILE_OBJECT, FOLDER, PORT, ENUMERATOR, LISTENER, LINK_OBJECT } what;
	uint64_t args[10];
} by_handle[] = {
	{ "NtCancelTimer", 0, TIMER, { THE_HANDLE, OUT } },
	{ "NtCancelIoFile", 0, FILE_OBJECT, { THE_HANDLE, OUT } },
	{ "NtQuerySymbolicLinkObject", 0, LINK_OBJECT, { THE_HANDLE, BUFFER } },
	{ "NtCancelIoFileEx", 0, FILE_OBJECT, { THE_HANDLE, 0, OUT } }, /* there is none: NOT_FOUND */
	{ "NtDeviceIoControlFile", 0, FILE_OBJECT, { THE_HANDLE, 0, 0, 0, OUT, 0x70000, 0, 0, OUT, 32 } },
	{ "NtDeviceIoControlFile", 1, EVENT, { A_FILE, THE_HANDLE, 0, 0, OUT, 0x70000, 0, 0, OUT, 32 } },
	{ "NtFlushBuffersFile", 0, FILE_OBJECT, { THE_HANDLE, OUT } },
	{ "NtQueryDirectoryFile", 0, FOLDER, { THE_HANDLE, 0, 0, 0, OUT, BUFFER, 0x80, 0, 0 } },
	{ "NtQueryDirectoryFile", 1, EVENT, { A_FOLDER, THE_HANDLE, 0, 0, OUT, BUFFER, 0x80, 0, 0 } },
	{ "NtQueryInformationFile", 0, FILE_OBJECT, { THE_HANDLE, OUT, BUFFER, 0x38, 34 } },
	{ "NtQueryIoCompletion", 0, PORT, { THE_HANDLE, OUT } },
	{ "NtQueryVolumeInformationFile", 0, FILE_OBJECT, { THE_HANDLE, OUT, BUFFER, 0x18, 3 } },
	{ "NtReadFile", 0, FILE_OBJECT, { THE_HANDLE, 0, 0, 0, OUT, BUFFER, 4, AT_ONCE } },
	{ "NtReadFile", 1, EVENT, { A_FILE, THE_HANDLE, 0, 0, OUT, BUFFER, 4, AT_ONCE } },
	{ "NtReadFileScatter", 0, FILE_OBJECT, { THE_HANDLE, 0, 0, 0, OUT, SEGMENTS, 4, AT_ONCE } },
	{ "NtReadFileScatter", 1, EVENT, { A_FILE, THE_HANDLE, 0, 0, OUT, SEGMENTS, 4, AT_ONCE } },
	{ "NtRemoveIoCompletion", 0, PORT, { THE_HANDLE, OUT, OUT, OUT, 0 } },
	{ "NtSetInformationFile", 0, FILE_OBJECT, { THE_HANDLE, OUT, AT_ONCE, 8, 14 } },
	{ "NtSetIoCompletion", 0, PORT, { THE_HANDLE, 1, 2, 3, 4 } },
	{ "NtWriteFile", 0, FILE_OBJECT, { THE_HANDLE, 0, 0, 0, OUT, BUFFER, 4, AT_ONCE } },
	{ "NtWriteFile", 1, EVENT, { A_FILE, THE_HANDLE, 0, 0, OUT, BUFFER, 4, AT_ONCE } },
	{ "NtWriteFileGather", 0, FILE_OBJECT, { THE_HANDLE, 0, 0, 0, OUT, SEGMENTS, 4, AT_ONCE } },
	{ "NtWriteFileGather", 1, EVENT, { A_FILE, THE_HANDLE, 0, 0, OUT, SEGMENTS, 4, AT_ONCE } },
	{ "NtClearEvent", 0, EVENT, { THE_HANDLE } },
	{ "NtClose", 0, EVENT, { THE_HANDLE } },
	{ "NtDuplicateObject", 0, EVENT, { THE_HANDLE, OUT } },
	{ "NtPulseEvent", 0, EVENT, { THE_HANDLE, OUT } },
	{ "NtQueryEvent", 0, EVENT, { THE_HANDLE, OUT } },
	{ "NtQueryMutant", 0, MUTANT, { THE_HANDLE, OUT } },
	{ "NtQuerySemaphore", 0, SEMAPHORE, { THE_HANDLE, OUT } },
	{ "NtQueryTimer", 0, TIMER, { THE_HANDLE, OUT } },
	{ "NtQueueApcThread", 0, THREAD, { THE_HANDLE, TK_CODE } },
	{ "NtReleaseMutant", 0, MUTANT, { THE_HANDLE, OUT } },
	{ "NtReleaseSemaphore", 0, SEMAPHORE, { THE_HANDLE, 2, OUT } },
	{ "NtResumeThread", 0, THREAD, { THE_HANDLE, OUT } },
	{ "NtSetEvent", 0, EVENT, { THE_HANDLE, OUT } },
	{ "NtSetTimerEx", 0, TIMER, { THE_HANDLE, LATER, 0, 1, 0, 0, 5, OUT } },
	{ "NtSignalAndWaitForSingleObjectEx", 0, EVENT, { THE_HANDLE, ANOTHER, 1, 0, AT_ONCE } },
	{ "NtSignalAndWaitForSingleObjectEx", 1, EVENT, { ANOTHER, THE_HANDLE, 1, 0, 0 } },
	{ "NtSuspendThread", 0, THREAD, { THE_HANDLE, OUT } },
	{ "NtWaitForSingleObjectEx", 0, EVENT, { THE_HANDLE, 1, 0, 0 } },
	{ "NtWaitForMultipleObjectsEx", 1, EVENT, { 1, LIST, 1, 1, 0, 0 } },
	{ "ObReferenceObjectByHandle", 0, EVENT, { THE_HANDLE, 0, OUT } },
	{ "XamEnumerate", 0, ENUMERATOR, { THE_HANDLE, 0, BUFFER, 128, OUT, 0 } },
	{ "XamGetPrivateEnumStructureFromHandle", 0, ENUMERATOR, { THE_HANDLE, OUT } },
	{ "XamTaskCloseHandle", 0, THREAD, { THE_HANDLE } },
	{ "XamTaskShouldExit", 0, THREAD, { THE_HANDLE } },
	{ "XNotifyGetNext", 0, LISTENER, { THE_HANDLE, 0, OUT, 0 } },
};

static const struct by_handle *row_of(const char *name, unsigned arg)
{
	for (unsigned i = 0; i < ARRAY_LEN(by_handle); i++)
		if (!strcmp(by_handle[i].name, name) && by_handle[i].arg == arg)
			return &by_handle[i];
	return NULL;
}

static void every_call_that_takes_a_handle_has_a_row_here(void **state)
{
	for (unsigned row = 0; row < export_count; row++) {
		const struct export *e = &export_table[row];
		for (unsigned i = 0; e->state == EXPORT_IMPL && i < e->nargs; i++)
			if (e->args[i].type == AT_HANDLE && !row_of(e->name, i))
				fail_msg("%s takes a handle as argument %u: by_handle[] of tests/t_duplicate.c needs a row",
					e->name, i);
	}
	for (unsigned i = 0; i < ARRAY_LEN(by_handle); i++)
		assert_true(export_find_name(by_handle[i].name) >= 0);
}

/* cache:\<name>, made or opened, asynchronous, with 16 bytes in it; or the root folder. */
static uint32_t open_file(struct tk *t, const char *path)
{
	uint32_t out = tk_memory(t, 4), iosb = tk_memory(t, 8), name = tk_memory(t, 8), attributes = tk_memory(t, 12),
		 text = tk_string(t, path), size = tk_memory(t, 8);
	bool folder = path[strlen(path) - 1] == '\\';
	tk_put32(t, name, (uint32_t)strlen(path) << 16 | (uint32_t)strlen(path));
	tk_put32(t, name + 4, text);
	tk_put32(t, attributes + 4, name);
	assert_int_equal(
		CALL(t, MAIN(t), "NtCreateFile", out, 0xC0000000, attributes, iosb, 0, 0, 7, folder ? 1 : 3, 0), NT_SUCCESS);
	if (!folder) {
		tk_put64(t, size, 16);
		assert_int_equal(CALL(t, MAIN(t), "NtSetInformationFile", tk_get32(t, out), iosb, size, 8, 20), NT_SUCCESS);
	}
	return tk_get32(t, out);
}

static uint32_t attributes_of(struct tk *t, const char *text)
{
	uint32_t a = tk_memory(t, 12), s = tk_memory(t, 8);
	tk_put32(t, s, (uint32_t)strlen(text) << 16 | (uint32_t)strlen(text));
	tk_put32(t, s + 4, tk_string(t, text));
	tk_put32(t, a + 4, s);
	return a;
}

static uint32_t make(struct tk *t, const struct by_handle *b)
{
	uint32_t out = tk_memory(t, 16);
	switch (b->what) {
	case SEMAPHORE: assert_int_equal(CALL(t, MAIN(t), "NtCreateSemaphore", out, 0, 1, 9), NT_SUCCESS); break;
	case MUTANT: assert_int_equal(CALL(t, MAIN(t), "NtCreateMutant", out, 0, 1), NT_SUCCESS); break;
	case THREAD: assert_int_equal(CALL(t, MAIN(t), "ExCreateThread", out, 0, 0, 0, TK_CODE, 0, 1), NT_SUCCESS); break;
	case TIMER: /* armed */
		tk_put64(t, out + 8, (uint64_t)-50000);
		assert_int_equal(CALL(t, MAIN(t), "NtCreateTimer", out, 0, 0), NT_SUCCESS);
		assert_int_equal(CALL(t, MAIN(t), "NtSetTimerEx", tk_get32(t, out), out + 8, 0, 1, 0, 0, 0, 0), NT_SUCCESS);
		break;
	case FILE_OBJECT: return open_file(t, "cache:\\a");
	case FOLDER: return open_file(t, "cache:\\");
	case PORT: assert_int_equal(CALL(t, MAIN(t), "NtCreateIoCompletion", out, 0, 0, 0), NT_SUCCESS); break;
	case ENUMERATOR: assert_int_equal(CALL(t, MAIN(t), "XamContentCreateDeviceEnumerator", 1, 0, 1, out + 4, out), 0); break;
	case LISTENER: return (uint32_t)CALL(t, MAIN(t), "XamNotifyCreateListener", 1, 0);
	case LINK_OBJECT: assert_int_equal(CALL(t, MAIN(t), "NtOpenSymbolicLinkObject", out, attributes_of(t, "d:")), NT_SUCCESS); break;
	default: return tk_event(t, 0, false);
	}
	return tk_get32(t, out);
}

/* What a call did, without the handle's own number: result, memory, state of the object, events. */
struct deed {
	uint64_t r3, events, due;
	bool parked;
	int32_t state;
	uint32_t out[8], refs, waiters, suspended;
};

static void hash_event(uint64_t *h, const struct event *ev)
{
	*h = fnv_u64(fnv_u64(*h, ev->kind), ev->osid);
	if (ev->kind != EV_KERNEL_CALL && ev->kind != EV_HANDLE_DUP)
		for (unsigned i = 0; i < ARRAY_LEN(ev->aux); i++)
			*h = fnv_u64(*h, ev->aux[i]);
}

/* Both a handle and its alias exist; one of them is used. */
static struct deed do_it(const struct by_handle *b, bool by_alias)
{
	struct tk *t = tk_new();
	struct deed d = { .events = FNV_BASIS };
	uint32_t source = make(t, b), alias = duplicate(t, source), used = by_alias ? alias : source;
	uint32_t another = tk_event(t, 0, false), out = tk_memory(t, 32), zero = tk_memory(t, 8), later = tk_memory(t, 8),
		 list = tk_memory(t, 4);
	uint32_t object = tk_object(t, source);
	uint32_t file = open_file(t, "cache:\\b"), folder = open_file(t, "cache:\\"), buffer = tk_memory(t, 0x80),
		 segments = tk_memory(t, 4);
	uint64_t args[10];
	tk_put32(t, segments, buffer);
	tk_put32(t, list, used);
	tk_put64(t, later, (uint64_t)-10000);
	const uint64_t known[][2] = { { THE_HANDLE, used }, { ANOTHER, another }, { OUT, out }, { AT_ONCE, zero },
		{ LATER, later }, { LIST, list }, { A_FILE, file }, { A_FOLDER, folder }, { BUFFER, buffer },
		{ SEGMENTS, segments } };
	for (unsigned i = 0; i < ARRAY_LEN(args); i++) {
		args[i] = b->args[i];
		for (unsigned k = 0; k < ARRAY_LEN(known); k++)
			args[i] = b->args[i] == known[k][0] ? known[k][1] : args[i];
	}
	tk_forget(t);
	struct tk_result r = tk_call_on(t, MAIN(t), b->name, ARRAY_LEN(args), args);
	assert_false(r.faulted);
	d.r3 = r.parked ? 0 : r.r3;
	d.parked = r.parked;
	d.state = object_signal_state(t->m, object);
	d.due = timer_due(t->m, object);
	d.refs = object_peek(t->m, object)->refs;
	d.waiters = object_peek(t->m, object)->waiters;
	if (b->what == THREAD)
		d.suspended = thread_peek(t->m, object_peek(t->m, object)->thread)->suspend_count;
	for (unsigned i = 0; i < ARRAY_LEN(d.out); i++)
		d.out[i] = tk_get32(t, out + i * 4);
	bool named = false, success = d.r3 == NT_SUCCESS || d.r3 == NT_TIMEOUT || d.r3 == NT_PENDING || d.r3 == NT_NOT_FOUND ||
				      d.r3 == NT_BUFFER_TOO_SMALL || (b->what == LISTENER && d.r3 == 1);
	for (unsigned i = 0; i < t->events; i++) {
		hash_event(&d.events, &t->event[i]);
		named |= t->event[i].handle == used;
	}
	if (!success)
		fail_msg("%s: %08x", b->name, (uint32_t)d.r3);
	/* Queries and references emit nothing about the handle. What emits, says which name was used. */
	if (!named && (d.waiters || tk_count(t, EV_OBJECT_SIGNAL) || tk_count(t, EV_OBJECT_RELEASE) ||
			      tk_count(t, EV_OBJECT_PULSE) || tk_count(t, EV_TIMER_SET) || tk_count(t, EV_TIMER_CANCEL)))
		fail_msg("%s: no event names the handle used", b->name);
	tk_free(t);
	return d;
}

static void every_call_does_through_an_alias_what_it_does_through_the_source(void **state)
{
	for (unsigned i = 0; i < ARRAY_LEN(by_handle); i++) {
		struct deed source = do_it(&by_handle[i], false), alias = do_it(&by_handle[i], true);
		assert_int_equal(source.r3, alias.r3);
		assert_int_equal(source.parked, alias.parked);
		assert_int_equal(source.state, alias.state);
		assert_true(source.due == alias.due);
		assert_int_equal(source.refs, alias.refs);
		assert_int_equal(source.waiters, alias.waiters);
		assert_int_equal(source.suspended, alias.suspended);
		assert_memory_equal(source.out, alias.out, sizeof source.out);
		if (source.events != alias.events)
			fail_msg("%s: its events differ", by_handle[i].name);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(nt_duplicate_object_allocates_fresh_handle_id),
	TK_TEST(nt_duplicate_object_emits_handle_create_event),
	TK_TEST(nt_duplicate_object_alias_resolves_to_canonical),
	TK_TEST(nt_duplicate_object_writes_handle_id_to_out_ptr),
	TK_TEST(nt_duplicate_object_signal_on_dup_wakes_wait_on_source),
	TK_TEST(nt_duplicate_object_signal_on_source_wakes_wait_on_dup),
	TK_TEST(a_duplicate_of_a_duplicate_is_on_the_same_object),
	TK_TEST(nt_duplicate_object_then_close_dup_keeps_source_live),
	TK_TEST(nt_duplicate_object_then_close_source_keeps_dup_live),
	TK_TEST(nt_duplicate_object_close_source_then_close_dup_destroys_object),
	TK_TEST(nt_duplicate_object_with_close_source_flag),
	TK_TEST(nt_duplicate_object_invalid_handle_returns_status_invalid_handle),
	TK_TEST(a_duplicate_of_a_closed_slot_is_invalid),
	TK_TEST(a_duplicate_of_the_pseudo_handle_is_a_real_one_of_the_thread),
	TK_TEST(a_null_out_pointer_makes_no_handle),
	cmocka_unit_test(every_call_that_takes_a_handle_has_a_row_here),
	cmocka_unit_test(every_call_does_through_an_alias_what_it_does_through_the_source),
};
TK_MAIN(tests)
