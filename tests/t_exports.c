/* tests/t_exports.c - the laws of the export table: order, look-up, types, and what each state promises; loading and its errors. */
#include "config.h"

#include "tests/testkit.h"

static void rows_ascend_by_module_and_ordinal(void **state)
{
	for (unsigned i = 1; i < export_count; i++) {
		const struct export *a = &export_table[i - 1], *b = &export_table[i];
		int ma = export_module(a->module), mb = export_module(b->module);
		assert_true(ma < mb || (ma == mb && a->ordinal < b->ordinal));
	}
}

static void every_row_is_found_by_number_and_by_name(void **state)
{
	for (unsigned i = 0; i < export_count; i++) {
		const struct export *e = &export_table[i];
		assert_int_equal(export_find(e->module, e->ordinal), i);
		assert_int_equal(export_find_number((unsigned)export_module(e->module), e->ordinal), i);
		assert_int_equal(export_find_name(e->name), i);
	}
	assert_int_equal(export_find("xboxkrnl", 0), -1);
	assert_int_equal(export_find("xboxkrnl", 0xffff), -1);
	assert_int_equal(export_find("xbdm", 1), -1);
	assert_int_equal(export_find_number(7, 1), -1);
	assert_int_equal(export_find_name("NtCreatePorridge"), -1);
}

static void well_known_ordinals_are_right(void **state)
{
	static const struct {
		uint16_t ordinal;
		const char *name;
	} known[] = { { 0x003, "DbgPrint" }, { 0x00D, "ExCreateThread" }, { 0x0B0, "KeWaitForSingleObject" }, { 0x0CF, "NtClose" },
		      { 0x0D1, "NtCreateEvent" }, { 0x0F6, "NtSetEvent" }, { 0x125, "RtlEnterCriticalSection" }, { 0x25B, "VdSwap" } };
	for (unsigned i = 0; i < ARRAY_LEN(known); i++)
		assert_string_equal(export_table[export_find("xboxkrnl", known[i].ordinal)].name, known[i].name);
	assert_int_equal(export_find_name("NtSetEvent"), export_find("xboxkrnl", 0x0F6));
}

static void what_is_built_has_a_handler_and_a_source(void **state)
{
	for (unsigned i = 0; i < export_count; i++) {
		const struct export *e = &export_table[i];
		bool built = e->state == EXPORT_IMPL || e->state == EXPORT_STUB;
		assert_int_equal(e->fn != NULL, built);
		assert_true(e->state != EXPORT_IMPL || e->source[0]);
		assert_true(e->nargs <= EVENT_ARGS);
	}
}

/* Signatures of which public headers leave no doubt: how many arguments; -1 = none, and that is known. */
static void well_known_signatures_have_their_arguments(void **state)
{
	static const struct {
		const char *name;
		int args;
	} known[] = { { "NtCreateFile", 9 }, { "NtReadFile", 8 }, { "NtDeviceIoControlFile", 10 }, { "KeWaitForMultipleObjects", 8 },
		      { "KeSetTimerEx", 4 }, { "ExCreateThread", 7 }, { "NtQueueApcThread", 5 }, { "RtlEnterCriticalSection", 1 },
		      { "NetDll_recv", 5 }, { "NetDll_sendto", 7 }, { "NetDll_select", 6 }, { "NetDll_XNetQosLookup", 13 },
		      { "NetDll_WSAGetLastError", -1 }, { "NetDll_inet_addr", 1 }, { "XeCryptHmacSha", 10 }, { "XeCryptSha", 8 },
		      { "XeCryptBnQwNeModExpRoot", 8 }, { "XeCryptMd5Init", 1 }, { "XeKeysHmacSha", 9 }, { "XamShowMarketplaceUIEx", 8 },
		      { "XamTaskGetCurrentTask", -1 }, { "XamIsUIActive", -1 }, { "XNotifyQueueUI", 5 }, { "XamUserReadProfileSettingsEx", 10 } };
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
		const struct export *e = &export_table[export_find_name(known[i].name)];
		assert_true(export_decoded(e));
		if (e->nargs != (known[i].args < 0 ? 0 : known[i].args))
			fail_msg("%s takes %u arguments", known[i].name, e->nargs);
	}
}

