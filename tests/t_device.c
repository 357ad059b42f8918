/* tests/t_device.c - the laws of devices that a title's driver makes, and of the accounts of who shares a file. */
#include "config.h"

#include "kernel/object.h"
#include "kernel/rows.h"
#include "kernel/vars.h"
#include "tests/filekit.h"

#define GENERIC_ALL 0x10000000u
#define ATTRIBUTES 0x1000u

/* An ANSI_STRING. */
static uint32_t ansi(struct tk *t, const char *text)
{
	uint32_t s = tk_memory(t, 8), n = (uint32_t)strlen(text);
	tk_put32(t, s, n << 16 | (n + 1));
	tk_put32(t, s + 4, tk_string(t, text));
	return s;
}

/* A driver object without routines. */
static uint32_t driver_of(struct tk *t)
{
	return tk_memory(t, 0x38);
}

static uint32_t create(struct tk *t, const char *name, uint32_t type, uint32_t extension, uint32_t *status)
{
	uint32_t out = tk_memory(t, 4);
	*status = (uint32_t)CALL(
		t, t->main, "IoCreateDevice", driver_of(t), extension, name ? ansi(t, name) : 0, type, ATTRIBUTES, out);
	return tk_get32(t, out);
}

static uint32_t device(struct tk *t, const char *name)
{
	uint32_t status, ga = create(t, name, 8, 0x20, &status);
	assert_int_equal(status, NT_SUCCESS);
	return ga;
}

/* ---- devices ------------------------------------------------------------------------------------------------------------- */

static void a_device_has_the_public_layout(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), driver = driver_of(t);
	assert_int_equal(
		CALL(t, t->main, "IoCreateDevice", driver, 0x21, ansi(t, "\\Device\\cache0"), 8, ATTRIBUTES, out), NT_SUCCESS);
	uint32_t ga = tk_get32(t, out);
	assert_int_equal(tk_get32(t, ga), 0x00030071); /* type, size with the extension as it was asked for */
	assert_int_equal(tk_get32(t, ga + 4), 0);
	assert_int_equal(tk_get32(t, ga + 8), driver);
	assert_int_equal(tk_get32(t, ga + 0xC), ga);
	assert_int_equal(tk_get32(t, ga + 0x14), 0x18);
	assert_int_equal(tk_get32(t, ga + 0x18), ga + 0x50);
	assert_int_equal(tk_get32(t, ga + 0x1C), 0x08000100);
	for (uint32_t at = 0x20; at < 0x50 + 0x28; at += 4)
		assert_int_equal(tk_get32(t, ga + at), 0);
}

static void one_without_name_and_extension_says_so(void **state)
{
	struct tk *t = TK(state);
	uint32_t status, ga = create(t, NULL, 7, 0, &status); /* a disk: nothing is mounted on it yet */
	assert_int_equal(status, NT_SUCCESS);
	assert_int_equal(tk_get32(t, ga), 0x00030050);
	assert_int_equal(tk_get32(t, ga + 0xC), 0);
	assert_int_equal(tk_get32(t, ga + 0x14), 0x10);
	assert_int_equal(tk_get32(t, ga + 0x18), 0);
}

static void it_is_an_object_of_the_titles(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = device(t, "\\Device\\d"), object = object_by_ga(t->m, ga), out = tk_memory(t, 4);
	uint32_t type = vars_object_type(OT_DEVICE);
	assert_int_equal(tk_count(t, EV_OBJECT_CREATE), 1);
	assert_string_equal(object_type_name(object_peek(t->m, object)->type), "Device");
	assert_int_equal(tk_get32(t, ga - 8), type);
	assert_int_equal(CALL(t, t->main, "ObIsTitleObject", ga), 1);
	assert_int_equal(object_by_name(t->m, "\\device\\D"), object);
	assert_int_equal(CALL(t, t->main, "ObReferenceObject", ga), 2);
	CALL(t, t->main, "ObDereferenceObject", ga);
	assert_int_equal(CALL(t, t->main, "ObOpenObjectByPointer", ga, type, out), NT_SUCCESS);
	assert_int_equal(tk_object(t, tk_get32(t, out)), object);
	assert_int_equal(CALL(t, t->main, "ObOpenObjectByPointer", ga, vars_object_type(OT_FILE), out), NT_OBJECT_TYPE_MISMATCH);
}

