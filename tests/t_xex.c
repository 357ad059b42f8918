/* tests/t_xex.c - the laws of the XEX header, of modules and their exports, and of the console's configuration. */
#include "config.h"

#include "kernel/guest.h"
#include "tests/testkit.h"

/* A XEX header with an inline field, a field that is a word in the header, a block, and the system flags. */
static uint32_t header(struct tk *t)
{
	static const uint32_t field[][2] = { { 0x00010100, 0x82001234 }, { 0x000002FF, 0x80 }, { 0x00010201, 0x82000000 },
					     { 0x00030000, 0x40000004 }, { 0x00030100, 0x2 } };
	uint32_t h = tk_memory(t, 0x100);
	tk_put32(t, h, 0x58455832);
	tk_put32(t, h + 0x14, ARRAY_LEN(field));
	for (uint32_t i = 0; i < ARRAY_LEN(field); i++) {
		tk_put32(t, h + 0x18 + i * 8, field[i][0]);
		tk_put32(t, h + 0x1C + i * 8, field[i][1]);
	}
	return h;
}

static void the_low_byte_of_a_key_says_where_the_field_is(void **state)
{
	struct tk *t = TK(state);
	uint32_t h = header(t);
	assert_int_equal(CALL(t, t->main, "RtlImageXexHeaderField", h, 0x10100), 0x82001234); /* 00: the value */
	assert_int_equal(CALL(t, t->main, "RtlImageXexHeaderField", h, 0x10201), h + 0x18 + 2 * 8 + 4); /* 01: the address of its word */
	assert_int_equal(CALL(t, t->main, "RtlImageXexHeaderField", h, 0x2FF), h + 0x80); /* else: a block in the header */
	assert_int_equal(CALL(t, t->main, "RtlImageXexHeaderField", h, 0x20200), 0);
}

static void privileges_are_bits_of_the_titles_header(void **state)
{
	struct tk *t = TK(state);
	assert_int_equal(CALL(t, t->main, "XexCheckExecutablePrivilege", 2), 0); /* no header yet */
	tk_put32(t, GA(machine_row(t->m)->exe_module_ga, g_ldr_data_table_entry, xex_header_base), header(t));
	for (uint32_t bit = 0; bit < 70; bit++)
		assert_int_equal(CALL(t, t->main, "XexCheckExecutablePrivilege", bit), bit == 2 || bit == 30 || bit == 33);
}

static uint32_t module(struct tk *t, const char *name)
{
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "XexGetModuleHandle", name ? tk_string(t, name) : 0, out), NT_SUCCESS);
	return tk_get32(t, out);
}

static void modules_are_found_by_name(void **state)
{
	struct tk *t = TK(state);
	uint32_t exe = machine_row(t->m)->exe_module_ga, kernel = module(t, "xboxkrnl.exe"), xam = module(t, "xam.xex");
	assert_int_equal(module(t, NULL), exe);
	assert_int_equal(module(t, "GAME:\\TESTKIT"), exe);
	assert_int_equal(module(t, "game:\\default.xex"), exe);
	assert_int_equal(module(t, "XAM.XEX"), xam);
	assert_int_not_equal(kernel, xam);
	uint32_t name = tk_get32(t, GA(xam, g_ldr_data_table_entry, base_dll_name.pointer));
	assert_int_equal(tk_get32(t, name), 'x' << 16 | 'a');
	assert_int_equal(tk_get32(t, GA(xam, g_ldr_data_table_entry, base_dll_name)) >> 16, 7 * 2);
}

static void a_module_that_is_not_there_has_no_handle(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	tk_put32(t, out, 1);
	assert_int_equal(CALL(t, t->main, "XexGetModuleHandle", tk_string(t, "xbdm.xex"), out), 0xC0000135);
	assert_int_equal(tk_get32(t, out), 0);
}

