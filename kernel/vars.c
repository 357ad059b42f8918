/* kernel/vars.c - see vars.h. Values: facts: kernel semantics, "XEX loading facts" and "Misc boot path". */
#include "config.h"

#include "kernel/vars.h"

#include <stdio.h>

#include "kernel/exports.h"
#include "kernel/rows.h"
#include "kernel/terminate.h"
#include "src/load/xex.h"

#define COMMAND_LINE_BYTES 0x400
#define IMAGE_NAME_BYTES 0x100
#define IMAGE_NAME "game:\\default.xex"
#define ALL_REGIONS 0xFFFFFFFFu

/* V(name, bytes): one after the other from VARS_BASE, each 16-byte aligned. Names without an export are the kernel's own. */
#define VARS(V) \
	V(ExThreadObjectType, sizeof(struct g_object_type)) V(ExEventObjectType, sizeof(struct g_object_type)) \
	V(ExMutantObjectType, sizeof(struct g_object_type)) V(ExSemaphoreObjectType, sizeof(struct g_object_type)) \
	V(ExTimerObjectType, sizeof(struct g_object_type)) V(IoCompletionObjectType, sizeof(struct g_object_type)) \
	V(IoDeviceObjectType, sizeof(struct g_object_type)) V(IoFileObjectType, sizeof(struct g_object_type)) \
	V(ObDirectoryObjectType, sizeof(struct g_object_type)) V(ObSymbolicLinkObjectType, sizeof(struct g_object_type)) \
	V(KeTimeStampBundle, sizeof(struct g_time_stamp_bundle)) V(XboxHardwareInfo, 16) V(XboxKrnlVersion, 8) \
	V(XboxKrnlBaseVersion, 8) V(KeDebugMonitorData, 4) V(KeCertMonitorData, 4) V(VdGpuClockInMHz, 4) V(VdGlobalDevice, 4) \
	V(VdGlobalXamDevice, 4) V(VdHSIOCalibrationLock, sizeof(struct g_rtl_critical_section)) V(XexExecutableModuleHandle, 4) \
	V(ExLoadedCommandLine, COMMAND_LINE_BYTES) V(TitleEntry, sizeof(struct g_ldr_data_table_entry)) V(TitleName, 128) \
	V(LoaderLock, sizeof(struct g_rtl_critical_section)) V(ModuleList, 24) \
	V(ExLoadedImageName, IMAGE_NAME_BYTES) V(ExConsoleGameRegion, 4) V(KiBugCheckData, 5 * 4) \
	V(UsbdBootEnumerationDoneEvent, sizeof(struct g_kevent)) V(TerminationList, sizeof(struct g_list_entry))

struct g_vars {
#define V(name, bytes) uint8_t name[((bytes) + 15) & ~15u];
	VARS(V)
#undef V
};
_Static_assert(sizeof(struct g_vars) <= MEM_PAGE, "the variables fit into their page");

static const struct {
	const char *name;
	uint32_t offset;
} vars[] = {
#define V(name, bytes) { #name, offsetof(struct g_vars, name) },
	VARS(V)
#undef V
};

#define VAR(name) GA(VARS_BASE, g_vars, name)
#define UNKNOWN_STEP 16u
#define UNKNOWN_MODULE 0x00100000u /* bytes of window for each module's ordinals */

uint32_t vars_address(uint32_t row)
{
	const struct export *e = &export_table[row];
	for (unsigned i = 0; i < ARRAY_LEN(vars); i++)
		if (!strcmp(vars[i].name, e->name))
			return VARS_BASE + vars[i].offset;
	return UNKNOWN_VARS_BASE + (uint32_t)export_module(e->module) * UNKNOWN_MODULE + e->ordinal * UNKNOWN_STEP;
}

uint32_t vars_loader_lock(void)
{
	return VAR(LoaderLock);
}

uint32_t vars_module_list(void)
{
	return VAR(ModuleList);
}

uint32_t vars_unknown(uint32_t ga)
{
	if (ga < UNKNOWN_VARS_BASE || ga >= KERNEL_HIGH)
		return 0;
	uint32_t offset = ga - UNKNOWN_VARS_BASE;
	int row = export_find_number(offset / UNKNOWN_MODULE, (uint16_t)(offset % UNKNOWN_MODULE / UNKNOWN_STEP));
	return row >= 0 && export_table[row].state == EXPORT_VAR ? (uint32_t)row + 1 : 0;
}

