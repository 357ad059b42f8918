/* kernel/printf.h - the guest's printf: formats in guest memory, arguments in registers, on the stack or in a va_list.
 *
 * Flags - + space # 0; width and precision, also *; sizes h l ll L w I64 I32 I; conversions d i u o x X c C s S p n e E f F g G
 * a A %, and the kernel's Z (ANSI_STRING), wZ (UNICODE_STRING). Floating point looks as in the console's C library (printf_fp.h). An argument has 8 bytes; wide characters are UTF-16BE, printed as Latin-1 where they end up in bytes ('?' above).
 */
#ifndef KERNEL_PRINTF_H
#define KERNEL_PRINTF_H

#include "kernel/call.h"

/** Where arguments come from: the call's own from number @next on, or a va_list at @va. */
struct guest_args {
	bool list;
	uint32_t va;
	unsigned next;
};
static inline struct guest_args guest_args_call(unsigned first) { return (struct guest_args){ .next = first }; }
static inline struct guest_args guest_args_list(uint32_t va) { return (struct guest_args){ .list = true, .va = va }; }

/** Formats @format_ga (bytes) into @buf, NUL-ended, cut at @size; returns the length it would have had. Bad pointers fault the call. */
uint32_t guest_printf_host(struct machine *m, struct call *c, uint32_t format_ga, struct guest_args *args, char *buf, size_t size);
/** Formats into guest memory: at most @count units of @unit bytes (1 or 2) are stored; the NUL too if it fits. Returns the length without the NUL. */
uint32_t guest_printf_guest(struct machine *m, struct call *c, uint32_t format_ga, unsigned unit, struct guest_args *args,
                            uint32_t out_ga, uint32_t count);

#endif
