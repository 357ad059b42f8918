/* tests/guest/xam.h - what guests that call XAM share. */
#ifndef XAM_H
#define XAM_H

#include "kit.h"

#define ERROR_SUCCESS 0u
#define ERROR_NO_MORE_FILES 18u
#define ERROR_IO_PENDING 997u
#define ERROR_FUNCTION_FAILED 1627u
#define XCONTENT_SAVED_GAME 1u
#define XCONTENT_CREATE_ALWAYS 2u
#define XCONTENT_OPEN_EXISTING 3u

/** The routine is void f(uint32_t result, uint32_t length, struct xoverlapped *). */
struct xoverlapped {
	volatile uint32_t result;
	uint32_t length, context;
	HANDLE event;
	void *completion_routine;
	uint32_t completion_context;
	uint32_t extended_error;
};

struct xcontent_data {
	uint32_t device_id, content_type;
	uint16_t display_name[128];
	char file_name[42];
	uint8_t pad[2];
};
_Static_assert(sizeof(struct xcontent_data) == 0x134, "as the console has it");

static inline struct xcontent_data xcontent(const char *display, const char *name)
{
	struct xcontent_data d;
	memset(&d, 0, sizeof d);
	d.device_id = 1;
	d.content_type = XCONTENT_SAVED_GAME;
	for (unsigned i = 0; display[i]; i++)
		d.display_name[i] = (uint8_t)display[i];
	memcpy(d.file_name, name, strlen(name));
	return d;
}

#endif
