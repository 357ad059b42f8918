/* src/cpu/disasm.c - the disassembler: mnemonics and operands of ppc.def, the simplified ones of alias.def, and the names
 * of conditional branches and traps. Numbers below ten are decimal, others hexadecimal. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/cpu/cpu.h"
#include "src/cpu/insn.h"

#define D(w) ((w) >> 21 & 31)
#define A(w) ((w) >> 16 & 31)
#define B(w) ((w) >> 11 & 31)
#define SH6(w) (B(w) | ((w) >> 1 & 1) << 5)
#define MB(w) ((w) >> 6 & 31)
#define ME(w) ((w) >> 1 & 31)
#define MB6(w) (MB(w) | ((w) >> 5 & 1) << 5)
#define SPR(w) (A(w) | B(w) << 5)

/* One line being written, and what it is about. */
struct line {
	char text[96];
	size_t length;
	uint32_t ga, word;
	struct ppc_op op;     /* decoded fields: the vector registers are 5 or 7 bits */
};

static void put(struct line *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(l->text + l->length, sizeof l->text - l->length, fmt, ap);
	va_end(ap);
	l->length += n < 0 ? 0 : (size_t)n;
	if (l->length >= sizeof l->text)
		l->length = sizeof l->text - 1;
}

static void put_number(struct line *l, int32_t v)
{
	if (v > -10 && v < 10)
		put(l, "%d", v);
	else
		put(l, "%s0x%x", v < 0 ? "-" : "", v < 0 ? -(uint32_t)v : (uint32_t)v);
}

/* ---- operands ------------------------------------------------------------------------------------------------------------ */

static void put_cr_bit(struct line *l, unsigned bit)
{
	static const char *const names[] = { "lt", "gt", "eq", "so" };
	if (bit >= 4)
		put(l, "4*cr%u+", bit / 4);
	put(l, "%s", names[bit & 3]);
}

static void put_base(struct line *l, bool zero)
{
	if (zero && !A(l->word))
		put(l, "(0)");
	else
		put(l, "(r%u)", A(l->word));
}

static void put_displacement(struct line *l, int32_t mask, bool zero)
{
	put_number(l, (int16_t)(l->word & 0xffff) & mask);
	put_base(l, zero);
}

static void put_target(struct line *l)
{
	put(l, "0x%x", (uint32_t)l->op.imm + (l->word & 2 ? 0 : l->ga));
}

/* WORD(name, spelling, statement): how an operand word is printed, in terms of the line l and its word w. */
#define WORDS(WORD) \
	WORD(RD, "RD", put(l, "r%u", D(w))) \
	WORD(RS, "RS", put(l, "r%u", D(w))) \
	WORD(RA, "RA", put(l, "r%u", A(w))) \
	WORD(RB, "RB", put(l, "r%u", B(w))) \
	WORD(RA0, "RA0", put(l, A(w) ? "r%u" : "%u", A(w))) \
	WORD(FD, "FD", put(l, "f%u", D(w))) \
	WORD(FS, "FS", put(l, "f%u", D(w))) \
	WORD(FA, "FA", put(l, "f%u", A(w))) \
	WORD(FB, "FB", put(l, "f%u", B(w))) \
	WORD(FC, "FC", put(l, "f%u", MB(w))) \
	WORD(VD, "VD", put(l, "v%u", l->op.d)) \
	WORD(VS, "VS", put(l, "v%u", l->op.d)) \
	WORD(VA, "VA", put(l, "v%u", l->op.a)) \
	WORD(VB, "VB", put(l, "v%u", l->op.b)) \
	WORD(VC, "VC", put(l, "v%u", l->op.c)) \
	WORD(SIMM, "SIMM", put_number(l, (int16_t)(w & 0xffff))) \
	WORD(UIMM, "UIMM", put_number(l, (int32_t)(w & 0xffff))) \
	WORD(d_RA0, "d(RA0)", put_displacement(l, -1, true)) \
	WORD(d_RA, "d(RA)", put_displacement(l, -1, false)) \
	WORD(ds_RA0, "ds(RA0)", put_displacement(l, ~3, true)) \
	WORD(ds_RA, "ds(RA)", put_displacement(l, ~3, false)) \
	WORD(ADDR, "ADDR", put_target(l)) \
	WORD(BO, "BO", put(l, "%u", D(w))) \
	WORD(BI, "BI", put_cr_bit(l, A(w))) \
	WORD(CRFD, "CRFD", put(l, "cr%u", D(w) >> 2)) \
	WORD(CRFS, "CRFS", put(l, "cr%u", A(w) >> 2)) \
	WORD(CRBD, "CRBD", put_cr_bit(l, D(w))) \
	WORD(CRBA, "CRBA", put_cr_bit(l, A(w))) \
	WORD(CRBB, "CRBB", put_cr_bit(l, B(w))) \
	WORD(L, "L", put(l, "%u", D(w) & 1)) \
	WORD(LMSR, "LMSR", put(l, "%u", A(w) & 1)) \
	WORD(TO, "TO", put(l, "%u", D(w))) \
	WORD(SH, "SH", put(l, "%u", B(w))) \
	WORD(NSH, "NSH", put(l, "%u", 32 - B(w))) \
	WORD(MB, "MB", put(l, "%u", MB(w))) \
	WORD(ME, "ME", put(l, "%u", ME(w))) \
	WORD(NME, "NME", put(l, "%u", 31 - ME(w))) \
	WORD(SH6, "SH6", put(l, "%u", SH6(w))) \
	WORD(MB6, "MB6", put(l, "%u", MB6(w))) \
	WORD(NME6, "NME6", put(l, "%u", 63 - MB6(w))) \
	WORD(SPR, "SPR", put(l, "%u", SPR(w))) \
	WORD(TBR, "TBR", put(l, "%u", SPR(w))) \
	WORD(CRM, "CRM", put_number(l, (int32_t)(w >> 12 & 0xff))) \
	WORD(FM, "FM", put_number(l, (int32_t)(w >> 17 & 0xff))) \
	WORD(FPSCRD, "FPSCRD", put(l, "%u", D(w))) \
	WORD(FPSCRI, "FPSCRI", put(l, "%u", w >> 12 & 15)) \
	WORD(NB, "NB", put(l, "%u", B(w) ? B(w) : 32)) \
	WORD(LEV, "LEV", put(l, "%u", w >> 5 & 127)) \
	WORD(SYNCL, "SYNCL", put(l, "%u", D(w) & 3)) \
	WORD(SHB, "SHB", put(l, "%u", l->op.c)) \
	WORD(VUIMM, "VUIMM", put(l, "%u", A(w))) \
	WORD(VSIMM, "VSIMM", put_number(l, (int32_t)(A(w) ^ 16) - 16)) \
	WORD(PERM, "PERM", put_number(l, l->op.c)) \
	WORD(Z, "Z", put(l, "%u", l->op.c)) \
	WORD(D3TYPE, "D3TYPE", put(l, "%u", A(w) >> 2)) \
	WORD(D3MASK, "D3MASK", put(l, "%u", A(w) & 3))

