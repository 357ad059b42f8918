/* kernel/mm.h - the guest's words for page protection and allocation types (values: NT's winnt.h; page sizes: the console's). */
#ifndef KERNEL_MM_H
#define KERNEL_MM_H

#include "kernel/machine.h"

#define PAGE_NOACCESS 0x001u
#define PAGE_READONLY 0x002u
#define PAGE_READWRITE 0x004u
#define PAGE_WRITECOPY 0x008u
#define PAGE_EXECUTE 0x010u
#define PAGE_EXECUTE_READ 0x020u
#define PAGE_EXECUTE_READWRITE 0x040u
#define PAGE_EXECUTE_WRITECOPY 0x080u

#define MEM_COMMIT 0x00001000u
#define MEM_RESERVE 0x00002000u
#define MEM_DECOMMIT 0x00004000u
#define MEM_RELEASE 0x00008000u
#define MEM_FREE_STATE 0x00010000u
#define MEM_PRIVATE 0x00020000u
#define MEM_RESET 0x00080000u
#define MEM_TOP_DOWN 0x00100000u
#define MEM_NOZERO 0x00800000u
#define MEM_LARGE_PAGES 0x20000000u   /* 64 KiB */
#define MEM_16MB_PAGES 0x80000000u

/** MEM_PROT_* of the guest's @protect, or -1: not one protection. */
int mm_protection(uint32_t protect);
/** The guest's word for MEM_PROT_*. */
uint32_t mm_protection_word(unsigned protect);
/** Commits physical memory, top-down among the free frames; its address in the window that @protect asks for, 0 = there is no room. */
uint32_t mm_physical_alloc(struct machine *m, uint32_t size, uint32_t protect);
/** The same, its physical address a multiple of @align (a power of two). */
uint32_t mm_physical_alloc_aligned(struct machine *m, uint32_t size, uint32_t protect, uint32_t align);
/** True: [ga, ga+size) lies in the virtual heaps and out of the kernel's and the stacks' ranges: a title may do with it what it likes. */
bool mm_is_title_range(uint32_t ga, uint32_t size);
/** The allocation that the page of @ga belongs to: its size in bytes; 0 = none. */
uint32_t mm_allocation_size(const struct machine *m, uint32_t base);

#endif
