/* src/cpu/insn.c - the rows of ppc.def as a table: which row a word belongs to, and where its fields lie. */
#include "config.h"

#include "src/cpu/insn.h"

const struct ppc_row ppc_rows[PPC_INSNS] = {
#define INSN(id, name, mask, match, form, operands, flags, how) \
	{ name, mask, match, PPC_FORM_##form, flags, false, operands },
#define INSN_RC(id, name, mask, match, form, operands, flags, how) \
	{ name, mask, match, PPC_FORM_##form, flags, true, operands },
#include "src/cpu/ppc.def"
#undef INSN
#undef INSN_RC
};

unsigned ppc_insn_of(uint32_t word)
{
	unsigned i = 0;
	while (i < PPC_INSNS && (word & ppc_rows[i].mask) != ppc_rows[i].match)
		i++;
	return i;
}

bool ppc_is_record(unsigned insn, uint32_t word)
{
	const struct ppc_row *r = &ppc_rows[insn];
	uint32_t bit = r->form == PPC_FORM_VC ? 0x400 : r->form == PPC_FORM_VX128_R ? 0x40 : 1;
	return r->record && (word & bit);
}

/* ---- fields. D, A, B, C: the five-bit fields at bits 6, 11, 16, 21 of the manual's numbering --------------------- */

#define D(w) ((w) >> 21 & 31)
#define A(w) ((w) >> 16 & 31)
#define B(w) ((w) >> 11 & 31)
#define C(w) ((w) >> 6 & 31)
#define SIMM(w) ((int16_t)((w) & 0xffff))
#define VD(w) (D(w) | ((w) >> 2 & 3) << 5)
#define VA(w) (A(w) | ((w) >> 5 & 1) << 5 | ((w) >> 10 & 1) << 6)
#define VB(w) (B(w) | ((w) & 3) << 5)
#define SH6(w) (B(w) | ((w) >> 1 & 1) << 5)
#define MB6(w) (C(w) | ((w) >> 5 & 1) << 5)
#define SPR(w) (A(w) | B(w) << 5)

/* The row of a form: values of d, a, b, c, imm, in terms of the word w. rldcl and rldcr have RB where the others have SH. */
#define FIELDS(X) \
	X(D, D(w), A(w), 0, 0, SIMM(w)) \
	X(DU, A(w), D(w), 0, 0, (int32_t)(w & 0xffff)) \
	X(DS, D(w), A(w), 0, 0, SIMM(w) & ~3) \
	X(DC, D(w) >> 2, A(w), D(w) & 1, 0, SIMM(w)) \
	X(DCL, D(w) >> 2, A(w), D(w) & 1, 0, (int32_t)(w & 0xffff)) \
	X(DT, D(w), A(w), 0, 0, SIMM(w)) \
	X(I, 0, 0, 0, 0, (int32_t)(w << 6) >> 6 & ~3) \
	X(B, D(w), A(w), 0, 0, SIMM(w) & ~3) \
	X(XL, D(w), A(w), B(w), 0, (int32_t)w) \
	X(X, D(w), A(w), B(w), 0, (int32_t)w) \
	X(XO, D(w), A(w), B(w), 0, (int32_t)w) \
	X(XA, A(w), D(w), B(w), 0, (int32_t)w) \
	X(XC, D(w) >> 2, A(w), B(w), D(w) & 1, (int32_t)w) \
	X(XFX, D(w), 0, 0, 0, (int32_t)SPR(w)) \
	X(M, A(w), D(w), B(w), 0, (int32_t)w) \
	X(MD, A(w), D(w), w & 16 ? B(w) : SH6(w), MB6(w), (int32_t)w) \
	X(XS, A(w), D(w), SH6(w), 0, (int32_t)w) \
	X(A, D(w), A(w), B(w), C(w), (int32_t)w) \
	X(VX, D(w), A(w), B(w), 0, (int32_t)w) \
	X(VA, D(w), A(w), B(w), C(w), (int32_t)w) \
	X(VC, D(w), A(w), B(w), 0, (int32_t)w) \
	X(VX128, VD(w), VA(w), VB(w), 0, (int32_t)w) \
	X(VX128_1, VD(w), A(w), B(w), 0, (int32_t)w) \
	X(VX128_2, VD(w), VA(w), VB(w), C(w) & 7, (int32_t)w) \
	X(VX128_3, VD(w), A(w), VB(w), 0, (int32_t)w) \
	X(VX128_4, VD(w), A(w), VB(w), C(w) & 3, (int32_t)w) \
	X(VX128_5, VD(w), VA(w), VB(w), C(w) & 15, (int32_t)w) \
	X(VX128_R, VD(w), VA(w), VB(w), 0, (int32_t)w) \
	X(VX128_P, VD(w), 0, VB(w), A(w) | (C(w) & 7) << 5, (int32_t)w) \
	X(NONE, 0, 0, 0, 0, (int32_t)w)

/* What decodes one form. */
#define X(form, fd, fa, fb, fc, fimm) \
	static void fields_##form(uint32_t w, struct ppc_op *op) \
	{ \
		op->d = (uint8_t)(fd); \
		op->a = (uint8_t)(fa); \
		op->b = (uint8_t)(fb); \
		op->c = (uint8_t)(fc); \
		op->imm = fimm; \
	}
FIELDS(X)
#undef X

static void (*const fields_of[])(uint32_t, struct ppc_op *) = {
#define FORM(name) fields_##name,
	PPC_FORMS(FORM)
#undef FORM
};

void ppc_fields(unsigned insn, uint32_t word, struct ppc_op *op)
{
	fields_of[ppc_rows[insn].form](word, op);
}