static void a_name_is_given_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t status;
	device(t, "\\Device\\one");
	CALL(t, t->main, "ObCreateSymbolicLink", ansi(t, "\\??\\u:"), ansi(t, "\\Device\\one"));
	const struct {
		const char *name;
		uint32_t status;
	} cases[] = { { "\\Device\\ONE", NT_OBJECT_NAME_COLLISION }, { "\\??\\u:", NT_OBJECT_NAME_COLLISION },
		{ "\\Device\\Harddisk0\\Partition1", NT_OBJECT_NAME_COLLISION }, { "one", NT_OBJECT_NAME_INVALID },
		{ "", NT_OBJECT_NAME_INVALID }, { "\\", NT_OBJECT_NAME_INVALID }, { "\\Device\\two", NT_SUCCESS } };
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		uint32_t ga = create(t, cases[i].name, 8, 0, &status);
		assert_int_equal(status, cases[i].status);
		assert_int_equal(ga != 0, status == NT_SUCCESS);
	}
	assert_int_equal(create(t, NULL, 8, 0xFFB0, &status), 0);
	assert_int_equal(status, NT_INSUFFICIENT_RESOURCES);
	assert_int_equal(create(t, NULL, 8, UINT32_MAX, &status), 0);
	assert_int_equal(status, NT_INSUFFICIENT_RESOURCES);
}

static void deleting_frees_the_name_and_the_last_reference_the_device(void **state)
{
	struct tk *t = TK(state);
	uint32_t ga = device(t, "\\Device\\x"), out = tk_memory(t, 4);
	CALL(t, t->main, "ObOpenObjectByPointer", ga, 0, out);
	CALL(t, t->main, "IoDeleteDevice", ga);
	assert_int_equal(tk_get32(t, ga + 0x1C) & 0xff, 1);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	assert_int_not_equal(device(t, "\\Device\\x"), ga);
	CALL(t, t->main, "NtClose", tk_get32(t, out));
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	assert_int_equal(object_by_ga(t->m, ga), 0);
}

static void stops(struct tk *t, const char *name, uint32_t n, const uint64_t *args, const char *text)
{
	tk_call_on(t, t->main, name, n, args);
	assert_int_equal(t->m->pending.kind, STOP_UNIMPLEMENTED);
	if (!strstr(t->m->pending.text, text))
		fail_msg("%s", t->m->pending.text);
}

static void what_is_not_built_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t none[] = { tk_memory(t, 0x50) };
	stops(t, "IoDeleteDevice", 1, none, "no device of IoCreateDevice");
}

static void a_drivers_own_routine_at_deletion_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t made[] = { device(t, NULL) };
	tk_put32(t, tk_get32(t, (uint32_t)made[0] + 8) + 4, TK_CODE);
	stops(t, "IoDeleteDevice", 1, made, "a routine of its own");
}

static void a_type_that_fits_no_byte_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { driver_of(t), 0, 0, 0x100, ATTRIBUTES, tk_memory(t, 4) };
	stops(t, "IoCreateDevice", 6, args, "does not fit");
}

/* ---- requests ------------------------------------------------------------------------------------------------------------ */

/* An IRP of the title's own: who is told, what it holds. */
static uint32_t irp_of(struct tk *t, uint32_t iosb, uint32_t event)
{
	uint32_t irp = tk_memory(t, 0x60);
	tk_put32(t, irp + 0x10, 0x103);
	tk_put32(t, irp + 0x14, 77);
	tk_put32(t, irp + 0x20, iosb);
	tk_put32(t, irp + 0x24, event);
	return irp;
}

static uint32_t event_in_memory(struct tk *t)
{
	uint32_t event = tk_memory(t, 16);
	CALL(t, t->main, "KeInitializeEvent", event, 1, 0);
	return event;
}

static void a_completed_request_has_its_status_told_and_its_event_set(void **state)
{
	struct tk *t = TK(state);
	uint32_t iosb = tk_memory(t, 8), event = event_in_memory(t), irp = irp_of(t, iosb, event);
	tk_put32(t, irp + 0x10, NT_SUCCESS);
	tk_put32(t, iosb, NT_PENDING);
	uint32_t waiter = tk_thread(t, 1);
	PARKS(t, waiter, "KeWaitForSingleObject", event, 0, 0, 0, 0);
	CALL(t, t->main, "IoCompleteRequest", irp, 1);
	assert_int_equal(tk_get32(t, iosb), NT_SUCCESS);
	assert_int_equal(tk_get32(t, iosb + 4), 77);
	assert_int_equal(tk_wake(t, waiter), NT_SUCCESS);
	CALL(t, t->main, "IoCompleteRequest", irp_of(t, 0, 0), 0); /* nobody to tell */
}

static void an_invalid_request_is_completed_as_such(void **state)
{
	struct tk *t = TK(state);
	uint32_t iosb = tk_memory(t, 8), event = event_in_memory(t), irp = irp_of(t, iosb, event), ga = device(t, NULL);
	assert_int_equal(CALL(t, t->main, "IoInvalidDeviceRequest", ga, irp), NT_INVALID_DEVICE_REQUEST);
	assert_int_equal(tk_get32(t, irp + 0x10), NT_INVALID_DEVICE_REQUEST);
	assert_int_equal(tk_get32(t, iosb), NT_INVALID_DEVICE_REQUEST);
	assert_int_equal(tk_get32(t, iosb + 4), 77);
	assert_int_equal(CALL(t, t->main, "KeResetEvent", event), 1);
}

