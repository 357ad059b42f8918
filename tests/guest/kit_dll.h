/* tests/guest/kit_dll.h - libraries (DLLs) of the guest kit: what they export, and what a title imports from one.
 *
 * `kitcc --dll[=BASE] -o toolbox.xex toolbox.c` makes a library, with DllMain as its entry point. KIT_EXPORT puts a function into its tables.
 * A title that imports from a library by itself names it once with KIT_LIBRARY, and each function with KIT_IMPORT; others
 * load it when they want to (XexLoadImage).
 */
#ifndef KIT_DLL_H
#define KIT_DLL_H

#include "kit.h"

#define DLL_PROCESS_DETACH 0u
#define DLL_PROCESS_ATTACH 1u
#define DLL_THREAD_ATTACH 2u
#define DLL_THREAD_DETACH 3u
#define XEX_LOAD_DLL 8u
#define STATUS_DLL_INIT_FAILED 0xC0000142u
#define STATUS_INVALID_IMAGE_FORMAT 0xC000007Bu

uint32_t DllMain(void *module, uint32_t reason, void *reserved);

/** Exports function @f under its name and @ordinal; or under the ordinal alone. tests/xexmake/layout.c reads these symbols. */
#define KIT_EXPORT(ordinal, f) __asm__(".globl __export_" #ordinal "_" #f "\n.set __export_" #ordinal "_" #f ", " #f)
#define KIT_EXPORT_ORDINAL(ordinal, f) __asm__(".globl __export_" #ordinal "_\n.set __export_" #ordinal "_, " #f)

/** The one library that this title imports from itself: its third, behind xboxkrnl and xam. */
#define KIT_LIBRARY(file) __asm__(".pushsection .xex.libraries.more, \"a\"\n.ascii \"" file "\"\n.org 32\n.popsection")
#define KIT_IMPORT(ordinal, name) \
	__asm__(".pushsection .xex.slot." #name ", \"a\"\n.balign 4\n.Lslot_" #name ": .long 0x20000 | " #ordinal "\n.popsection\n" \
		".pushsection .xex.rec." #name ", \"a\"\n.Lrec_" #name ": .long .Lslot_" #name ", " #name "\n.popsection\n" \
		".pushsection .xex.thunk." #name ", \"ax\"\n.balign 16\n.globl " #name "\n.type " #name ", @function\n" \
		#name ": .reloc ., R_PPC_NONE, .Lrec_" #name "\n.long 0x1020000 | " #ordinal ", 0x2020000 | " #ordinal "\n" \
		"mtctr 11\nbctr\n.size " #name ", 16\n.popsection")

#endif
