/* kernel/rtl_time.c - Rtl: the system time (100 ns since 1601-01-01) and its calendar fields. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/guest.h"
#include "kernel/handlers.h"

#define PER_MS 10000u                 /* 100 ns */
#define MS_PER_DAY 86400000u
#define DAYS_PER_400_YEARS 146097u
#define DAYS_PER_100_YEARS 36524u
#define DAYS_PER_4_YEARS 1461u
#define YEAR_FIRST 1601u
#define YEAR_LAST 30827u              /* of the fields; the time has 63 bits */

/* Days before a month; the second row is a leap year's. */
static const uint16_t days_before[2][13] = {
	{ 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 },
	{ 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366 },
};

static unsigned leap(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1601-01-01 to the year's first. */
static uint32_t days_to(uint32_t year)
{
	uint32_t n = year - YEAR_FIRST;
	return n * 365 + n / 4 - n / 100 + n / 400;
}

static uint32_t year_of(uint32_t days)
{
	uint32_t year = YEAR_FIRST + days / DAYS_PER_400_YEARS * 400, part;
	days %= DAYS_PER_400_YEARS;
	part = days / DAYS_PER_100_YEARS;
	part = part > 3 ? 3 : part; /* the last day of 400 years */
	year += part * 100;
	days -= part * DAYS_PER_100_YEARS;
	year += days / DAYS_PER_4_YEARS * 4;
	days %= DAYS_PER_4_YEARS;
	return year + (days / 365 > 3 ? 3 : days / 365);
}

/* xboxkrnl 0x140. */
void k_RtlTimeToTimeFields(struct machine *m, struct call *c)
{
	uint64_t ms = in64(m, c, arg32(c, 0)) / PER_MS;
	uint32_t days = (uint32_t)(ms / MS_PER_DAY), in_day = (uint32_t)(ms % MS_PER_DAY);
	if (c->faulted)
		return;
	uint32_t year = year_of(days), day = days - days_to(year), month = 1;
	while (day >= days_before[leap(year)][month])
		month++;
	const struct g_time_fields f = {
		.year = be16_of((uint16_t)year), .month = be16_of((uint16_t)month),
		.day = be16_of((uint16_t)(day - days_before[leap(year)][month - 1] + 1)),
		.hour = be16_of((uint16_t)(in_day / 3600000)), .minute = be16_of((uint16_t)(in_day / 60000 % 60)),
		.second = be16_of((uint16_t)(in_day / 1000 % 60)), .milliseconds = be16_of((uint16_t)(in_day % 1000)),
		.weekday = be16_of((uint16_t)((days + 1) % 7)), /* 1601-01-01 was a Monday */
	};
	out_bytes(m, c, arg32(c, 1), &f, sizeof f);
}

/* xboxkrnl 0x13F: BOOLEAN; fields that name no moment change nothing. The weekday is not looked at. */
void k_RtlTimeFieldsToTime(struct machine *m, struct call *c)
{
	struct g_time_fields f;
	if (!in_bytes(m, c, arg32(c, 0), &f, sizeof f))
		return;
	uint32_t year = be16_get(f.year), month = be16_get(f.month), day = be16_get(f.day);
	uint32_t hour = be16_get(f.hour), minute = be16_get(f.minute), second = be16_get(f.second), ms = be16_get(f.milliseconds);
	if (year < YEAR_FIRST || year > YEAR_LAST || !month || month > 12 || hour > 23 || minute > 59 || second > 59 || ms > 999)
		return;
	const uint16_t *before = days_before[leap(year)];
	if (!day || day > (uint32_t)before[month] - before[month - 1])
		return;
	uint64_t days = days_to(year) + before[month - 1] + day - 1;
	uint64_t in_day = ((hour * 60u + minute) * 60u + second) * 1000u + ms;
	out64(m, c, arg32(c, 1), (days * MS_PER_DAY + in_day) * PER_MS);
	call_return(c, 1);
}