uint32_t vars_object_type(enum object_type type)
{
	switch (type) {
	case OT_THREAD:
		return VAR(ExThreadObjectType);
	case OT_MUTANT:
		return VAR(ExMutantObjectType);
	case OT_SEMAPHORE:
		return VAR(ExSemaphoreObjectType);
	case OT_TIMER_MANUAL:
	case OT_TIMER_AUTO:
		return VAR(ExTimerObjectType);
	case OT_EVENT_MANUAL:
	case OT_EVENT_AUTO:
		return VAR(ExEventObjectType);
	case OT_FILE:
		return VAR(IoFileObjectType);
	case OT_COMPLETION:
		return VAR(IoCompletionObjectType);
	case OT_DEVICE:
		return VAR(IoDeviceObjectType);
	case OT_SYMLINK:
		return VAR(ObSymbolicLinkObjectType);
	default:
		return 0;
	}
}

/* Pool tags, as they lie in X_OBJECT_TYPE. */
static void object_types_init(struct machine *m)
{
	static const struct {
		uint32_t offset;
		char tag[5];
	} tags[] = {
		{ offsetof(struct g_vars, ExThreadObjectType), "Thre" }, { offsetof(struct g_vars, ExEventObjectType), "Even" },
		{ offsetof(struct g_vars, ExMutantObjectType), "Muta" }, { offsetof(struct g_vars, ExSemaphoreObjectType), "Sema" },
		{ offsetof(struct g_vars, ExTimerObjectType), "Time" }, { offsetof(struct g_vars, IoCompletionObjectType), "Comp" },
		{ offsetof(struct g_vars, IoDeviceObjectType), "Devi" }, { offsetof(struct g_vars, IoFileObjectType), "File" },
		{ offsetof(struct g_vars, ObDirectoryObjectType), "Dire" }, { offsetof(struct g_vars, ObSymbolicLinkObjectType), "Symb" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(tags); i++)
		mem_put32(&m->mem, GA(VARS_BASE + tags[i].offset, g_object_type, pool_tag),
		          __builtin_bswap32(load_be32(tags[i].tag)));
}

static void bytes_put(struct machine *m, uint32_t ga, const void *bytes, uint32_t size)
{
	INVARIANT(mem_poke(&m->mem, ga, bytes, size) == MEM_OK);
}

static void critsec_init(struct machine *m, uint32_t ga, uint32_t spin)
{
	uint32_t list = GA(ga, g_rtl_critical_section, header.wait_list_flink);
	mem_put8(&m->mem, GA(ga, g_rtl_critical_section, header.type), 1);
	mem_put8(&m->mem, GA(ga, g_rtl_critical_section, header.absolute), (uint8_t)((spin + 255) >> 8));
	mem_put32(&m->mem, list, list);
	mem_put32(&m->mem, list + 4, list);
	mem_put32(&m->mem, GA(ga, g_rtl_critical_section, lock_count), UINT32_MAX);
}

/* A notification event that is set: what it says is done before a title runs. */
static void done_event_init(struct machine *m, uint32_t ga)
{
	uint32_t list = GA(ga, g_kevent, header.wait_list_flink);
	mem_put8(&m->mem, GA(ga, g_kevent, header.size), sizeof(struct g_kevent) / 4);
	mem_put32(&m->mem, GA(ga, g_kevent, header.signal_state), 1);
	mem_put32(&m->mem, list, list);
	mem_put32(&m->mem, list + 4, list);
}

void vars_bugcheck(struct machine *m, uint32_t code, const uint32_t parameter[4])
{
	mem_put32(&m->mem, VAR(KiBugCheckData), code);
	for (uint32_t i = 0; i < 4; i++)
		mem_put32(&m->mem, VAR(KiBugCheckData) + 4 * (i + 1), parameter[i]);
}

uint32_t vars_termination_list(void)
{
	return VAR(TerminationList);
}

/* The title's entry in the list of modules: what XexExecutableModuleHandle leads to. */
static void title_entry_init(struct machine *m)
{
	uint32_t entry = VAR(TitleEntry), name = VAR(TitleName);
	const char *text = m->image->name;
	uint32_t length = (uint32_t)strlen(text) * 2;
	mem_put32(&m->mem, VAR(XexExecutableModuleHandle), entry);
	for (uint32_t at = 0, list = VAR(ModuleList); at < 0x18; at += 8) { /* the only one so far */
		mem_put32(&m->mem, list + at, entry + at);
		mem_put32(&m->mem, list + at + 4, entry + at);
		mem_put32(&m->mem, entry + at, list + at);
		mem_put32(&m->mem, entry + at + 4, list + at);
	}
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, dll_base), m->image->base);
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, image_base), m->image->base);
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, image_size), m->image->size);
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, full_image_size), m->image->size);
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, entry_point), m->image->entry);
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, load_count), 1);
	if (m->image->xex) {
		mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, xex_header_base), XEX_HEADER_BASE);
		mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, dll_base_original), m->image->xex->load_address);
		mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, time_date_stamp), m->image->xex->timestamp);
	}
	for (uint32_t i = 0; text[i]; i++)
		mem_put16(&m->mem, name + i * 2, (uint8_t)text[i]);
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, base_dll_name.length), (uint16_t)length);
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, base_dll_name.maximum_length), (uint16_t)(length + 2));
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, base_dll_name.pointer), name);
	machine_row_mut(m)->exe_module_ga = entry;
}