static void each_ranked_export_names_its_row(void **state)
{
	static const struct {
		const char *module;
		uint16_t ordinal;
		const char *name;
	} ranked[] = {
#define RANKED(m, o, n, titles) { #m, (o), #n },
#include "kernel/ranked.def"
#undef RANKED
	};
	unsigned titles = 0, found = 0;
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(ranked); i++) {
		int row = export_find(ranked[i].module, ranked[i].ordinal);
		assert_true(row >= 0);
		assert_string_equal(export_table[row].name, ranked[i].name);
		assert_int_equal(export_rank((unsigned)row, &titles), i + 1); /* and none is in there twice */
		assert_true(titles >= 1);
	}
	for (unsigned row = 0; row < export_count; row++)
		found += export_rank(row, NULL) != 0;
	assert_int_equal(found, ARRAY_LEN(ranked));
}

static void arguments_beyond_the_eighth_come_from_the_callers_home_area(void **state)
{
	struct tk *t = TK(state);
	static const uint64_t args[10] = { 0, 0, 0, 0, 0, 0, 0, 0, 0x1111, 0x2222 };
	int row = export_find_name("NtDeviceIoControlFile");
	assert_int_equal(export_table[row].nargs, 10);
	struct ppc_context *ctx = arena_row(&t->m->world, t->m->t_context, t->main);
	mem_put64(&t->m->mem, (uint32_t)ctx->gpr[1] + 0x50, args[8]); /* a word lies at r1 + 54 */
	mem_put64(&t->m->mem, (uint32_t)ctx->gpr[1] + 0x58, args[9]);
	tk_start(t, CODE(t, I_CALL(tk_thunk(t, "NtDeviceIoControlFile")), I_B(0)));
	tk_run(t, 100);
	assert_int_equal(tk_event_at(t, EV_IMPORT_CALL, 0)->args[8], 0x1111);
	assert_int_equal(tk_event_at(t, EV_IMPORT_CALL, 0)->args[9], 0x2222);
}