#define WORD(name, spelling, statement) \
	static void put_##name(struct line *l) \
	{ \
		uint32_t w = l->word; \
		(void)w; \
		statement; \
	}
WORDS(WORD)
#undef WORD

static const struct {
	const char *spelling;
	void (*put)(struct line *);
} words[] = {
#define WORD(name, spelling, statement) { spelling, put_##name },
	WORDS(WORD)
#undef WORD
};

static void put_operand(struct line *l, const char *word, size_t length)
{
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		if (!strncmp(words[i].spelling, word, length) && !words[i].spelling[length]) {
			words[i].put(l);
			return;
		}
	INVARIANT(!"an operand word that the disassembler does not know");
}

/** "mnemonic operands", the mnemonic filled up to seven columns; no blank behind a mnemonic without operands. */
static void put_insn(struct line *l, const char *mnemonic, const char *operands)
{
	if (!*operands) {
		put(l, "%s", mnemonic);
		return;
	}
	put(l, "%-7s ", mnemonic);
	for (const char *at = operands;;) {
		size_t n = strcspn(at, ",");
		put_operand(l, at, n);
		if (!at[n])
			return;
		put(l, ",");
		at += n + 1 + (at[n + 1] == ' ');
	}
}

/* ---- simplified mnemonics ------------------------------------------------------------------------------------------------ */

#define TEST_ANY(w) true
#define TEST_S_IS_B(w) (D(w) == B(w))
#define TEST_A_IS_B(w) (A(w) == B(w))
#define TEST_D_IS_A_IS_B(w) (D(w) == A(w) && A(w) == B(w))
#define TEST_SLWI(w) (B(w) && MB(w) == 0 && ME(w) == 31 - B(w))
#define TEST_SRWI(w) (B(w) && ME(w) == 31 && MB(w) == 32 - B(w))
#define TEST_CLRRWI(w) (!B(w) && MB(w) == 0)
#define TEST_SLDI(w) (SH6(w) && MB6(w) == 63 - SH6(w))
#define TEST_SRDI(w) (SH6(w) && MB6(w) == 64 - SH6(w))

static bool alias_try(struct line *l, unsigned insn, unsigned row, uint32_t mask, uint32_t match, bool test, const char *mnemonic,
                      const char *operands)
{
	if (insn != row || (l->word & mask) != match || !test)
		return false;
	char full[16];
	snprintf(full, sizeof full, "%s%s", mnemonic, ppc_is_record(insn, l->word) ? "." : "");
	put_insn(l, full, operands);
	return true;
}

