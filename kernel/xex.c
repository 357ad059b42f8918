/* kernel/xex.c - Xex*, RtlImageXexHeaderField: modules as a title sees them: its own, xboxkrnl and xam.
 *
 * The system modules have no image in the machine. Their entries in the list of modules, and the thunks of exports that a title asks for by
 * ordinal, are made when they are first asked for, at addresses that depend on nothing else.
 */
#include "config.h"

#include <stdio.h>
#include <strings.h>

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/module.h"
#include "kernel/rows.h"
#include "kernel/thunk.h"
#include "kernel/vars.h"
#include "kernel/xex.h"
#include "src/load/xex.h"

#define XEX_HEADER_COUNT 0x14u        /* offsets in the XEX2 header */
#define XEX_HEADER_FIELDS 0x18u
#define KEY_SYSTEM_FLAGS 0x00030000u
#define KEY_SYSTEM_FLAGS_32 0x00030100u
#define DLL_NOT_FOUND 0xC0000135u     /* NT, LdrGetDllHandle */
#define ORDINAL_NOT_FOUND 0xC0000138u /* NT, LdrGetProcedureAddress; and: */
#define ENTRYPOINT_NOT_FOUND 0xC0000139u
#define MODULES 2u
#define ORDINALS 0x1000u              /* of one module's window of thunks */

struct module_page {
	struct g_ldr_data_table_entry entry[MODULES];
	uint8_t name[MODULES][32];
};
static const char *const module_file[MODULES] = { "xboxkrnl.exe", "xam.xex" };
static const char *const module_name[MODULES] = { "xboxkrnl", "xam" };

static uint32_t module_ga(unsigned module)
{
	return MODULES_BASE + (uint32_t)(offsetof(struct module_page, entry) + module * sizeof(struct g_ldr_data_table_entry));
}

/* ---- the XEX header -------------------------------------------------------------------------------------------------------------- */

/* A field's value where its key says that it is one, else its address; 0 = absent. */
static uint32_t header_field(struct machine *m, struct call *c, uint32_t header, uint32_t key)
{
	uint32_t count = in32(m, c, header + XEX_HEADER_COUNT);
	for (uint32_t i = 0, at = header + XEX_HEADER_FIELDS; i < count && !c->faulted; i++, at += 8) {
		if (in32(m, c, at) != key || c->faulted)
			continue;
		uint32_t value = in32(m, c, at + 4);
		return (key & 0xff) == 0 ? value : (key & 0xff) == 1 ? at + 4 : header + value;
	}
	return 0;
}

uint32_t title_header_field(struct machine *m, struct call *c, uint32_t key)
{
	uint32_t header = mem_get32(&m->mem, GA(machine_row(m)->exe_module_ga, g_ldr_data_table_entry, xex_header_base));
	return header ? header_field(m, c, header, key) : 0;
}

/* xboxkrnl 0x12B. */
void k_RtlImageXexHeaderField(struct machine *m, struct call *c)
{
	call_return(c, header_field(m, c, arg32(c, 0), arg32(c, 1)));
}

/* xboxkrnl 0x194. A title without a XEX header has no privileges. */
void k_XexCheckExecutablePrivilege(struct machine *m, struct call *c)
{
	uint32_t bit = arg32(c, 0);
	if (bit < 64)
		call_return(c, title_header_field(m, c, bit < 32 ? KEY_SYSTEM_FLAGS : KEY_SYSTEM_FLAGS_32) >> bit % 32 & 1);
}

/* ---- modules by name ------------------------------------------------------------------------------------------------------------- */

static bool page_make(struct machine *m, uint32_t ga, unsigned protect)
{
	ga &= ~(MEM_PAGE - 1);
	return mem_commit(&m->mem, ga, MEM_PAGE, protect, MEM_OWNER_kernel, ga) == ST_OK;
}

static bool page_there(const struct machine *m, uint32_t ga)
{
	uint8_t byte;
	return mem_peek(&m->mem, ga, &byte, 1) == MEM_OK;
}

/* The entry says which module it is; where the console has its image, nobody can see here: base and size stay 0. */
static void module_make(struct machine *m, unsigned module)
{
	uint32_t entry = module_ga(module), name = MODULES_BASE + (uint32_t)offsetof(struct module_page, name[0]) + module * 32;
	uint16_t length = (uint16_t)(strlen(module_file[module]) * 2);
	for (uint32_t at = 0; at < 0x18; at += 8) {
		mem_put32(&m->mem, entry + at, entry + at);
		mem_put32(&m->mem, entry + at + 4, entry + at);
	}
	for (uint32_t i = 0; module_file[module][i]; i++)
		mem_put16(&m->mem, name + i * 2, (uint8_t)module_file[module][i]);
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, base_dll_name.length), length);
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, base_dll_name.maximum_length), (uint16_t)(length + 2));
	mem_put32(&m->mem, GA(entry, g_ldr_data_table_entry, base_dll_name.pointer), name);
	mem_put16(&m->mem, GA(entry, g_ldr_data_table_entry, load_count), 1);
}

/* Entry of system module @module, 0 = out of memory. */
static uint32_t module_entry(struct machine *m, unsigned module)
{
	if (!page_there(m, MODULES_BASE)) {
		if (!page_make(m, MODULES_BASE, MEM_PROT_R | MEM_PROT_W))
			return 0;
		for (unsigned i = 0; i < MODULES; i++)
			module_make(m, i);
	}
	return module_ga(module);
}

