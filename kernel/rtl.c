/* kernel/rtl.c - Rtl*: strings, memory, status codes, raised exceptions (as far as the kernel takes part). */
#include "config.h"

#include <stdio.h>

#include "kernel/args.h"
#include "kernel/handlers.h"
#include "kernel/rows.h"
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

/* ---- NTSTATUS to Win32 error (values: NT's ntstatus.h and winerror.h) ------------------------------------------------------------- */

#define ERROR_MR_MID_NOT_FOUND 317u

static const struct {
	uint32_t status, error;
} errors[] = {
	{ 0x00000000, 0 },    { 0x00000080, 735 },  { 0x000000C0, 731 },  { 0x00000101, 739 },  { 0x00000102, 258 },
	{ 0x00000103, 997 },  { 0x40000000, 698 },  { 0x80000005, 234 },  { 0x80000006, 18 },   { 0x8000001A, 259 },
	{ 0xC0000001, 31 },   { 0xC0000002, 1 },    { 0xC0000003, 87 },   { 0xC0000004, 24 },   { 0xC0000005, 998 },
	{ 0xC0000008, 6 },    { 0xC000000D, 87 },   { 0xC000000E, 2 },    { 0xC000000F, 2 },    { 0xC0000010, 1 },
	{ 0xC0000011, 38 },   { 0xC0000013, 21 },   { 0xC0000017, 8 },    { 0xC0000018, 487 },  { 0xC000001A, 487 },
	{ 0xC000001C, 1 },    { 0xC0000022, 5 },    { 0xC0000023, 122 },  { 0xC0000024, 6 },    { 0xC000002D, 487 },
	{ 0xC0000030, 87 },   { 0xC0000033, 123 },  { 0xC0000034, 2 },    { 0xC0000035, 183 },  { 0xC0000037, 6 },
	{ 0xC0000039, 161 },  { 0xC000003A, 3 },    { 0xC000003B, 161 },  { 0xC0000040, 8 },    { 0xC0000043, 32 },
	{ 0xC0000045, 87 },   { 0xC0000046, 288 },  { 0xC0000047, 298 },  { 0xC000004A, 156 },  { 0xC000004B, 5 },
	{ 0xC0000054, 33 },   { 0xC0000055, 33 },   { 0xC0000056, 5 },    { 0xC000007F, 112 },  { 0xC000009A, 1450 },
	{ 0xC00000A0, 487 },  { 0xC00000A2, 19 },   { 0xC00000B5, 121 },  { 0xC00000BA, 5 },    { 0xC00000BB, 50 },
	{ 0xC0000101, 145 },  { 0xC0000102, 1392 }, { 0xC0000103, 267 },  { 0xC000010A, 5 },    { 0xC0000120, 995 },
	{ 0xC0000121, 5 },    { 0xC0000128, 6 },    { 0xC0000135, 126 },  { 0xC0000138, 182 },  { 0xC0000139, 127 },
	{ 0xC0000185, 1117 }, { 0xC0000191, 587 },  { 0xC0000225, 1168 },
};

void k_RtlNtStatusToDosError(struct machine *m, struct call *c)
{
	uint32_t status = arg32(c, 0);
	call_return(c, ERROR_MR_MID_NOT_FOUND);
	if (status & 0x20000000u)
		call_return(c, status); /* the customer's own */
	else if (status >> 16 == 0x8007 || status >> 16 == 0xC007)
		call_return(c, status & 0xFFFFu); /* a Win32 error in disguise */
	for (unsigned i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].status == status)
			call_return(c, errors[i].error);
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
		raise_status(m, c, be32_get(r.code));
}