static void a_completion_routine_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t irp = irp_of(t, 0, 0);
	uint32_t location = tk_memory(t, 0x24);
	tk_put32(t, (uint32_t)irp + 0x50, location);
	tk_put32(t, location + 0x1C, TK_CODE);
	stops(t, "IoCompleteRequest", 1, &irp, "a completion routine");
}

static void an_apc_of_a_titles_own_request_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { 0, irp_of(t, 0, 0) };
	tk_put32(t, (uint32_t)args[1] + 0x28, TK_CODE);
	stops(t, "IoInvalidDeviceRequest", 2, args, "an APC");
	assert_int_equal(tk_get32(t, (uint32_t)args[1] + 0x10), 0x103);
}

/* ---- requests to a driver of the title's ---------------------------------------------------------------------------------- */

#define MFLR31 0x7FE802A6u
#define MTLR31 0x7FE803A6u
#define PENDS 0x103

/* A routine that completes with @status and 4 bytes, and returns @answer. */
static uint32_t completing(struct tk *t, uint32_t status, uint32_t answer)
{
	return CODE(t, MFLR31, I_LOAD(5, status), I_STW(5, 0x10, 4), I_LI(5, 4), I_STW(5, 0x14, 4), I_MR(3, 4), I_LI(4, 0),
		I_CALL(tk_thunk(t, "IoCompleteRequest")), I_LOAD(3, answer), MTLR31, I_BLR);
}

/* Keeps its IRP at @at, and returns @answer without having completed it. */
static uint32_t keeping(struct tk *t, uint32_t at, uint32_t answer)
{
	return CODE(t, I_LOAD(5, at), I_STW(4, 0, 5), I_LOAD(3, answer), I_BLR);
}

static uint32_t driven(struct tk *t, const char *name, uint32_t routine)
{
	uint32_t status, ga = create(t, name, 8, 0, &status), driver = tk_get32(t, ga + 8);
	for (unsigned i = 0; i < 11; i++)
		tk_put32(t, driver + 0xC + 4 * i, routine);
	return driver;
}

/* The call, the driver, and back: what it returns; the thread stands at TK_CODE then. */
static uint32_t asked(struct tk *t, const char *name, unsigned n, const uint64_t *args)
{
	struct tk_result r = tk_call_on(t, t->main, name, n, args);
	if (!r.parked)
		return (uint32_t)r.r3;
	assert_int_equal(tk_run(t, 200), STOP_LIMIT);
	assert_int_equal(context_peek(t->m, t->main)->pc, TK_CODE);
	return (uint32_t)context_peek(t->m, t->main)->gpr[3];
}
#define ASKED(t, name, ...) asked(t, name, TK_ARGS(__VA_ARGS__))

static uint32_t opened(struct tk *t, const char *name, uint32_t options, uint32_t *handle)
{
	uint32_t out = tk_memory(t, 4),
		 nt = ASKED(t, "NtOpenFile", out, READ, fk_name(t, name), tk_memory(t, 8), SHARE_ALL, options);
	*handle = tk_get32(t, out);
	return nt;
}

static void a_file_is_opened_as_its_driver_says(void **state)
{
	struct tk *t = TK(state);
	uint32_t good, bad, handle, driver = driven(t, "\\Device\\dd", 0);
	good = completing(t, NT_SUCCESS, NT_SUCCESS);
	bad = completing(t, NT_OBJECT_NAME_NOT_FOUND, NT_OBJECT_NAME_NOT_FOUND);
	tk_put32(t, driver + 0xC, bad);
	assert_int_equal(opened(t, "\\Device\\dd\\x", SYNC, &handle), NT_OBJECT_NAME_NOT_FOUND);
	assert_int_equal(handle, 0);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 1);
	tk_put32(t, driver + 0xC, good);
	CALL(t, t->main, "ObCreateSymbolicLink", ansi(t, "\\??\\u:"), ansi(t, "\\Device\\dd"));
	assert_int_equal(opened(t, "u:\\x", SYNC, &handle), NT_SUCCESS);
	assert_int_not_equal(tk_object(t, handle), 0);
	tk_put32(t, driver + 0xC + 4 * 10, good); /* cleanup, close */
	tk_put32(t, driver + 0xC + 4 * 1, good);
	assert_int_equal(ASKED(t, "NtClose", handle), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 2);
	assert_int_equal(ASKED(t, "NtClose", handle), NT_INVALID_HANDLE);
}

