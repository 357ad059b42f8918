/* kernel/rtl.c - Rtl*: strings, memory, status codes, raised exceptions (as far as the kernel takes part). */
#include "config.h"

#include <stdio.h>

#include "kernel/args.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
#include "kernel/seh.h"
#include "kernel/stop.h"

#define STRING_BYTES_MAX 0xFFFEu

/* ---- counted strings ------------------------------------------------------------------------------------------------------------- */

static void init_string(struct machine *m, struct call *c, unsigned unit)
{
	uint32_t source = arg32(c, 1), bytes = 0;
	while (source && bytes < STRING_BYTES_MAX - unit && !c->faulted &&
	       (unit == 2 ? in16(m, c, source + bytes) : in8(m, c, source + bytes)))
		bytes += unit;
	if (c->faulted)
		return;
	struct g_ansi_string s = { be16_of((uint16_t)bytes), be16_of((uint16_t)(source ? bytes + unit : 0)), be32_of(source) };
	out_bytes(m, c, arg32(c, 0), &s, sizeof s);
}

void k_RtlInitAnsiString(struct machine *m, struct call *c)
{
	init_string(m, c, 1);
}

void k_RtlInitUnicodeString(struct machine *m, struct call *c)
{
	init_string(m, c, 2);
}

/* ---- memory ------------------------------------------------------------------------------------------------------------------------ */

/* How many bytes agree from the start. */
void k_RtlCompareMemory(struct machine *m, struct call *c)
{
	uint32_t n = 0, size = arg32(c, 2);
	while (n < size && in8(m, c, arg32(c, 0) + n) == in8(m, c, arg32(c, 1) + n) && !c->faulted)
		n++;
	call_return(c, n);
}

/* How many bytes from the start hold the pattern; whole words only. */
void k_RtlCompareMemoryUlong(struct machine *m, struct call *c)
{
	uint32_t n = 0, size = arg32(c, 1) & ~3u;
	while (n < size && in32(m, c, arg32(c, 0) + n) == arg32(c, 2) && !c->faulted)
		n += 4;
	call_return(c, n);
}

void k_RtlFillMemoryUlong(struct machine *m, struct call *c)
{
	be32 block[64];
	uint32_t size = arg32(c, 1) & ~3u;
	for (unsigned i = 0; i < ARRAY_LEN(block); i++)
		block[i] = be32_of(arg32(c, 2));
	for (uint32_t at = 0, n; at < size; at += n) {
		n = size - at < sizeof block ? size - at : (uint32_t)sizeof block;
		if (!out_bytes(m, c, arg32(c, 0) + at, block, n))
			return;
	}
}

/* ---- exceptions -------------------------------------------------------------------------------------------------------------------- */

#define EXCEPTION_THREAD_NAME 0x406D1388u
#define THREAD_NAME_TYPE 0x1000u

/* Name, and the thread that it is for (-1 = the caller), as Visual C++ tells a debugger. */
static void thread_name(struct machine *m, struct call *c, const struct g_threadname_info *info)
{
	uint32_t tid = be32_get(info->thread_id), thread = tid == UINT32_MAX ? c->thread : thread_by_tid(m, tid);
	char name[sizeof(((struct w_thread *)0)->name)];
	in_string(m, c, be32_get(info->name_ptr), name, sizeof name);
	if (!thread || c->faulted)
		return;
	struct w_thread *t = thread_row(m, thread);
	memset(t->name, 0, sizeof t->name);
	memcpy(t->name, name, strlen(name));
}

void k_RtlRaiseException(struct machine *m, struct call *c)
{
	struct g_exception_record r;
	struct g_threadname_info info;
	if (!in_bytes(m, c, arg32(c, 0), &r, sizeof r))
		return;
	memcpy(&info, r.exception_information, sizeof info);
	if (be32_get(r.code) == EXCEPTION_THREAD_NAME && be32_get(info.type) == THREAD_NAME_TYPE)
		thread_name(m, c, &info);
	else
		seh_raise(m, c, arg32(c, 0), NULL);
}
