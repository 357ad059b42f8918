/* kernel/rtl_error.c - Rtl: NT statuses and Win32 errors. */
#include "config.h"

#include "kernel/call.h"
#include "kernel/handlers.h"

#define ERROR_MR_MID_NOT_FOUND 317u
#define CUSTOMER 0x20000000u          /* bit of statuses that are not NT's own */

static const struct {
	uint32_t status, error;
} errors[] = {
#define NT_ERROR(status, error, name) { status, error },
#include "kernel/nterror.def"
#undef NT_ERROR
};

/* xboxkrnl 0x135. What no row has is ERROR_MR_MID_NOT_FOUND, as in NT. */
void k_RtlNtStatusToDosError(struct machine *m, struct call *c)
{
	uint32_t status = arg32(c, 0);
	call_return(c, ERROR_MR_MID_NOT_FOUND);
	if (status & CUSTOMER)
		call_return(c, status);
	else if (status >> 16 == 0x8007 || status >> 16 == 0xC007)
		call_return(c, status & 0xFFFFu); /* a Win32 error in disguise */
	unsigned low = 0, high = ARRAY_LEN(errors);
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (errors[middle].status < status)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < ARRAY_LEN(errors) && errors[low].status == status)
		call_return(c, errors[low].error);
}

/* xboxkrnl 0x137. */
void k_RtlRaiseStatus(struct machine *m, struct call *c)
{
	raise_status(m, c, arg32(c, 0));
}