static void the_irp_and_its_location_have_the_public_layout(void **state)
{
	struct tk *t = TK(state);
	uint32_t at = tk_memory(t, 4), handle, buffer = tk_memory(t, 16), iosb = tk_memory(t, 8), where = tk_memory(t, 8);
	uint32_t driver = driven(t, "\\Device\\dd", completing(t, NT_SUCCESS, NT_SUCCESS));
	assert_int_equal(opened(t, "\\Device\\dd", SYNC, &handle), NT_SUCCESS);
	tk_put32(t, driver + 0xC + 8, keeping(t, at, PENDS));
	tk_put64(t, where, 0x123456789);
	uint32_t other = tk_thread(t, 1);
	const uint64_t args[] = { handle, tk_event(t, 0, true), 0, 0, iosb, buffer, 16, where };
	assert_true(tk_call_on(t, t->main, "NtReadFile", 8, args).parked);
	tk_run(t, 100);
	uint32_t irp = tk_get32(t, at), location = tk_get32(t, irp + 0x50), event = tk_object(t, (uint32_t)args[1]);
	assert_int_equal(tk_get32(t, irp) >> 16, 6);
	assert_int_equal(tk_get32(t, irp + 0x18), 0x01010000);
	assert_int_equal(tk_get32(t, irp + 0x1C), buffer);
	assert_int_equal(tk_get32(t, irp + 0x20), iosb);
	assert_int_equal(tk_get32(t, irp + 0x24), object_peek(t->m, event)->body_ga);
	assert_int_equal(tk_get32(t, location), 0x02000000);
	assert_int_equal(tk_get32(t, location + 4), 16);
	assert_int_equal(tk_get32(t, location + 0xC), 1);
	assert_int_equal(tk_get32(t, location + 0x10), 0x23456789);
	assert_int_equal(tk_get32(t, location + 0x18), tk_get32(t, irp + 0x54));
	assert_int_equal(tk_get32(t, tk_get32(t, irp + 0x54)) >> 16, 5);
	assert_int_equal(tk_get32(t, tk_get32(t, irp + 0x54) + 4), tk_get32(t, location + 0x14));
	assert_int_equal(object_signal_state(t->m, event), 0);
	tk_put32(t, irp + 0x10, NT_END_OF_FILE);
	CALL(t, other, "IoCompleteRequest", irp, 0);
	assert_int_equal(object_signal_state(t->m, event), 1);
	assert_int_equal(tk_get32(t, iosb), NT_END_OF_FILE);
	assert_int_equal(tk_wake(t, t->main), NT_END_OF_FILE);
}

static void one_that_completes_and_says_pending_gives_the_status_of_the_irp(void **state)
{
	struct tk *t = TK(state);
	uint32_t handle, iosb = tk_memory(t, 8), driver = driven(t, "\\Device\\dd", completing(t, NT_SUCCESS, NT_SUCCESS));
	opened(t, "\\Device\\dd", SYNC, &handle);
	tk_put32(t, driver + 0xC + 8, completing(t, NT_END_OF_FILE, PENDS));
	assert_int_equal(ASKED(t, "NtReadFile", handle, 0, 0, 0, iosb, tk_memory(t, 16), 16, 0), NT_END_OF_FILE);
	assert_int_equal(tk_get32(t, iosb), NT_END_OF_FILE);
	assert_int_equal(tk_get32(t, iosb + 4), 4);
}

static void opened_stops(struct tk *t, const char *text)
{
	const uint64_t args[] = { tk_memory(t, 4), READ, fk_name(t, "\\Device\\dd\\x"), tk_memory(t, 8), SHARE_ALL, 0 };
	stops(t, "NtOpenFile", 6, args, text);
}

static void a_driver_without_the_routine_stops_the_run(void **state)
{
	driven(TK(state), "\\Device\\dd", 0);
	opened_stops(TK(state), "no routine for it");
}

static void a_device_that_nothing_is_mounted_on_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t status;
	create(t, "\\Device\\dd", 7, 0, &status);
	opened_stops(t, "nothing is mounted");
}

/* A call on a file of a driver that would complete whatever it is asked. */
static void on_a_file_stops(struct tk *t, uint32_t options, const char *text, const char *name, unsigned n, uint64_t *args)
{
	uint32_t handle;
	driven(t, "\\Device\\dd", completing(t, NT_SUCCESS, NT_SUCCESS));
	assert_int_equal(opened(t, "\\Device\\dd", options, &handle), NT_SUCCESS);
	args[0] = handle;
	stops(t, name, n, args, text);
}

