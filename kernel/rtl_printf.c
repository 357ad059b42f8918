/* kernel/rtl_printf.c - the C library's printf family as xboxkrnl exports it: sprintf and its eleven relatives. */
#include "config.h"

#include "kernel/handlers.h"
#include "kernel/printf.h"

/* @format: number of the format's argument; the arguments follow it, or are a va_list. Stores at most @count units. */
static void print(struct machine *m, struct call *c, unsigned format, unsigned unit, bool list, uint32_t out, uint32_t count)
{
	struct guest_args args = list ? guest_args_list(arg32(c, format + 1)) : guest_args_call(format + 1);
	uint32_t n = guest_printf_guest(m, c, arg32(c, format), unit, &args, out, count);
	call_return(c, (uint32_t)(out && n > count ? -1 : (int32_t)n)); /* what did not fit is reported as -1 */
}

void k_sprintf(struct machine *m, struct call *c)
{
	print(m, c, 1, 1, false, arg32(c, 0), UINT32_MAX);
}

void k_vsprintf(struct machine *m, struct call *c)
{
	print(m, c, 1, 1, true, arg32(c, 0), UINT32_MAX);
}

void k__snprintf(struct machine *m, struct call *c)
{
	print(m, c, 2, 1, false, arg32(c, 0), arg32(c, 1));
}

void k__vsnprintf(struct machine *m, struct call *c)
{
	print(m, c, 2, 1, true, arg32(c, 0), arg32(c, 1));
}

void k__scprintf(struct machine *m, struct call *c)
{
	print(m, c, 0, 1, false, 0, 0);
}

void k__vscprintf(struct machine *m, struct call *c)
{
	print(m, c, 0, 1, true, 0, 0);
}

void k_swprintf(struct machine *m, struct call *c)
{
	print(m, c, 1, 2, false, arg32(c, 0), UINT32_MAX);
}

void k_vswprintf(struct machine *m, struct call *c)
{
	print(m, c, 1, 2, true, arg32(c, 0), UINT32_MAX);
}

void k__snwprintf(struct machine *m, struct call *c)
{
	print(m, c, 2, 2, false, arg32(c, 0), arg32(c, 1));
}

void k__vsnwprintf(struct machine *m, struct call *c)
{
	print(m, c, 2, 2, true, arg32(c, 0), arg32(c, 1));
}

void k__scwprintf(struct machine *m, struct call *c)
{
	print(m, c, 0, 2, false, 0, 0);
}

void k__vscwprintf(struct machine *m, struct call *c)
{
	print(m, c, 0, 2, true, 0, 0);
}