/* What an ordinal leads to is the export itself: guest code calls it. */
static void an_export_can_be_called_by_its_ordinal(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), ordinal = export_table[export_find_name("KeQueryPerformanceFrequency")].ordinal;
	uint32_t kernel = module(t, "xboxkrnl.exe");
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", kernel, ordinal, out), NT_SUCCESS);
	uint32_t pc = CODE(t, I_CALL(tk_get32(t, out)), I_MR(31, 3), I_B(0));
	tk_start(t, pc);
	assert_int_equal(tk_run(t, 100), STOP_LIMIT);
	assert_int_equal(context_peek(t->m, t->main)->gpr[31], TICKS_PER_SECOND);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", kernel, ordinal, out), NT_SUCCESS);
}

static void a_variables_ordinal_is_the_variable(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), ordinal = export_table[export_find_name("KeTimeStampBundle")].ordinal;
	CALL(t, t->main, "XexGetProcedureAddress", module(t, "xboxkrnl.exe"), ordinal, out);
	assert_int_equal(tk_get32(t, out), machine_row(t->m)->timestamp_ga);
}

static void an_ordinal_that_nobody_has_is_a_status(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", module(t, "xam.xex"), 0xFFF, out), 0xC0000138);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", machine_row(t->m)->exe_module_ga, 1, out), 0xC0000138);
}

static void the_systems_modules_export_no_names(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 4), name = tk_string(t, "NtClose");
	tk_put32(t, out, 1);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", module(t, "xam.xex"), name, out), 0xC0000139);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", machine_row(t->m)->exe_module_ga, name, out), 0xC0000139);
	assert_int_equal(CALL(t, t->main, "XexGetProcedureAddress", TK_DATA, 1, out), NT_INVALID_HANDLE);
}

static void the_configuration_has_settings_of_their_own_size(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8), size = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "ExGetXConfigSetting", 3, 9, out, 4, size), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), 1); /* English */
	assert_int_equal(tk_get32(t, size), 4u << 16);
	assert_int_equal(CALL(t, t->main, "ExGetXConfigSetting", 3, 14, out, 4, 0), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), 103u << 24 | 1); /* one byte */
	assert_int_equal(CALL(t, t->main, "ExGetXConfigSetting", 2, 2, out, 4, size), NT_SUCCESS);
	assert_int_equal(tk_get32(t, out), 0x1000);
}

static void a_setting_needs_its_room(void **state)
{
	struct tk *t = TK(state);
	uint32_t out = tk_memory(t, 8), size = tk_memory(t, 4);
	assert_int_equal(CALL(t, t->main, "ExGetXConfigSetting", 3, 9, out, 3, size), NT_BUFFER_TOO_SMALL);
	assert_int_equal(tk_get32(t, out), 0);
	assert_int_equal(tk_get32(t, size), 4u << 16);
	assert_int_equal(CALL(t, t->main, "ExGetXConfigSetting", 3, 9, 0, 4, size), NT_INVALID_PARAMETER_3);
	assert_int_equal(CALL(t, t->main, "ExGetXConfigSetting", 3, 9, 0, 0, size), NT_SUCCESS);
}

static void a_setting_that_is_not_known_stops_the_run(void **state)
{
	struct tk *t = TK(state);
	const uint64_t args[] = { 3, 0xC, TK_DATA, 4, 0 };
	assert_true(tk_call_on(t, t->main, "ExGetXConfigSetting", 5, args).faulted);
	assert_int_equal(t->m->pending.kind, STOP_UNIMPLEMENTED);
}

static const struct CMUnitTest tests[] = {
	TK_TEST(the_low_byte_of_a_key_says_where_the_field_is),
	TK_TEST(privileges_are_bits_of_the_titles_header),
	TK_TEST(modules_are_found_by_name),
	TK_TEST(a_module_that_is_not_there_has_no_handle),
	TK_TEST(an_export_can_be_called_by_its_ordinal),
	TK_TEST(a_variables_ordinal_is_the_variable),
	TK_TEST(an_ordinal_that_nobody_has_is_a_status),
	TK_TEST(the_systems_modules_export_no_names),
	TK_TEST(the_configuration_has_settings_of_their_own_size),
	TK_TEST(a_setting_needs_its_room),
	TK_TEST(a_setting_that_is_not_known_stops_the_run),
};
TK_MAIN(tests)