static void an_asynchronous_handle_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint64_t args[] = { 0, 0, 0, 0, tk_memory(t, 8), tk_memory(t, 16), 16, tk_memory(t, 8) };
	on_a_file_stops(t, 0, "asynchronous", "NtReadFile", ARRAY_LEN(args), args);
}

static void an_apc_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint64_t args[] = { 0, 0, TK_CODE, 0, tk_memory(t, 8), tk_memory(t, 16), 16, tk_memory(t, 8) };
	on_a_file_stops(t, SYNC, "with an APC", "NtReadFile", ARRAY_LEN(args), args);
}

static void what_is_not_known_to_be_sent_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint64_t args[] = { 0, tk_memory(t, 8), tk_memory(t, 8), 8, 14 };
	on_a_file_stops(t, SYNC, "not known to be sent", "NtQueryInformationFile", ARRAY_LEN(args), args);
}

static void a_listing_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint64_t args[] = { 0, 0, 0, 0, tk_memory(t, 8), tk_memory(t, 0x100), 0x100, 0, 1 };
	on_a_file_stops(t, SYNC, "to which this is not sent", "NtQueryDirectoryFile", ARRAY_LEN(args), args);
}

static void a_scattered_read_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint64_t args[] = { 0, 0, 0, 0, tk_memory(t, 8), tk_memory(t, 16), 0x1000, tk_memory(t, 8) };
	on_a_file_stops(t, SYNC, "to which this is not sent", "NtReadFileScatter", ARRAY_LEN(args), args);
}

static void cancelling_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint64_t args[] = { 0, tk_memory(t, 8) };
	on_a_file_stops(t, SYNC, "to which this is not sent", "NtCancelIoFile", ARRAY_LEN(args), args);
}

static void a_driver_that_neither_completes_nor_pends_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	uint32_t at = tk_memory(t, 4);
	driven(t, "\\Device\\dd", keeping(t, at, NT_SUCCESS));
	const uint64_t args[] = { tk_memory(t, 4), READ, fk_name(t, "\\Device\\dd\\x"), tk_memory(t, 8), SHARE_ALL, SYNC };
	assert_true(tk_call_on(t, t->main, "NtOpenFile", 6, args).parked);
	assert_int_equal(tk_run(t, 100), STOP_UNIMPLEMENTED);
	assert_non_null(strstr(t->stop.text, "neither completed"));
}

static void a_request_is_completed_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t complete = tk_thunk(t, "IoCompleteRequest");
	driven(t, "\\Device\\dd",
		CODE(t, MFLR31, I_MR(30, 4), I_MR(3, 4), I_LI(4, 0), I_CALL(complete), I_MR(3, 30), I_LI(4, 0), I_CALL(complete),
			MTLR31, I_BLR));
	const uint64_t args[] = { tk_memory(t, 4), READ, fk_name(t, "\\Device\\dd\\x"), tk_memory(t, 8), SHARE_ALL, SYNC };
	assert_true(tk_call_on(t, t->main, "NtOpenFile", 6, args).parked);
	assert_int_equal(tk_run(t, 100), STOP_UNIMPLEMENTED);
	assert_non_null(strstr(t->stop.text, "completed already"));
}

/* The file's hold on its device is the kernel's: it is not given back by deleting the device once more, nor by ObDereferenceObject. */
static void a_device_with_an_open_file_stays_however_often_it_is_deleted(void **state)
{
	struct tk *t = TK(state);
	uint32_t handle, driver = driven(t, "\\Device\\dd", 0), good = completing(t, NT_SUCCESS, NT_SUCCESS), dev = 0;
	for (unsigned i = 0; i < 11; i++)
		tk_put32(t, driver + 0xC + 4 * i, good);
	assert_int_equal(opened(t, "\\Device\\dd\\x", SYNC, &handle), NT_SUCCESS);
	for (uint32_t row = 1; row < arena_count(&t->m->world, t->m->t_object); row++)
		if (object_peek(t->m, row)->id && object_peek(t->m, row)->type == OT_DEVICE)
			dev = object_peek(t->m, row)->body_ga;
	for (unsigned i = 0; i < 3; i++)
		CALL(t, t->main, "IoDeleteDevice", dev);
	CALL(t, t->main, "ObDereferenceObject", dev);
	assert_int_not_equal(object_by_ga(t->m, dev), 0);
	assert_int_equal(tk_count(t, EV_OBJECT_SURPLUS), 3);
	assert_int_equal(ASKED(t, "NtFlushBuffersFile", handle, tk_memory(t, 8)), NT_SUCCESS);
	assert_int_equal(ASKED(t, "NtClose", handle), NT_SUCCESS);
	assert_int_equal(object_by_ga(t->m, dev), 0);
}