/* Names are compared without regard to case, folders do not count. */
uint32_t xex_module_entry(struct machine *m, const char *path)
{
	const char *name = strrchr(path, '\\') ? strrchr(path, '\\') + 1 : path;
	if (!*path || !strcasecmp(name, m->image->name) || !strcasecmp(name, "default.xex")) /* as its command line says */
		return machine_row(m)->exe_module_ga;
	for (unsigned i = 0; i < MODULES; i++)
		if (!strcasecmp(name, module_file[i]))
			return module_entry(m, i);
	return 0;
}

bool xex_is_system(const struct machine *m, uint32_t entry)
{
	unsigned i = 0;
	while (i < MODULES && entry != module_ga(i))
		i++;
	return i < MODULES || entry == machine_row(m)->exe_module_ga;
}

/* xboxkrnl 0x195: no name = the title. */
void k_XexGetModuleHandle(struct machine *m, struct call *c)
{
	char path[256] = "";
	if (arg32(c, 0))
		in_string(m, c, arg32(c, 0), path, sizeof path);
	if (c->faulted)
		return;
	uint32_t entry = xex_module_entry(m, path), row = entry ? 0 : module_by_name(m, path);
	if (row)
		entry = module_peek(m, row)->ldr_ga;
	out32(m, c, arg32(c, 1), entry);
	if (!entry)
		call_return(c, DLL_NOT_FOUND);
}

/* xboxkrnl 0x19C: (pc, module *): the base of the image that @pc lies in, and its entry; NULL and NULL of code that is no module's. What it returns is that
 * of NT's RtlPcToFileHeader; titles use the entry. */
void k_XexPcToFileHeader(struct machine *m, struct call *c)
{
	const struct w_machine *w = machine_row(m);
	uint32_t pc = arg32(c, 0), row = module_at(m, pc);
	bool own = pc - w->image_base < w->image_size;
	out32(m, c, arg32(c, 1), row ? module_peek(m, row)->ldr_ga : own ? w->exe_module_ga : 0);
	call_return(c, row ? module_peek(m, row)->base : own ? w->image_base : 0);
}

/* Row of the library whose entry is @entry, 0 for the title (also NULL: xenia-canary, XexGetProcedureAddress). False: it is none. */
static bool module_row_of(const struct machine *m, uint32_t entry, uint32_t *row)
{
	*row = module_by_ldr(m, entry);
	return *row || !entry || entry == machine_row(m)->exe_module_ga;
}

/* xboxkrnl 0x196: a resource of a module, by name. The system's modules have none that could be seen here. */
void k_XexGetModuleSection(struct machine *m, struct call *c)
{
	char name[64] = "";
	uint32_t row, ga, size;
	in_string(m, c, arg32(c, 1), name, sizeof name);
	if (c->faulted)
		return;
	if (!module_row_of(m, arg32(c, 0), &row) || !module_resource(m, row, name, &ga, &size)) {
		call_return(c, NT_NOT_FOUND);
		return;
	}
	out32(m, c, arg32(c, 2), ga);
	out32(m, c, arg32(c, 3), size);
}

/* ---- exports, by ordinal and by name ---------------------------------------------------------------------------------------------------------- */

/* Address at which export row @row can be called, 0 = out of memory. */
static uint32_t thunk_of(struct machine *m, unsigned module, uint32_t row)
{
	uint8_t bytes[THUNK_BYTES];
	uint32_t ordinal = export_table[row].ordinal, ga = THUNKS_BASE + (module * ORDINALS + ordinal) * THUNK_BYTES;
	if (!page_there(m, ga) && !page_make(m, ga, MEM_PROT_R | MEM_PROT_X))
		return 0;
	thunk_make(bytes, module, ordinal);
	return mem_poke(&m->mem, ga, bytes, sizeof bytes) == MEM_OK ? ga : 0;
}

/* Of one of the system's modules. They have no names: the console's are linked by ordinal only. */
static uint32_t system_export(struct machine *m, struct call *c, unsigned module, uint32_t ordinal)
{
	int row = ordinal < ORDINALS ? export_find(module_name[module], (uint16_t)ordinal) : -1;
	if (row < 0) {
		call_return(c, ORDINAL_NOT_FOUND);
		return 0;
	}
	uint32_t address = export_table[row].state == EXPORT_VAR ? vars_address((uint32_t)row) : thunk_of(m, module, (uint32_t)row);
	if (!address)
		call_return(c, NT_NO_MEMORY);
	return address;
}

/* xboxkrnl 0x197: an ordinal, or the address of a name. */
void k_XexGetProcedureAddress(struct machine *m, struct call *c)
{
	char name[256] = "";
	uint32_t entry = arg32(c, 0), ordinal = arg32(c, 1), address = 0, row;
	unsigned module = 0;
	bool named = ordinal > UINT16_MAX;
	while (module < MODULES && entry != module_ga(module))
		module++;
	if (named)
		in_string(m, c, ordinal, name, sizeof name);
	if (c->faulted)
		return;
	if (module < MODULES && !named) {
		address = system_export(m, c, module, ordinal);
	} else if (module < MODULES || module_row_of(m, entry, &row)) {
		if (module == MODULES)
			address = named ? module_export_named(m, row, name) : module_export(m, row, ordinal);
		if (!address)
			call_return(c, named ? ENTRYPOINT_NOT_FOUND : ORDINAL_NOT_FOUND);
	} else {
		call_return(c, NT_INVALID_HANDLE);
	}
	out32(m, c, arg32(c, 2), address);
}
