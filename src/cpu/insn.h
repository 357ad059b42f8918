/* src/cpu/insn.h - one instruction: its row in ppc.def, its decoded form, and how its handler is written.
 *
 * A row of ppc.def is all that is known of an instruction. From it come the decoder (mask, match, form), the interpreter
 * (flags, handler) and the disassembler (mnemonic, operands). How to add one:
 *
 *   1. a row in ppc_int.def (integer, branch, CR, system), ppc_mem.def (whatever touches memory, FP and vector registers
 *      included), ppc_fp.def, ppc_vmx.def or ppc_vmx128.def. The columns are explained in ppc.def;
 *   2. its handler in the header of the family, src/cpu/x_int.h, x_fp.h, x_vmx.h, x_vmx128.h, as
 *
 *          static inline void x_vaddubm(struct ppc_context *c, const struct ppc_op *op)
 *          {
 *                  vmx_addubm(&c->vr[op->d], &c->vr[op->a], &c->vr[op->b]);
 *          }
 *
 *      and FN(x_vaddubm) in the row. It sees the whole context, reads its operands from the decoded fields of @op, and cannot fail.
 *      The engine has moved pc already or will; a handler never looks at c->pc. The x_*.h files are included by interp.c
 *      only, so that short handlers become part of the interpreter's one function. What is long or needs a test of its
 *      own lives behind them as a pure function in fp*.c, vmx*.c (values in, values out; FPSCR or VSCR by pointer).
 *
 * Two rows whose operands decode to the same fields share a handler: vand and vand128 are both FN(x_vand), because the
 * form has already put the 5- or 7-bit register numbers into d, a, b.
 *
 * Record forms: a row made with INSN_RC has one handler, without the record part; the engine runs it and then sets
 *   RC0  CR0 from the low 32 bits of gpr[op->d] and SO;
 *   RC1  CR1 from FPSCR[FX FEX VX OX];
 *   RC6  CR6 from vr[op->d]: 8 = all bits are ones, 2 = all bits are zero (true for vcmpbfp also).
 */
#ifndef SRC_CPU_INSN_H
#define SRC_CPU_INSN_H

#include "src/base/base.h"
#include "src/cpu/cpu.h"

/**
 * A decoded instruction. Which field holds what is said by the row's form:
 *
 *   form       d              a              b         c            imm
 *   D          RD/RS/FD       RA             -         -            SIMM, sign-extended (d(RA) too)
 *   DU         RA (target)    RS             -         -            UIMM, zero-extended      ori andi. ...
 *   DS         RD             RA             -         -            ds << 2, sign-extended   ld std lwa
 *   DC         CRFD           RA             L         -            SIMM                     cmpi
 *   DCL        CRFD           RA             L         -            UIMM                     cmpli
 *   DT         TO             RA             -         -            SIMM                     twi tdi
 *   I          -              -              -         -            LI, sign-extended bytes  b
 *   B          BO             BI             -         -            BD, sign-extended bytes  bc
 *   XL         BO/CRBD        BI/CRBA        CRBB      -            word                     bclr, crand, mcrf (CRFD CRFS: d>>2, a>>2)
 *   X          RD/RS/FD/VD    RA             RB        -            word
 *   XO         RD             RA             RB        -            word
 *   XA         RA (target)    RS             RB        -            word                     and slw extsb srawi (SH in b)
 *   XC         CRFD           RA/FA          RB/FB     L            word                     cmp fcmpu
 *   XFX        RD/RS          -              -         -            SPR or TBR number, or CRM (mtcrf)
 *   M          RA (target)    RS             SH or RB  -            word                     rlwinm
 *   MD         RA (target)    RS             SH (6) RB MB/ME (6)    word                     rldicl rldcl
 *   XS         RA (target)    RS             SH (6)    -            word                     sradi
 *   A          FD             FA             FB        FC           word                     fmadd; XFL, mtfsfi: take imm apart
 *   VX         VD             VA/UIMM/SIMM   VB        -            word                     (SIMM: 5 raw bits)
 *   VA         VD             VA             VB        VC/SHB       word
 *   VC         VD             VA             VB        -            word                     vcmp*: Rc is bit 10
 *   VX128      VD (7 bits)    VA (7)         VB (7)    -            word
 *   VX128_1    VD (7)         RA             RB        -            word                     lvx128
 *   VX128_2    VD (7)         VA (7)         VB (7)    VC (3 bits)  word                     vperm128
 *   VX128_3    VD (7)         IMM/UIMM (5)   VB (7)    -            word                     vrfin128, vspltw128
 *   VX128_4    VD (7)         IMM (5)        VB (7)    z (2 bits)   word                     vrlimi128; vpkd3d128: a = type << 2 | mask, c = shift
 *   VX128_5    VD (7)         VA (7)         VB (7)    SHB (4)      word                     vsldoi128
 *   VX128_R    VD (7)         VA (7)         VB (7)    -            word                     vcmp*128: Rc is bit 6
 *   VX128_P    VD (7)         -              VB (7)    PERM (8)     word                     vpermwi128
 *   NONE       -              -              -         -            word
 *
 * d is always the target (of the register that the record form looks at). The engine may rewrite fields of its own
 * integer rows further (specialised variants); rows with FN handlers get exactly this.
 */