static void a_reference_that_outlives_the_handle_stops_the_run_when_it_goes(void **state)
{
	struct tk *t = TK(state);
	uint32_t handle, out = tk_memory(t, 4);
	driven(t, "\\Device\\dd", completing(t, NT_SUCCESS, NT_SUCCESS));
	opened(t, "\\Device\\dd", SYNC, &handle);
	CALL(t, t->main, "ObReferenceObjectByHandle", handle, 0, out);
	assert_int_equal(ASKED(t, "NtClose", handle), NT_SUCCESS);
	assert_int_equal(tk_count(t, EV_OBJECT_DESTROY), 0);
	const uint64_t body[] = { tk_get32(t, out) };
	stops(t, "ObDereferenceObject", 1, body, "no close is sent");
}

static void no_package_is_mounted_and_none_looks_so(void **state)
{
	struct tk *t = TK(state);
	uint32_t d = tk_memory(t, 0x58), name = ansi(t, "\\Device\\Package_0");
	assert_int_equal(CALL(t, t->main, "StfsCreateDevice", d, 0x58), NT_INVALID_PARAMETER); /* no name */
	tk_put32(t, d, tk_get32(t, name));
	tk_put32(t, d + 4, tk_get32(t, name + 4));
	assert_int_equal(CALL(t, t->main, "StfsCreateDevice", d, 0x58), NT_INVALID_PARAMETER); /* no file */
	tk_put32(t, d + 0x18, fk_get(t, "cache:\\package", 0));
	assert_int_equal(CALL(t, t->main, "StfsCreateDevice", 0, 0x58), NT_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "StfsCreateDevice", d, 0x54), NT_INVALID_PARAMETER);
	assert_int_equal(tk_count(t, EV_STUB), 0);
	assert_int_equal(CALL(t, t->main, "StfsCreateDevice", d, 0x58), NT_UNSUCCESSFUL);
	assert_int_equal(tk_count(t, EV_STUB), 1);
	assert_int_equal(tk_get32(t, d + 0x48) | tk_get32(t, d + 0x4C), 0);
	assert_int_equal(CALL(t, t->main, "StfsControlDevice", 0, 2, 0), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "StfsControlDevice", 0, 3, d), NT_INVALID_PARAMETER);
	assert_int_equal(CALL(t, t->main, "StfsControlDevice", 0, 6, 0), NT_INVALID_DEVICE_REQUEST);
}

/* ---- sharing ------------------------------------------------------------------------------------------------------------- */

struct counts {
	uint8_t n[8];
};

static void counts_are(struct tk *t, uint32_t ga, struct counts want)
{
	struct counts got = { { 0 } };
	assert_int_equal(mem_peek(&t->m->mem, ga, &got, 7), MEM_OK);
	assert_memory_equal(&got, &want, 7);
}

static void the_first_open_sets_the_counts_and_removing_takes_them_back(void **state)
{
	struct tk *t = TK(state);
	uint32_t file = tk_memory(t, 0x68), share = tk_memory(t, 8);
	tk_put32(t, share, 0xFFFFFFFF);
	tk_put32(t, file, 0x00050081); /* bits beside those of access stay */
	CALL(t, t->main, "IoSetShareAccess", FILE_READ_DATA | FILE_APPEND_DATA, 5, file, share);
	counts_are(t, share, (struct counts){ { 1, 1, 1, 0, 1, 0, 1 } });
	assert_int_equal(tk_get32(t, file) & ~0x7Eu, 0x00050081);
	CALL(t, t->main, "IoRemoveShareAccess", file, share);
	counts_are(t, share, (struct counts){ { 0 } });
	CALL(t, t->main, "IoSetShareAccess", GENERIC_ALL, 0, file, share);
	counts_are(t, share, (struct counts){ { 1, 1, 1, 1, 0, 0, 0 } });
}

static void each_must_let_the_other(void **state)
{
	struct tk *t = TK(state);
	uint32_t first = tk_memory(t, 0x68), file = tk_memory(t, 0x68), share = tk_memory(t, 8);
	const uint32_t right[] = { FILE_READ_DATA, FILE_WRITE_DATA, FILE_DELETE };
	for (unsigned a = 0; a < 3; a++)
		for (unsigned b = 0; b < 3; b++)
			for (unsigned lets = 0; lets < 64; lets++) {
				unsigned one = lets & 7, two = lets >> 3;
				CALL(t, t->main, "IoSetShareAccess", right[a], one, first, share);
				bool good = one >> b & 1 && two >> a & 1;
				uint32_t nt = (uint32_t)CALL(t, t->main, "IoCheckShareAccess", right[b], two, file, share, 1);
				assert_int_equal(nt, good ? NT_SUCCESS : NT_SHARING_VIOLATION);
				uint8_t opens;
				assert_int_equal(mem_peek(&t->m->mem, share, &opens, 1), MEM_OK);
				assert_int_equal(opens, good ? 2 : 1);
				if (!good)
					continue;
				CALL(t, t->main, "IoRemoveShareAccess", file, share);
				CALL(t, t->main, "IoRemoveShareAccess", first, share);
				counts_are(t, share, (struct counts){ { 0 } });
			}
}