enum status vars_init(struct machine *m)
{
	static const uint8_t version[8] = { 0, KERNEL_MAJOR, 0, KERNEL_MINOR, KERNEL_BUILD >> 8, KERNEL_BUILD & 0xff, 0, KERNEL_QFE };
	char command_line[COMMAND_LINE_BYTES] = "\"default.xex\"";
	enum status st = mem_commit(&m->mem, VARS_BASE, MEM_PAGE, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_kernel, VARS_BASE);
	if (st != ST_OK)
		return st;
	if (m->options.arguments)
		snprintf(command_line, sizeof command_line, "\"default.xex\" %.*s", (int)TITLE_ARGUMENTS_MAX, m->options.arguments);
	object_types_init(m);
	mem_put32(&m->mem, VAR(XboxHardwareInfo), 0x20); /* a hard disk */
	mem_put8(&m->mem, VAR(XboxHardwareInfo) + 4, HW_THREADS);
	bytes_put(m, VAR(XboxKrnlVersion), version, sizeof version);
	bytes_put(m, VAR(XboxKrnlBaseVersion), version, sizeof version);
	bytes_put(m, VAR(ExLoadedCommandLine), command_line, (uint32_t)strlen(command_line) + 1);
	bytes_put(m, VAR(ExLoadedImageName), IMAGE_NAME, sizeof IMAGE_NAME);
	mem_put32(&m->mem, VAR(ExConsoleGameRegion), ALL_REGIONS); /* which one it is, is the console's; another emulator's is this too */
	done_event_init(m, VAR(UsbdBootEnumerationDoneEvent));
	terminations_init(m);
	mem_put32(&m->mem, VAR(VdGpuClockInMHz), 500);
	critsec_init(m, VAR(VdHSIOCalibrationLock), 10000);
	critsec_init(m, VAR(LoaderLock), 0);
	title_entry_init(m);
	machine_row_mut(m)->timestamp_ga = VAR(KeTimeStampBundle);
	machine_row_mut(m)->timestamp_ms = UINT32_MAX;
	vars_time_update(m);
	return ST_OK;
}

void vars_time_update(struct machine *m)
{
	uint64_t ticks = machine_ticks(m);
	uint32_t ms = (uint32_t)(ticks / TICKS_PER_MS), ga = machine_row(m)->timestamp_ga;
	if (LIKELY(ms == machine_row(m)->timestamp_ms))
		return;
	machine_row_mut(m)->timestamp_ms = ms;
	mem_put64(&m->mem, GA(ga, g_time_stamp_bundle, interrupt_time), ticks / TICKS_PER_100NS);
	mem_put64(&m->mem, GA(ga, g_time_stamp_bundle, system_time), machine_row(m)->boot_time + ticks / TICKS_PER_100NS);
	mem_put32(&m->mem, GA(ga, g_time_stamp_bundle, tick_count), ms);
}
