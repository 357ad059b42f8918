/* kernel/xam_loader.c - what XAM says of the running title and of the console, its heaps, and what one title hands to the next. */
#include "config.h"

#include "kernel/handlers.h"
#include "kernel/mm.h"
#include "kernel/module.h"
#include "kernel/overlapped.h"
#include "kernel/pool.h"
#include "kernel/vars.h"
#include "kernel/xam.h"

#define KEY_EXECUTION_INFO 0x00040006u
#define REGION_NTSC_U 0x00FFu /* of a console bought in the United States (Xenia's table by country, 103) */
#define E_OUTOFMEMORY 0x8007000Eu
#define HEAP_PHYSICAL \
	0x40000000u /* of the heap flags; of the physical ones 24-27 are the exponent of the alignment, 28 and 29 the protection */
#define PHYSICAL_ALIGN(flags) ((flags) >> 24 & 0xF)
#define PHYSICAL_ALIGN_DEFAULT 12u
#define LAUNCH_DATA_MAX 0x10000u /* more is nothing that a title gives */

/* ---- the title --------------------------------------------------------------------------------------------------------------------- */

/* Where its execution info lies, inside of the headers; a title without a XEX header has none. */
void k_XamGetExecutionId(struct machine *m, struct call *c)
{
	uint32_t ga = title_header_field(m, c, KEY_EXECUTION_INFO);
	call_return(c, ga ? NT_SUCCESS : NT_NOT_FOUND);
	if (ga)
		out32(m, c, arg32(c, 0), ga);
}

/* Major, minor, build and QFE in 4, 4, 16 and 8 bits (Xenia): those that XboxKrnlVersion says. */
void k_XamGetSystemVersion(struct machine *m, struct call *c)
{
	call_return(c, (uint32_t)KERNEL_MAJOR << 28 | (uint32_t)KERNEL_MINOR << 24 | (uint32_t)KERNEL_BUILD << 8 | KERNEL_QFE);
	(void)m;
}

void k_XGetGameRegion(struct machine *m, struct call *c)
{
	(void)m;
	call_return(c, REGION_NTSC_U);
}

/* ---- memory (Xenia canary) ----------------------------------------------------------------------------------------------------------- */

/* From one heap, whichever the flags name. */
static void heap_alloc(struct machine *m, struct call *c, uint32_t size, uint32_t out)
{
	if (!probe_bytes(m, c, out, 4, true))
		return;
	uint32_t ga = pool_alloc(m, size ? size : 1, POOL_TITLE);
	out32(m, c, out, ga);
	call_return(c, ga ? 0 : E_OUTOFMEMORY);
}

/* (flags, bytes, address *) */
void k_XamAlloc(struct machine *m, struct call *c)
{
	heap_alloc(m, c, arg32(c, 1), arg32(c, 2));
}

/* (physical flags, flags, bytes, address *): physical memory if the flags ask for it. */
void k_XamAllocEx(struct machine *m, struct call *c)
{
	static const uint32_t protections[4] = { PAGE_READONLY, PAGE_READWRITE, PAGE_READWRITE, PAGE_READWRITE };
	uint32_t physical = arg32(c, 0), size = arg32(c, 2), align = PHYSICAL_ALIGN(physical);
	if (!(arg32(c, 1) & HEAP_PHYSICAL)) {
		heap_alloc(m, c, size, arg32(c, 3));
		return;
	}
	if (!probe_bytes(m, c, arg32(c, 3), 4, true))
		return;
	uint32_t ga = mm_physical_alloc_aligned(
		m, size, protections[physical >> 28 & 3], 1u << (align ? align : PHYSICAL_ALIGN_DEFAULT));
	out32(m, c, arg32(c, 3), ga); /* fresh memory is zero, whether that is asked for or not */
	call_return(c, ga ? 0 : E_OUTOFMEMORY);
}

/* What is no block of a heap is left alone. */
void k_XamFree(struct machine *m, struct call *c)
{
	pool_free(m, arg32(c, 0), POOL_TITLE);
}

/* ---- launch data ------------------------------------------------------------------------------------------------------------------------ */

void k_XamLoaderSetLaunchData(struct machine *m, struct call *c)
{
	uint32_t from = arg32(c, 0), size = arg32(c, 1);
	struct w_xam *x = xam_mut(m);
	if (size > LAUNCH_DATA_MAX) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	if (!probe_bytes(m, c, from, size, false))
		return;
	uint32_t block = size ? pool_alloc(m, size, POOL_KERNEL) : 0;
	if (size && !block) {
		call_return(c, ERROR_NO_SYSTEM_RESOURCES);
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		mem_put8(&m->mem, block + i, mem_get8(&m->mem, from + i));
	if (x->launch_ga)
		pool_free(m, x->launch_ga, POOL_KERNEL);
	x->launch_ga = block;
	x->launch_size = size;
}

void k_XamLoaderGetLaunchDataSize(struct machine *m, struct call *c)
{
	uint32_t size = xam_peek(m)->launch_size;
	call_return(c, !arg32(c, 0) ? ERROR_INVALID_PARAMETER : size ? ERROR_SUCCESS : ERROR_NOT_FOUND);
	out32(m, c, arg32(c, 0), size);
}

/* As much as there is room for. */
void k_XamLoaderGetLaunchData(struct machine *m, struct call *c)
{
	const struct w_xam *x = xam_peek(m);
	uint32_t n = arg32(c, 1) < x->launch_size ? arg32(c, 1) : x->launch_size;
	struct overlapped_request r = { .end = { .answer = x->launch_size ? ERROR_SUCCESS : ERROR_NOT_FOUND },
		.out = { { arg32(c, 0), n, NULL, x->launch_ga } } };
	overlapped_begin(m, c, &r);
}
