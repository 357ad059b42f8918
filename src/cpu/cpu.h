/* src/cpu/cpu.h - the Xenon core: one context per guest thread, one interpreter, an exact instruction count.
 *
 * PowerPC64 in 32-bit mode: CR0, CA and effective addresses come from the low 32 bits; GPRs are 64 bits wide.
 * ppc.def is the list of instructions: decode, execution and disassembly come from its rows.
 */
#ifndef SRC_CPU_CPU_H
#define SRC_CPU_CPU_H

#include "src/base/base.h"
#include "src/mem/mem.h"

#define CYCLES_PER_TICK 64u   /* 3.2 GHz core, 50 MHz timebase */

/** A vector register. Stored as one 128-bit little-endian number, so that big-endian element i of n is host element n-1-i at every
 * width: byte i = b[15-i], halfword i = h[7-i], word i = w[3-i]. A guest load or store is a 16-byte reversal. */
union ppc_vr {
	uint8_t b[16];
	uint16_t h[8];
	uint32_t w[4];
	uint64_t d[2];
	float f[4];
} __attribute__((aligned(16)));

/** All registers of one guest thread: a row of the world table "context" (row = the thread's row). */
struct ppc_context {
	uint64_t gpr[32];
	uint64_t fpr[32];     /* IEEE double bits */
	union ppc_vr vr[128];
	uint64_t lr, ctr, msr;
	uint32_t pc;          /* next instruction */
	uint32_t fpscr;
	uint32_t vrsave;
	uint32_t vscr;        /* NJ = 0x00010000, SAT = 0x00000001 */
	uint8_t cr[8];        /* CR fields 0-7, each LT 8, GT 4, EQ 2, SO 1 */
	uint8_t so, ov, ca;   /* XER bits, 0 or 1 */
	uint8_t xer_count;    /* XER 25-31, for lswx/stswx */
	uint8_t fp_owed;      /* FPSCR bits not computed yet: see fp.h. 0 outside cpu_run, like fp_quick and fp_operand */
	uint8_t pad[3];
	uint64_t fp_operand[3];
	uint8_t fp_quick;     /* in 8 bytes of its own: hosts let a load wait for a store to its neighbours */
	uint8_t pad2[15];
};
ARENA_ROW_SIZE(ppc_context, 2656);

#define PPC_VSCR_NJ 0x00010000u
#define PPC_VSCR_SAT 0x00000001u

uint32_t ppc_cr(const struct ppc_context *c);
void ppc_cr_set(struct ppc_context *c, uint32_t v);
uint32_t ppc_xer(const struct ppc_context *c);
void ppc_xer_set(struct ppc_context *c, uint32_t v);
/** The register's value as a title starts a thread: all zero, MSR 9030, VRSAVE ones, VSCR.NJ set, FPSCR 0. */
void ppc_context_reset(struct ppc_context *c);

/** Why cpu_run came back. pc is the next instruction to run, except where it says "at". */
enum cpu_exit {
	CPU_BUDGET,           /* exactly the budget was used */
	CPU_SYSCALL,          /* an sc was executed (counted); pc is behind it; insn holds the word: LEV tells thunk from trap address */
	CPU_TRAP,             /* at a trap instruction whose condition holds; not counted */
	CPU_ILLEGAL,          /* at an unknown word; not counted */
	CPU_PRIVILEGED,       /* at an instruction that titles may not use; not counted */
	CPU_FAULT,            /* at an instruction whose access failed; not counted, no register changed; fault_* say more */
	CPU_FETCH,            /* pc itself cannot be fetched; not counted */
	CPU_BREAK,            /* at a breakpoint; not counted (slice.skip_break steps over it) */
	CPU_STOP,             /* cpu->stop_asked was set by a watchpoint or an observer: behind the instruction, counted */
};

/** sc levels that wedge uses in guest code of its own making. */
#define PPC_SC_IMPORT 2u      /* in an import thunk: r11 = module << 16 | ordinal */
#define PPC_SC_RETURN 3u      /* at a trap address: guest code called by the kernel has returned */

/** Virtual time: instruction i (0-based) of the slice runs at cycle_base + cpi * (cycle_used + i) / 6, by integer division. */
struct cpu_slice {
	struct ppc_context *ctx;   /* in */
	uint64_t budget;           /* in: instructions, at least 1 */
	uint64_t cycle_base;       /* in: cycles at the round's begin */
	uint64_t cycle_used;       /* in: hw x Q + instructions of this slice used before this call */
	uint32_t cpi;              /* in */
	bool skip_break;           /* in: do not report a breakpoint at the very first instruction */
	uint64_t used;             /* out: instructions executed */
	uint32_t insn;             /* out: word at fault (0 if it cannot be fetched) or the sc */
	uint32_t fault_ga;         /* out: CPU_FAULT: first byte that failed */
	uint32_t fault_size;       /* out: CPU_FAULT: bytes of the access */
	bool fault_store;          /* out */
	enum mem_result fault;     /* out */
};

struct cpu;                    /* src/cpu/cpu.c: decode cache and breakpoints; nothing in it decides the guest's future */

/** A core on @mem (borrowed; takes its code hooks). @pages bounds the decoded 4 KiB pages kept (0 = default). */
struct cpu *cpu_new(struct mem *mem, unsigned pages);
void cpu_free(struct cpu *cpu);
/** @entered (NULL: nobody) hears of a basic block, @count instructions from @ga on, when it is entered for the first time since it was decoded. */
void cpu_on_block(struct cpu *cpu, void (*entered)(void *ctx, uint32_t ga, unsigned count), void *ctx);
/** Runs until an exit. Host FP state is set on the way in and restored on the way out. */
enum cpu_exit cpu_run(struct cpu *cpu, struct cpu_slice *s);
/** Instructions that were run as whole iterations of a copying or filling loop (src/cpu/loop.h): says only how, not what. */
uint64_t cpu_in_loops(const struct cpu *cpu);
/** Asks the running slice to end behind the present instruction (from a mem hook). */
void cpu_stop(struct cpu *cpu);
/** Drops all decoded code (restore). */
void cpu_flush(struct cpu *cpu);
/** Breakpoints: cost nothing but on their own instruction. */
void cpu_break_set(struct cpu *cpu, uint32_t ga);
void cpu_break_clear(struct cpu *cpu, uint32_t ga);
bool cpu_break_at(const struct cpu *cpu, uint32_t ga);

/** Disassembles @word at @ga: "mnemonic operands" in GNU syntax with simplified mnemonics. @symbol may name branch targets
 * (NULL: plain hex). Returns false, with ".long 0x...", if the word is no instruction of the Xenon. */
bool ppc_disasm(uint32_t ga, uint32_t word, char *out, size_t size);
/** Is @word a branch that sets LR (bl, bla, bcl, bclrl, bcctrl)? For the stack walker. */
bool ppc_is_call(uint32_t word);

#endif
