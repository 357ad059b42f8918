/* kernel/vars.h - variables that xboxkrnl exports: where they lie and what they hold. */
#ifndef KERNEL_VARS_H
#define KERNEL_VARS_H

#include "kernel/machine.h"

/* What XboxKrnlVersion says: 2.0.1888.0 (facts: XEX loading). */
#define KERNEL_MAJOR 2
#define KERNEL_MINOR 0
#define KERNEL_BUILD 1888
#define KERNEL_QFE 0

/** Commits and fills the variables (load time; the image is the machine's). */
MUST_CHECK enum status vars_init(struct machine *m);
/** Address of the variable of export row @row. One whose contents are not known has an address that cannot be read:
 * a title that looks at it stops with a guest fault, not with an invented value. */
uint32_t vars_address(uint32_t row);
/** Export row + 1 of the variable without contents that @ga names, 0 = none. */
uint32_t vars_unknown(uint32_t ga);
/** The critical section under which libraries are loaded (kernel/loader.h); the heads of the three lists of LDR entries, one behind the other. Both
 * are the kernel's own. */
uint32_t vars_loader_lock(void);
uint32_t vars_module_list(void);
/** Address of ExEventObjectType etc. */
uint32_t vars_object_type(enum object_type type);
/** KiBugCheckData gets the code and the parameters of a bugcheck, as in NT. */
void vars_bugcheck(struct machine *m, uint32_t code, const uint32_t parameter[4]);
/** Head of the list of registrations for the title's end (kernel/terminate.h). */
uint32_t vars_termination_list(void);
/** KeTimeStampBundle says what time it is (once each millisecond of virtual time). */
void vars_time_update(struct machine *m);

#endif
