/* kernel/ex_config.c - ExGetXConfigSetting: what the console's owner has set up. */
#include "config.h"

#include <stdio.h>

#include "kernel/call.h"
#include "kernel/handlers.h"
#include "kernel/stop.h"

struct setting {
	uint16_t category, setting;
	uint32_t bytes, value;
};

static const struct setting settings[] = {
#define SETTING(category, setting, bytes, value, name) { category, setting, bytes, value },
#include "kernel/xconfig.def"
#undef SETTING
};

static const struct setting *find(uint32_t category, uint32_t setting)
{
	for (unsigned i = 0; i < ARRAY_LEN(settings); i++)
		if (settings[i].category == category && settings[i].setting == setting)
			return &settings[i];
	return NULL;
}

/* xboxkrnl 0x010: (u16 category, u16 setting, buffer, u16 bytes, u16 *required). A setting that is not known stops the run. */
void k_ExGetXConfigSetting(struct machine *m, struct call *c)
{
	uint32_t buffer = arg32(c, 2), size = arg32(c, 3) & 0xffff;
	const struct setting *s = find(arg32(c, 0) & 0xffff, arg32(c, 1) & 0xffff);
	if (!s) {
		char text[80];
		snprintf(text, sizeof text, "asks for setting %x of category %x, which is not known: ", arg32(c, 1) & 0xffff,
		         arg32(c, 0) & 0xffff);
		stop_unsupported(m, c, text);
		return;
	}
	if (!buffer && size) {
		call_return(c, NT_INVALID_PARAMETER_3);
		return;
	}
	if (arg32(c, 4))
		out16(m, c, arg32(c, 4), (uint16_t)s->bytes);
	be32 value = be32_of(s->value);
	if (buffer && size < s->bytes)
		call_return(c, NT_BUFFER_TOO_SMALL);
	else if (buffer && !c->faulted)
		out_bytes(m, c, buffer, (const uint8_t *)&value + sizeof value - s->bytes, s->bytes);
}