static void a_check_alone_counts_nothing_nor_does_who_only_looks(void **state)
{
	struct tk *t = TK(state);
	uint32_t file = tk_memory(t, 0x68), share = tk_memory(t, 8);
	CALL(t, t->main, "IoSetShareAccess", FILE_READ_DATA, 0, file, share);
	assert_int_equal(CALL(t, t->main, "IoCheckShareAccess", 0x100080, 0, tk_memory(t, 0x68), share, 1), NT_SUCCESS);
	counts_are(t, share, (struct counts){ { 1, 1 } });
	CALL(t, t->main, "IoSetShareAccess", FILE_READ_DATA, 7, file, share);
	assert_int_equal(CALL(t, t->main, "IoCheckShareAccess", FILE_READ_DATA, 7, tk_memory(t, 0x68), share, 0), NT_SUCCESS);
	counts_are(t, share, (struct counts){ { 1, 1, 0, 0, 1, 1, 1 } });
}

static void removing_takes_the_part_of_the_file_object_and_so_once(void **state)
{
	struct tk *t = TK(state);
	uint32_t file = tk_memory(t, 0x68), other = tk_memory(t, 0x68), share = tk_memory(t, 8);
	CALL(t, t->main, "IoSetShareAccess", FILE_READ_DATA, 7, file, share);
	assert_int_equal(CALL(t, t->main, "IoCheckShareAccess", FILE_READ_DATA, 7, other, share, 1), NT_SUCCESS);
	tk_put32(t, file, tk_get32(t, file) | 0x81);
	CALL(t, t->main, "IoRemoveShareAccess", file, share);
	assert_int_equal(tk_get32(t, file), 0x81);
	CALL(t, t->main, "IoRemoveShareAccess", file, share);
	counts_are(t, share, (struct counts){ { 1, 1, 0, 0, 1, 1, 1 } });
}

static void a_count_below_nothing_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { tk_memory(t, 0x68), tk_memory(t, 8) };
	CALL(t, t->main, "IoSetShareAccess", FILE_READ_DATA, 7, args[0], args[1]);
	tk_put32(t, (uint32_t)args[1], 0);
	tk_put32(t, (uint32_t)args[1] + 4, 0);
	stops(t, "IoRemoveShareAccess", 2, args, "do not hold");
	counts_are(t, (uint32_t)args[1], (struct counts){ { 0 } });
}

static void a_count_beyond_255_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { FILE_READ_DATA, 7, tk_memory(t, 0x68), tk_memory(t, 8), 1 };
	CALL(t, t->main, "IoSetShareAccess", args[0], args[1], args[2], args[3]);
	for (unsigned i = 1; i < 255; i++)
		assert_int_equal(tk_done(t, t->main, "IoCheckShareAccess", 5, args), NT_SUCCESS);
	stops(t, "IoCheckShareAccess", 5, args, "beyond 255");
	counts_are(t, (uint32_t)args[3], (struct counts){ { 255, 255, 0, 0, 255, 255, 255 } });
}

/* ---- raw partitions -------------------------------------------------------------------------------------------------------- */

static void a_raw_partition_is_one_file_of_zeros_that_keeps_what_is_written(void **state)
{
	struct tk *t = fk_disc("game:");
	uint32_t h = fk_get(t, "\\Device\\Harddisk0\\Cache0", 0), status, buffer = tk_memory(t, 1024);
	(void)state;
	assert_int_equal(fk_move(t, "NtReadFile", h, 0x7FFFFE00, buffer, 1024, &status), 512); /* to its end */
	assert_int_equal(tk_get32(t, buffer), 0);
	tk_put32(t, buffer, 0x58544146);
	assert_int_equal(fk_move(t, "NtWriteFile", h, 0x7FFFFE00, buffer, 512, &status), 512);
	fk_close(t, h);
	h = fk_get(t, "\\Device\\Harddisk0\\Cache0", 0);
	tk_put32(t, buffer, 0);
	assert_int_equal(fk_move(t, "NtReadFile", h, 0x7FFFFE00, buffer, 512, &status), 512);
	assert_int_equal(tk_get32(t, buffer), 0x58544146);
	fk_move(t, "NtReadFile", h, 0x80000000, buffer, 512, &status);
	assert_int_equal(status, NT_END_OF_FILE);
	fk_move(t, "NtWriteFile", h, 0x7FFFFE00, buffer, 1024, &status);
	assert_int_equal(status, NT_DISK_FULL);
	fk_move(t, "NtWriteFile", h, 4, buffer, 512, &status);
	assert_int_equal(status, NT_INVALID_PARAMETER);
	fk_move(t, "NtReadFile", h, 0, buffer, 100, &status);
	assert_int_equal(status, NT_INVALID_PARAMETER);
	tk_free(t);
}

