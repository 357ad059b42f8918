/* kernel/xex.h - the modules that are always there, for the loader: the title, xboxkrnl and xam. */
#ifndef KERNEL_XEX_H
#define KERNEL_XEX_H

#include "kernel/machine.h"

/** The LDR entry of the title or of a system module by name, as XexGetModuleHandle finds it; 0 = none of them, or no memory. */
uint32_t xex_module_entry(struct machine *m, const char *path);
/** Is @entry the LDR entry of one of them? */
bool xex_is_system(const struct machine *m, uint32_t entry);

#endif