struct ppc_op {
	int32_t go;           /* the interpreter's label, relative to its first */
	int32_t imm;
	uint8_t d, a, b, c;
	uint16_t run;         /* instructions from this one to the end of its basic block or page, 1..1024; 0 = not decoded */
	uint16_t kind;        /* what go stands for: enum ppc_kind (interp.c) */
};
_Static_assert(sizeof(struct ppc_op) == 16, "four ops in a cache line");

/* Forms and their decoders: FORM(name). */
#define PPC_FORMS(FORM) \
	FORM(D) FORM(DU) FORM(DS) FORM(DC) FORM(DCL) FORM(DT) FORM(I) FORM(B) FORM(XL) FORM(X) FORM(XO) FORM(XA) FORM(XC) \
	FORM(XFX) FORM(M) FORM(MD) FORM(XS) FORM(A) FORM(VX) FORM(VA) FORM(VC) FORM(VX128) FORM(VX128_1) FORM(VX128_2) \
	FORM(VX128_3) FORM(VX128_4) FORM(VX128_5) FORM(VX128_R) FORM(VX128_P) FORM(NONE)
enum ppc_form {
#define FORM(name) PPC_FORM_##name,
	PPC_FORMS(FORM)
#undef FORM
};

/* Flags of a row. */
#define PPC_RC0 0x01u         /* INSN_RC: the record form sets CR0 */
#define PPC_RC1 0x02u         /* ... CR1 */
#define PPC_RC6 0x04u         /* ... CR6 */
#define PPC_END 0x08u         /* ends a basic block: the next instruction may not be the one behind */
#define PPC_LK 0x10u          /* bit 31 is LK: mnemonic + "l" */
#define PPC_AA 0x20u          /* bit 30 is AA: mnemonic + "a" */
#define PPC_LOAD 0x40u
#define PPC_STORE 0x80u

/** A row of ppc.def as the decoder and the disassembler see it. */
struct ppc_row {
	const char *name;     /* mnemonic without ".", "l", "a" */
	uint32_t mask, match;
	uint8_t form;         /* enum ppc_form */
	uint8_t flags;
	bool record;          /* made with INSN_RC */
	const char *operands;
};

/** Row numbers: PPC_INSN_add, ... */
enum ppc_insn {
#define INSN(id, name, mask, match, form, operands, flags, how) PPC_INSN_##id,
#define INSN_RC(id, name, mask, match, form, operands, flags, how) PPC_INSN_##id,
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC
	PPC_INSNS
};

extern const struct ppc_row ppc_rows[PPC_INSNS];

/** The row that @word is an instance of, or PPC_INSNS: no instruction. */
unsigned ppc_insn_of(uint32_t word);
/** Does @word (of row @insn) ask for its record form? */
bool ppc_is_record(unsigned insn, uint32_t word);
/** Fills d, a, b, c, imm of @op as the row's form says; the rest is zero. */
void ppc_fields(unsigned insn, uint32_t word, struct ppc_op *op);

#endif