static void a_raw_partition_tells_its_size_and_place_and_keeps_them(void **state)
{
	struct tk *t = fk_disc("game:");
	uint32_t h = fk_get(t, "\\Device\\Harddisk0\\Cache1", 0), iosb = tk_memory(t, 8), info = tk_memory(t, 32);
	(void)state;
	assert_int_equal(CALL(t, t->main, "NtDeviceIoControlFile", h, 0, 0, 0, iosb, 0x70000, 0, 0, info, 8), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info), 0xA0E30000 / 512);
	assert_int_equal(tk_get32(t, info + 4), 512);
	assert_int_equal(CALL(t, t->main, "NtDeviceIoControlFile", h, 0, 0, 0, iosb, 0x74004, 0, 0, info, 16), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 4), 0x80080000);
	assert_int_equal(tk_get32(t, info + 12), 0xA0E30000);
	assert_int_equal(CALL(t, t->main, "NtQueryVolumeInformationFile", h, iosb, info, 0x18, 3), NT_SUCCESS);
	assert_int_equal(tk_get32(t, info + 4), 0xA0E30000 / 512);
	assert_int_equal(fk_size(t, h), 0xA0E30000);
	assert_int_equal(fk_resize(t, h, 512), NT_INVALID_PARAMETER);
	assert_int_equal(
		fk_open(t, "\\Device\\Harddisk0\\Cache1", READ_WRITE, SHARE_ALL, DO_OVERWRITE, 0).status, NT_ACCESS_DENIED);
	assert_int_equal(fk_status(t, "\\Device\\Harddisk0\\Cache1\\file"), NT_OBJECT_PATH_NOT_FOUND);
	fk_get(t, "\\Device\\Harddisk0\\Partition0", 0);
	tk_free(t);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(a_device_has_the_public_layout),
	TK_TEST(one_without_name_and_extension_says_so),
	TK_TEST(it_is_an_object_of_the_titles),
	TK_TEST(a_name_is_given_once),
	TK_TEST(deleting_frees_the_name_and_the_last_reference_the_device),
	TK_TEST(what_is_not_built_stops_the_run),
	TK_TEST(a_drivers_own_routine_at_deletion_stops_the_run),
	TK_TEST(a_type_that_fits_no_byte_stops_the_run),
	TK_TEST(a_completed_request_has_its_status_told_and_its_event_set),
	TK_TEST(an_invalid_request_is_completed_as_such),
	TK_TEST(a_completion_routine_stops_the_run),
	TK_TEST(an_apc_of_a_titles_own_request_stops_the_run),
	TK_TEST(a_file_is_opened_as_its_driver_says),
	TK_TEST(the_irp_and_its_location_have_the_public_layout),
	TK_TEST(one_that_completes_and_says_pending_gives_the_status_of_the_irp),
	TK_TEST(a_driver_without_the_routine_stops_the_run),
	TK_TEST(a_device_that_nothing_is_mounted_on_stops_the_run),
	TK_TEST(an_asynchronous_handle_stops_the_run),
	TK_TEST(what_is_not_known_to_be_sent_stops_the_run),
	TK_TEST(a_listing_stops_the_run),
	TK_TEST(cancelling_stops_the_run),
	TK_TEST(a_scattered_read_stops_the_run),
	TK_TEST(an_apc_stops_the_run),
	TK_TEST(a_driver_that_neither_completes_nor_pends_stops_the_run),
	TK_TEST(a_request_is_completed_once),
	TK_TEST(a_device_with_an_open_file_stays_however_often_it_is_deleted),
	TK_TEST(a_reference_that_outlives_the_handle_stops_the_run_when_it_goes),
	TK_TEST(no_package_is_mounted_and_none_looks_so),
	TK_TEST(the_first_open_sets_the_counts_and_removing_takes_them_back),
	TK_TEST(each_must_let_the_other),
	TK_TEST(a_check_alone_counts_nothing_nor_does_who_only_looks),
	TK_TEST(removing_takes_the_part_of_the_file_object_and_so_once),
	TK_TEST(a_count_below_nothing_stops_the_run),
	TK_TEST(a_count_beyond_255_stops_the_run),
	cmocka_unit_test(a_raw_partition_is_one_file_of_zeros_that_keeps_what_is_written),
	cmocka_unit_test(a_raw_partition_tells_its_size_and_place_and_keeps_them),
};

TK_MAIN(tests)
