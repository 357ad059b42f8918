/* tests/xamkit.h - what tests of XAM share: an XOVERLAPPED that is waited for, UTF-16, XCONTENT_DATA. */
#ifndef TESTS_XAMKIT_H
#define TESTS_XAMKIT_H

#include "kernel/content.h"
#include "kernel/overlapped.h"
#include "kernel/xam.h"
#include "kernel/xam_guest.h"
#include "tests/testkit.h"

/** A fresh XOVERLAPPED with nothing but an event (0 = none). */
static inline uint32_t xa_overlapped(struct tk *t, uint32_t event)
{
	uint32_t x = tk_memory(t, sizeof(struct g_xoverlapped));
	tk_put32(t, GA(x, g_xoverlapped, event), event);
	return x;
}
static inline uint32_t xa_field(struct tk *t, uint32_t ga)
{
	return tk_get32(t, ga);
}
#define XA(t, x, f) xa_field(t, GA(x, g_xoverlapped, f))

/** Lets it complete: its result. */
static inline uint32_t xa_complete(struct tk *t, uint32_t x)
{
	assert_int_equal(XA(t, x, result), ERROR_IO_PENDING);
	tk_pass(t, OVERLAPPED_TICKS);
	assert_int_not_equal(XA(t, x, result), ERROR_IO_PENDING);
	return XA(t, x, result);
}

static inline uint32_t xa_data(struct tk *t, uint32_t type, const char *display, const char *name)
{
	struct g_xcontent_data d = { .device_id = be32_of(CONTENT_DEVICE_ID), .content_type = be32_of(type) };
	uint32_t ga = tk_memory(t, sizeof d);
	for (unsigned i = 0; display[i]; i++)
		d.display_name[i] = be16_of((uint8_t)display[i]);
	memcpy(d.file_name, name, strlen(name));
	assert_int_equal(mem_poke(&t->m->mem, ga, &d, sizeof d), MEM_OK);
	return ga;
}

#endif
