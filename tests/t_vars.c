/* tests/t_vars.c - the laws of the variables that xboxkrnl exports: what a title reads there. */
#include "config.h"

#include "kernel/rows.h"
#include "kernel/vars.h"
#include "tests/testkit.h"

static uint32_t var(const char *name)
{
	int row = export_find_name(name);
	assert_true(row >= 0);
	assert_int_equal(export_table[row].state, EXPORT_VAR);
	return vars_address((uint32_t)row);
}

static void assert_text(struct tk *t, uint32_t ga, const char *text)
{
	char is[64] = "";
	assert_int_equal(mem_read(&t->m->mem, ga, is, (uint32_t)strlen(text) + 1), MEM_OK);
	assert_string_equal(is, text);
}

static void object_types_have_their_pool_tags(void **state)
{
	struct tk *t = TK(state);
	static const struct {
		const char *name;
		uint32_t tag;
	} types[] = {
		{ "ExThreadObjectType", 0x65726854 },
		{ "ExEventObjectType", 0x6e657645 },
		{ "ExMutantObjectType", 0x6174754d },
		{ "ExSemaphoreObjectType", 0x616d6553 },
		{ "ExTimerObjectType", 0x656d6954 },
		{ "IoCompletionObjectType", 0x706d6f43 },
		{ "IoDeviceObjectType", 0x69766544 },
		{ "IoFileObjectType", 0x656c6946 },
		{ "ObDirectoryObjectType", 0x65726944 },
		{ "ObSymbolicLinkObjectType", 0x626d7953 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(types); i++)
		assert_int_equal(tk_get32(t, var(types[i].name) + 0x18), types[i].tag);
}

static void the_executables_module_leads_to_its_entry(void **state)
{
	struct tk *t = TK(state);
	uint32_t entry = tk_get32(t, var("XexExecutableModuleHandle"));
	assert_int_equal(tk_get32(t, entry + 0x18), TK_CODE); /* dll_base */
	assert_int_equal(machine_row(t->m)->exe_module_ga, entry);
}

static void hardware_and_versions(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(tk_get32(t, var("XboxHardwareInfo")), 0x20);
	assert_int_equal(mem_get8(&t->m->mem, var("XboxHardwareInfo") + 4), 6);
	assert_int_equal(tk_get32(t, var("XboxKrnlVersion")), 0x00020000);
	assert_int_equal(tk_get32(t, var("XboxKrnlVersion") + 4), 1888u << 16);
	assert_int_equal(tk_get32(t, var("XboxKrnlBaseVersion") + 4), 1888u << 16);
	assert_int_equal(tk_get32(t, var("ExConsoleGameRegion")), 0xffffffff);
	assert_int_equal(tk_get32(t, var("VdGpuClockInMHz")), 500);
}

static void names_of_what_was_loaded(void **state)
{
	struct tk *t = TK(state);
	assert_text(t, var("ExLoadedCommandLine"), "\"default.xex\"");
	assert_text(t, var("ExLoadedImageName"), "game:\\default.xex");
}

static void no_debugger_and_no_devices_are_there(void **state)
{
	struct tk *t = TK(state);
	static const char *const zero[] = { "KeDebugMonitorData", "KeCertMonitorData", "VdGlobalDevice", "VdGlobalXamDevice",
		"KiBugCheckData" };
	for (unsigned i = 0; i < ARRAY_LEN(zero); i++)
		assert_int_equal(tk_get32(t, var(zero[i])), 0);
}

static void the_calibration_lock_is_a_free_section(void **state)
{
	struct tk *t = TK(state);
	uint32_t cs = var("VdHSIOCalibrationLock");
	assert_int_equal(tk_get32(t, cs), 0x01280000); /* 10000 spins in units of 256 */
	assert_int_equal(tk_get32(t, cs + 0x10), UINT32_MAX);
	CALL(t, t->main, "RtlEnterCriticalSection", cs);
	assert_int_equal(tk_get32(t, cs + 0x18), thread_peek(t->m, t->main)->kthread_ga);
}

static void the_boot_enumeration_is_done(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", var("UsbdBootEnumerationDoneEvent"), 3, 0, 0, 0), NT_SUCCESS);
	assert_int_equal(CALL(t, t->main, "KeWaitForSingleObject", var("UsbdBootEnumerationDoneEvent"), 3, 0, 0, 0), NT_SUCCESS);
}

static void a_bugcheck_leaves_its_data(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { 0x55, 1, 2, 3, 4 };
	tk_call_on(t, t->main, "KeBugCheckEx", 5, args);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(tk_get32(t, var("KiBugCheckData") + 4 * i), args[i]);
}

/* What a variable holds that nobody has described is not made up: reading it stops, with its name. */
static void unknown_variables_are_not_readable(void **state)
{
	struct tk *t = TK(state);
	static const char *const unknown[] = { "Nls844UnicodeCaseTable", "HalFsbInterruptCount", "HalFsbResetCount",
		"VdHSIOTrainCount", "VdHSIOTrainingStatus", "RgcBindInfo", "StfsDeviceErrorEvent", "UsbdDriverLoadRequiredEvent",
		"XboxKrnlVersion4Digit" };
	for (unsigned i = 0; i < ARRAY_LEN(unknown); i++) {
		uint8_t byte;
		assert_int_not_equal(mem_read(&t->m->mem, var(unknown[i]), &byte, 1), MEM_OK);
		assert_int_equal(vars_unknown(var(unknown[i])), export_find_name(unknown[i]) + 1);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(object_types_have_their_pool_tags),
	TK_TEST(the_executables_module_leads_to_its_entry),
	TK_TEST(hardware_and_versions),
	TK_TEST(names_of_what_was_loaded),
	TK_TEST(no_debugger_and_no_devices_are_there),
	TK_TEST(the_calibration_lock_is_a_free_section),
	TK_TEST(the_boot_enumeration_is_done),
	TK_TEST(a_bugcheck_leaves_its_data),
	TK_TEST(unknown_variables_are_not_readable),
};
TK_MAIN(tests)