static bool put_alias(struct line *l, unsigned insn)
{
	uint32_t w = l->word;
#define ALIAS(row, mnemonic, mask, match, test, operands) \
	if (alias_try(l, insn, PPC_INSN_##row, mask, match, TEST_##test(w), mnemonic, operands)) \
		return true;
#include "src/cpu/alias.def"
#undef ALIAS
	return false;
}

/* ---- conditional branches ------------------------------------------------------------------------------------------------ */

static const char *condition_name(unsigned bi, bool sense)
{
	static const char *const names[4][2] = { { "ge", "lt" }, { "le", "gt" }, { "ne", "eq" }, { "ns", "so" } };
	return names[bi & 3][sense];
}

/** "b" + what BO and BI ask for; false if the pair has no name. @hint becomes "+", "-" or "". */
static bool branch_name(unsigned bo, unsigned bi, char *name, size_t size, const char **hint)
{
	static const char *const hints[4] = { "", "", "-", "+" }; /* 1: reserved, has no meaning */
	bool on_ctr = !(bo & 4), on_cr = !(bo & 16);
	*hint = "";
	if (on_ctr && on_cr) {
		if (bo & 1)
			return false;
		snprintf(name, size, "bd%s%s", bo & 2 ? "z" : "nz", bo & 8 ? "t" : "f");
	} else if (on_ctr) {
		*hint = hints[(bo >> 2 & 2) | (bo & 1)];
		snprintf(name, size, "bd%s", bo & 2 ? "z" : "nz");
	} else if (on_cr) {
		*hint = hints[bo & 3];
		snprintf(name, size, "b%s", condition_name(bi, bo & 8));
	} else {
		if (bo != 20)
			return false;
		snprintf(name, size, "b");
	}
	return true;
}

/** bc, bclr, bcctr by their names; false if there is none. @to: "", "lr" or "ctr". */
static bool put_branch(struct line *l, const char *to, bool direct)
{
	unsigned bo = D(l->word), bi = A(l->word);
	bool on_cr = !(bo & 16), on_both = on_cr && !(bo & 4);
	const char *hint;
	char name[16], full[32];
	bool invalid = strcmp(to, "ctr") == 0 && !(bo & 4); /* counts in the register that it jumps to */
	if (invalid || !branch_name(bo, bi, name, sizeof name, &hint) || (direct && bo == 20) || (!on_cr && bi))
		return false;
	snprintf(full, sizeof full, "%s%s%s%s%s", name, to, l->word & 1 ? "l" : "", direct && (l->word & 2) ? "a" : "", hint);
	bool shown = on_both || (on_cr && bi >= 4);
	put(l, shown || direct ? "%-7s " : "%s", full);
	if (on_both)
		put_cr_bit(l, bi);
	else if (shown)
		put(l, "cr%u", bi / 4);
	if (direct) {
		put(l, shown ? "," : "");
		put_target(l);
	}
	return true;
}

/* ---- traps ------------------------------------------------------------------------------------------------------------------ */

static bool put_trap(struct line *l, const char *width, bool immediate)
{
	static const char *const names[32] = { [1] = "lgt", [2] = "llt", [4] = "eq", [5] = "lge", [6] = "lle", [8] = "gt",
	                                       [12] = "ge", [16] = "lt", [20] = "le", [24] = "ne", [31] = "u" };
	unsigned to = D(l->word);
	char full[16];
	if (to == 31 && !immediate && !A(l->word) && !B(l->word) && *width == 'w') {
		put(l, "trap");
		return true;
	}
	if (!names[to])
		return false;
	snprintf(full, sizeof full, "t%s%s%s", width, names[to], immediate ? "i" : "");
	put_insn(l, full, immediate ? "RA, SIMM" : "RA, RB");
	return true;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------------------- */

static bool put_named(struct line *l, unsigned insn)
{
	switch (insn) {
	case PPC_INSN_bc:
		return put_branch(l, "", true);
	case PPC_INSN_bclr:
		return put_branch(l, "lr", false);
	case PPC_INSN_bcctr:
		return put_branch(l, "ctr", false);
	case PPC_INSN_tw:
		return put_trap(l, "w", false);
	case PPC_INSN_twi:
		return put_trap(l, "w", true);
	case PPC_INSN_td:
		return put_trap(l, "d", false);
	case PPC_INSN_tdi:
		return put_trap(l, "d", true);
	default:
		return put_alias(l, insn);
	}
}

static void put_plain(struct line *l, unsigned insn)
{
	const struct ppc_row *r = &ppc_rows[insn];
	char full[24];
	snprintf(full, sizeof full, "%s%s%s%s", r->name, ppc_is_record(insn, l->word) ? "." : "",
	         (r->flags & PPC_LK) && (l->word & 1) ? "l" : "", (r->flags & PPC_AA) && (l->word & 2) ? "a" : "");
	put_insn(l, full, r->operands);
}

bool ppc_disasm(uint32_t ga, uint32_t word, char *out, size_t size)
{
	struct line l = { .ga = ga, .word = word };
	unsigned insn = ppc_insn_of(word);
	if (insn == PPC_INSNS) {
		put(&l, "%-7s 0x%08x", ".long", word);
	} else {
		ppc_fields(insn, word, &l.op);
		if (!put_named(&l, insn))
			put_plain(&l, insn);
	}
	snprintf(out, size, "%s", l.text);
	return insn != PPC_INSNS;
}

bool ppc_is_call(uint32_t word)
{
	unsigned insn = ppc_insn_of(word);
	return insn != PPC_INSNS && (ppc_rows[insn].flags & PPC_LK) && (word & 1);
}
