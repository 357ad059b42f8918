/* src/cpu/engine.h - inside of the core: decoded pages, the kinds of decoded ops, what a running slice knows.
 *
 * A page of guest code is an array of 1024 ops and a sentinel, zero at first: handler 0 decodes. A block is decoded as a
 * whole when it is entered, so that every op knows how many instructions are left to its block's end (run). Entering
 * a block charges run at once; whoever leaves it early gives back what was not executed. When the budget ends
 * inside the block, the op at which it ends is given the handler `cut` for as long as the block runs, and the block is charged
 * up to there only. So counting is exact, and no instruction tests for anything.
 */
#ifndef SRC_CPU_ENGINE_H
#define SRC_CPU_ENGINE_H

#include "src/cpu/cpu.h"
#include "src/cpu/insn.h"
#include "src/cpu/link.def"
#include "src/cpu/loop.h"

#define CODE_OPS (MEM_PAGE / 4)
#define CODE_PAGES_DEFAULT 1024u
#define CODE_PAGES_MIN 2u

/** What a label of the interpreter stands for. Two for each row (2 * row, and its record form behind), then the engine's own. */
enum ppc_kind {
	PPC_KIND_ROWS = 2 * PPC_INSNS - 1,
#define VARIANT(name) PPC_V_##name,
#include "src/cpu/variants.def"
#undef VARIANT
	PPC_KINDS,
	/* Rows by the same prefix, for lists that name both. */
#define INSN(id, name, mask, match, form, operands, flags, how) PPC_V_##id = 2 * PPC_INSN_##id,
#define INSN_RC(id, name, mask, match, form, operands, flags, how) PPC_V_##id = 2 * PPC_INSN_##id,
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC
};
#define PPC_KIND(insn, record) ((uint16_t)(2 * (insn) + (record)))

/* Ops that one fused handler runs, at most; which: fuse.def. */
#define FUSE_LENGTH 4u
#define FUSE_KINDS 96u        /* that fuse.def may name */
enum {
#define FUSE2(...) +1
#define FUSE3(...) +1
#define FUSE4(...) +1
#define COUNT(...) +1
	FUSE_ROWS = 0
#include "src/cpu/fuse.def"
	,
	FUSE_LINKS = FUSE_LINK(COUNT),
#undef FUSE2
#undef FUSE3
#undef FUSE4
#undef COUNT
};

/* What an op in a fused handler takes from those before it, so that it needs not be read back: an operand that is the last
 * general register written, or the CR field last set. The digits are what fuse.def has. */
#define FROM_a 1u
#define FROM_b 2u
#define FROM_d 4u
#define FROM_cr 8u
/* The handler's name. */
#define FUSE_NAME2(id1, id2, f2) id1##__##id2##_##f2
#define FUSE_NAME3(id1, id2, f2, id3, f3) id1##__##id2##_##f2##__##id3##_##f3
#define FUSE_NAME4(id1, id2, f2, id3, f3, id4, f4) id1##__##id2##_##f2##__##id3##_##f3##__##id4##_##f4

struct fuse_row {
	uint16_t kind[FUSE_LENGTH];
	uint8_t from[FUSE_LENGTH]; /* FROM_*: operands that must be the results before */
	uint8_t length;
	uint16_t next;        /* the next one that begins with the same two kinds, + 1; 0 = none (code.c) */
	int cost;             /* without what follows */
	int32_t go;
};

/** Where the interpreter's handlers are, in bytes from that of PPC_V_decode. */
struct interp_labels {
	int32_t plain[PPC_KINDS];
	struct fuse_row fused[FUSE_ROWS];
	int32_t link[FUSE_LINKS][8]; /* 2 * way in (0 = by go) + does it hand on; all 0 where nothing is linked */
	int32_t cut_link;
};

struct code_page {
	struct ppc_op ops[CODE_OPS + 1];
	uint32_t number;      /* page number */
	uint32_t canonical;   /* of its mirror group */
	bool used;
};

/** What handlers that may fail see: the running slice. */
struct ppc_exec {
	struct mem *mem;
	struct cpu_slice *slice;
	bool attention;       /* behind the present instruction: dispatch anew, or stop */
	bool stop_asked;
	uint32_t cut_run;     /* instructions of the running block that are not charged: those from the cut on */
	int32_t cut_go[4];    /* labels that the cut op and those before it had (FUSE_LENGTH) */
	unsigned cut_ops;     /* how many */
	int32_t cut_imm;      /* the cut op's */
	struct ppc_op *cut;   /* or NULL */
	enum cpu_exit exit;   /* why the run ends; set by an FX handler that returns false */
	uint32_t pc;          /* where it goes on */
	int64_t left;         /* of the budget, where no register holds it (interp.c, THREADED) */
};

struct cpu {
	struct ppc_exec x;
	struct code_page **map;     /* by page number; NULL = not decoded */
	struct code_page *pool;
	unsigned pages;             /* of the pool */
	unsigned hand;              /* the next to be evicted */
	void (*entered)(void *ctx, uint32_t ga, unsigned count); /* a block that was decoded just now; NULL = nobody wants to know */
	void *entered_ctx;
	uint32_t *breaks;           /* ascending */
	size_t n_breaks, max_breaks;
	struct loop *loops;         /* LOOPS of them */
	unsigned loop_hand;         /* the next to be given away */
	uint64_t loop_instructions; /* run by loop_run */
	struct interp_labels labels;
	uint8_t fuse_of[PPC_KINDS]; /* number of a kind that fuse.def names, 0 = it does not */
	uint16_t fuse_pair[FUSE_KINDS][FUSE_KINDS]; /* by two such numbers: the longest row that begins with them, + 1 */
	struct code_index {         /* decoder, by primary opcode: its only row, or a table by the low 11 bits */
		uint16_t only;
		uint16_t *by_low;
	} index[64];
};

/** The decoded page of @pc, taken from the pool if need be; NULL if it cannot be fetched. */
struct code_page *code_page_get(struct cpu *cpu, uint32_t pc);
/** Decodes the block that begins at @op, one of @cpu's pages. */
void code_decode(struct cpu *cpu, struct ppc_op *op);
/** The label of @op that runs nothing but it: `break` or its own. */
int32_t code_label_alone(const struct cpu *cpu, const struct ppc_op *op);
/** A breakpoint came or went at @ga. */
void code_relabel(struct cpu *cpu, uint32_t ga);
/** Drops every page of @page's mirror group. */
void code_drop(struct cpu *cpu, uint32_t page);
void code_flush(struct cpu *cpu);
void code_init(struct cpu *cpu, unsigned pages);
void code_fini(struct cpu *cpu);
/** The row of @word by the index: ppc_insn_of, fast. */
unsigned code_insn_of(const struct cpu *cpu, uint32_t word);
/** The page that @op (not a sentinel's successor) lies in, and its guest address. */
struct code_page *code_page_of(struct cpu *cpu, const struct ppc_op *op);
uint32_t code_pc(struct cpu *cpu, const struct ppc_op *op);
/** Turns a decoded row into its specialised variant, if it has one. @ga: of the instruction. */
void code_specialise(unsigned insn, uint32_t ga, uint32_t word, struct ppc_op *op);

void interp_labels(struct interp_labels *labels);
/** Runs the slice in x. */
enum cpu_exit interp_run(struct cpu *cpu);

#endif