static void a_call_is_seen_with_its_arguments_and_its_result(void **state)
{
	struct tk *t = TK(state);
	tk_start(t, CODE(t, I_LI(3, 0x7770), I_CALL(tk_thunk(t, "NtClose")), I_B(0)));
	tk_run(t, 100);
	static const enum event_kind order[] = { EV_THREAD_START, EV_IMPORT_CALL, EV_KERNEL_CALL, EV_HANDLE_STALE, EV_KERNEL_RETURN };
	for (unsigned i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(t->event[i].kind, order[i]);
	assert_string_equal(t->event[2].name, "NtClose");
	assert_int_equal(t->event[2].args[0], 0x7770);
	assert_int_equal(t->event[2].nargs, 1);
	assert_int_equal(t->event[2].lr, TK_CODE + 4 + 5 * 4);
	assert_int_equal(t->event[2].instr, 8);
	assert_int_equal(t->event[4].result, NT_INVALID_HANDLE);
	assert_string_equal(t->event[4].name, "NtClose");
}

/* ---- loading --------------------------------------------------------------------------------------------------------------------------- */

static const uint8_t loop[4] = { 0x48, 0, 0, 0 };

static enum status load(const struct image *img, struct err *err)
{
	struct machine_options o;
	struct machine *m;
	machine_options_default(&o);
	assert_int_equal(machine_new(&o, &m, err), ST_OK);
	enum status st = machine_load(m, img, err);
	machine_free(m);
	return st;
}

static void unknown_imports_are_all_listed(void **state)
{
	struct err err;
	struct image_segment seg = { TK_CODE, 0x1000, MEM_PROT_R | MEM_PROT_X, 4, loop };
	struct image_import imp[] = { { "xboxkrnl", 0x0CF, 1, TK_CODE + 0x10 }, { "xboxkrnl", 0x7ff, 1, TK_CODE + 0x20 },
				      { "xbdm", 9, 1, TK_CODE + 0x30 }, { "xam", 0x7fff, 0, TK_CODE + 0x40 },
				      { "xboxkrnl", 0x0AD, 1, TK_CODE + 0x50 }, { "xboxkrnl", 0x0CF, 1, 0x83000000 } };
	struct image img = { .name = "bad", .entry = TK_CODE, .base = TK_CODE, .size = 0x1000, .segments = 1, .segment = &seg,
			     .imports = ARRAY_LEN(imp), .import = imp };
	assert_int_equal(load(&img, &err), ST_BAD_IMAGE);
	assert_string_equal(err.text, "bad: 5 imports cannot be resolved: xboxkrnl 7FF (unknown export), xbdm 009 (no such library), "
	                              "xam 7FFF (unknown export), xboxkrnl 0AD (a variable, imported as a function), "
	                              "xboxkrnl 0CF (its record lies outside of the image)");
}

static void overlapping_segments_are_refused(void **state)
{
	struct err err;
	struct image_segment seg[2] = { { TK_CODE, 0x2000, MEM_PROT_R, 4, loop }, { TK_CODE + 0x1000, 0x1000, MEM_PROT_R, 0, NULL } };
	struct image img = { .name = "bad", .entry = TK_CODE, .base = TK_CODE, .size = 0x2000, .segments = 2, .segment = seg };
	assert_int_equal(load(&img, &err), ST_BAD_IMAGE);
	assert_non_null(strstr(err.text, "82001000"));
}

static void a_variables_slot_gets_its_address_and_a_functions_slot_stays(void **state)
{
	struct err err;
	struct machine_options o;
	struct machine *m;
	struct image_segment seg = { TK_CODE, 0x1000, MEM_PROT_R | MEM_PROT_X, 4, loop };
	struct image_import imp[] = { { "xboxkrnl", 0x0AD, 0, TK_CODE + 0x10 }, { "xboxkrnl", 0x0CF, 0, TK_CODE + 0x14 },
				      { "xboxkrnl", 0x0CF, 1, TK_CODE + 0x20 }, { "xboxkrnl", 0x193, 0, TK_CODE + 0x30 } };
	struct image img = { .name = "good", .entry = TK_CODE, .base = TK_CODE, .size = 0x1000, .segments = 1, .segment = &seg,
			     .imports = ARRAY_LEN(imp), .import = imp };
	machine_options_default(&o);
	assert_int_equal(machine_new(&o, &m, &err), ST_OK);
	assert_int_equal(machine_load(m, &img, &err), ST_OK);
	assert_int_equal(mem_get32(&m->mem, TK_CODE + 0x10), machine_row(m)->timestamp_ga);
	assert_int_equal(mem_get32(&m->mem, TK_CODE + 0x14), 0);
	static const uint32_t thunk[4] = { 0x3D600000, 0x616B00CF, 0x44000042, 0x4E800020 };
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(mem_get32(&m->mem, TK_CODE + 0x20 + 4 * i), thunk[i]);
	uint32_t cell = mem_get32(&m->mem, TK_CODE + 0x30); /* the variable; it holds the title's module entry */
	assert_int_equal(mem_get32(&m->mem, cell), machine_row(m)->exe_module_ga);
	assert_int_equal(mem_get32(&m->mem, machine_row(m)->exe_module_ga + 0x3C), TK_CODE);
	machine_free(m);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(rows_ascend_by_module_and_ordinal),
	cmocka_unit_test(every_row_is_found_by_number_and_by_name),
	cmocka_unit_test(well_known_ordinals_are_right),
	cmocka_unit_test(what_is_built_has_a_handler_and_a_source),
	cmocka_unit_test(well_known_signatures_have_their_arguments),
	cmocka_unit_test(each_ranked_export_names_its_row),
	TK_TEST(arguments_beyond_the_eighth_come_from_the_callers_home_area),
	TK_TEST(a_call_is_seen_with_its_arguments_and_its_result),
	cmocka_unit_test(unknown_imports_are_all_listed),
	cmocka_unit_test(overlapping_segments_are_refused),
	cmocka_unit_test(a_variables_slot_gets_its_address_and_a_functions_slot_stays),
};
TK_MAIN(tests)
