/* kernel/thunk.h - an import thunk as it stands in the machine: lis r11,module; ori r11,r11,ordinal; sc 2; blr. */
#ifndef KERNEL_THUNK_H
#define KERNEL_THUNK_H

#include "src/base/base.h"
#include "src/cpu/cpu.h"

#define THUNK_BYTES 16u

/** The thunk's bytes; @module is the number of export_module. */
static inline void thunk_make(uint8_t bytes[THUNK_BYTES], uint32_t module, uint32_t ordinal)
{
	store_be32(bytes, 0x3D600000u | module);
	store_be32(bytes + 4, 0x616B0000u | ordinal);
	store_be32(bytes + 8, 0x44000002u | PPC_SC_IMPORT << 5);
	store_be32(bytes + 12, 0x4E800020u);
}

#endif
