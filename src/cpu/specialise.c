/* src/cpu/specialise.c - which shorter form of itself a decoded instruction may take (variants.def). Nothing here changes
 * what an instruction does. */
#include "config.h"

#include "src/cpu/engine.h"

#define WORD(op) ((uint32_t)(op)->imm)

static void as(struct ppc_op *op, enum ppc_kind kind)
{
	op->kind = (uint16_t)kind;
}

/* ---- branches -------------------------------------------------------------------------------------------------------- */

/** Sets imm for a direct branch from @ga to @to: near kinds are followed by their far kind. */
static void aim(struct ppc_op *op, uint32_t ga, uint32_t to, enum ppc_kind near)
{
	bool same = (ga ^ to) < MEM_PAGE;
	op->imm = same ? (int32_t)(to - ga) / 4 : (int32_t)to;
	as(op, same ? near : near + 1);
}

/** LR of a call lies in d, a, b, c. */
static void put_lr(struct ppc_op *op, uint32_t lr)
{
	memcpy((uint8_t *)op + offsetof(struct ppc_op, d), &lr, sizeof lr);
}

static void on_b(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	uint32_t to = (uint32_t)op->imm + (word & 2 ? 0 : ga);
	if (word & 1)
		put_lr(op, ga + 4);
	aim(op, ga, to, word & 1 ? PPC_V_bl_near : PPC_V_b_near);
}

/** Puts the CR bit @bi as a field number and a mask into a and b. */
static void put_condition(struct ppc_op *op, unsigned bi)
{
	op->a = (uint8_t)(bi >> 2);
	op->b = (uint8_t)(8 >> (bi & 3));
}

static void on_bc(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	uint32_t to = (uint32_t)op->imm + (word & 2 ? 0 : ga);
	unsigned bo = op->d;
	op->imm = (int32_t)to;
	op->c = word & 1;
	if (op->c)
		return;
	if ((bo & 0x14) == 0x14) {
		aim(op, ga, to, PPC_V_b_near);
	} else if ((bo & 0x14) == 0x10) {
		aim(op, ga, to, bo & 2 ? PPC_V_bdz_near : PPC_V_bdnz_near);
		if (op->kind == PPC_V_bdnz_near && op->imm <= 0 && op->imm > -(int32_t)LOOP_OPS)
			op->c = LOOP_MAYBE;
	} else if ((bo & 0x14) == 0x04) {
		put_condition(op, op->a);
		aim(op, ga, to, bo & 8 ? PPC_V_bt_near : PPC_V_bf_near);
	}
}

static void on_bclr(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	unsigned bo = op->d;
	if (word & 1)
		return;
	if ((bo & 0x14) == 0x14) {
		as(op, PPC_V_blr);
	} else if ((bo & 0x14) == 0x04) {
		put_condition(op, op->a);
		as(op, bo & 8 ? PPC_V_btlr : PPC_V_bflr);
	}
}

static void on_bcctr(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if ((op->d & 0x14) != 0x14)
		return;
	as(op, word & 1 ? PPC_V_bctrl : PPC_V_bctr);
	op->imm = (int32_t)(ga + 4);
}

/* ---- integer ----------------------------------------------------------------------------------------------------------- */

static void on_addi(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, op->a ? PPC_KIND(PPC_INSN_addi, 0) : PPC_V_li);
}

static void on_addis(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	op->imm = (int32_t)(word << 16);
	on_addi(ga, word, op);
}

static void on_ori(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (!op->imm)
		as(op, op->a == op->d ? PPC_V_nop : PPC_V_mr);
}

/** oris, xoris, andis.: like the others with the operand in the upper half. */
static void on_oris(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	op->imm = (int32_t)(word << 16);
	as(op, PPC_KIND(PPC_INSN_ori, 0));
}

static void on_xoris(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	op->imm = (int32_t)(word << 16);
	as(op, PPC_KIND(PPC_INSN_xori, 0));
}

static void on_andis(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	op->imm = (int32_t)(word << 16);
	as(op, PPC_KIND(PPC_INSN_andi_, 0));
}

static void on_or(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (op->a == op->b && !(word & 1))
		as(op, op->a == op->d ? PPC_V_nop : PPC_V_mr);
}

static void on_rlwinm(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	unsigned sh = op->b, mb = word >> 6 & 31, me = word >> 1 & 31;
	if (mb > me)
		return;
	op->imm = (int32_t)(UINT32_MAX >> mb & UINT32_MAX << (31 - me));
	if (word & 1)
		as(op, PPC_V_rlwinm_m_rc);
	else if (sh == 0)
		as(op, PPC_V_and_imm);
	else if (mb == 0 && me == 31 - sh)
		as(op, PPC_V_slwi);
	else if (me == 31 && mb == 32 - sh)
		as(op, PPC_V_srwi);
	else
		as(op, PPC_V_rlwinm_m);
	if (op->kind == PPC_V_srwi)
		op->b = (uint8_t)mb;
}

static void on_rlwimi(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	unsigned mb = word >> 6 & 31, me = word >> 1 & 31;
	if (mb > me || (word & 1))
		return;
	op->imm = (int32_t)(UINT32_MAX >> mb & UINT32_MAX << (31 - me));
	as(op, PPC_V_rlwimi_m);
}

static void on_cmpi(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (!op->b)
		as(op, PPC_V_cmpwi);
}

static void on_cmpli(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (!op->b)
		as(op, PPC_V_cmplwi);
}

static void on_cmp(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (!op->c)
		as(op, PPC_V_cmpw);
}

static void on_cmpl(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (!op->c)
		as(op, PPC_V_cmplw);
}

/* ---- special registers: what is not in the table is not for titles -------------------------------------------------- */

static const struct {
	uint16_t number, from, to;
} sprs[] = {
	{ 1, PPC_V_mfxer, PPC_V_mtxer },
	{ 8, PPC_V_mflr, PPC_V_mtlr },
	{ 9, PPC_V_mfctr, PPC_V_mtctr },
	{ 256, PPC_V_mfvrsave, PPC_V_mtvrsave },
	{ 268, PPC_V_mftbl, PPC_V_privileged },
	{ 269, PPC_V_mftbu, PPC_V_privileged },
	{ 287, PPC_V_mfpvr, PPC_V_privileged },
};

static void on_mfspr(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, PPC_V_privileged);
	for (unsigned i = 0; i < ARRAY_LEN(sprs); i++)
		if (sprs[i].number == op->imm)
			as(op, sprs[i].from);
}

static void on_mtspr(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, PPC_V_privileged);
	for (unsigned i = 0; i < ARRAY_LEN(sprs); i++)
		if (sprs[i].number == op->imm)
			as(op, sprs[i].to);
}

static void on_mftb(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, op->imm == 268 ? PPC_V_mftbl : op->imm == 269 ? PPC_V_mftbu : PPC_V_illegal);
}

/* ---- memory: an index without a base is a base without an offset --------------------------------------------------- */

#define INDEXED(x, d) \
	static void on_##x(uint32_t ga, uint32_t word, struct ppc_op *op) \
	{ \
		if (op->a) \
			return; \
		op->a = op->b; \
		op->imm = 0; \
		as(op, PPC_KIND(PPC_INSN_##d, 0)); \
	}
#define DISPLACED(d) \
	static void on_##d(uint32_t ga, uint32_t word, struct ppc_op *op) \
	{ \
		if (!op->a) \
			as(op, PPC_V_##d##_abs); \
	}
#define PAIR(x, d) INDEXED(x, d) DISPLACED(d)
#include "src/cpu/pairs.def"
#undef PAIR
#undef INDEXED
#undef DISPLACED

static void on_lvx(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, op->a ? PPC_KIND(PPC_INSN_lvx, 0) : PPC_V_lvx_0);
}

static void on_stvx(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, op->a ? PPC_KIND(PPC_INSN_stvx, 0) : PPC_V_stvx_0);
}

/** Hints of cache control, and the ordering instructions: one guest instruction at a time, in order, runs anyway. */
static void on_hint(uint32_t ga, uint32_t word, struct ppc_op *op)
{
	as(op, PPC_V_nop);
}

static void (*const on[PPC_INSNS])(uint32_t ga, uint32_t word, struct ppc_op *op) = {
#define ON(id) [PPC_INSN_##id] = on_##id,
#define PAIR(x, d) ON(x) ON(d)
#include "src/cpu/pairs.def"
#undef PAIR
	ON(b) ON(bc) ON(bclr) ON(bcctr) ON(addi) ON(addis) ON(ori) ON(oris) ON(xoris) ON(or) ON(rlwinm) ON(rlwimi)
	ON(cmpi) ON(cmpli) ON(cmp) ON(cmpl) ON(mfspr) ON(mtspr) ON(mftb) ON(lvx) ON(stvx)
#undef ON
#define ON(id, as) [PPC_INSN_##id] = on_##as,
	ON(andis_, andis) ON(lvxl, lvx) ON(lvebx, lvx) ON(lvehx, lvx) ON(lvewx, lvx) ON(lvx128, lvx) ON(lvxl128, lvx)
	ON(lvewx128, lvx) ON(stvxl, stvx) ON(stvx128, stvx) ON(stvxl128, stvx)
	ON(isync, hint) ON(sync, hint) ON(eieio, hint) ON(dcbf, hint) ON(dcbi, hint) ON(dcbst, hint) ON(dcbt, hint)
	ON(dcbtst, hint) ON(icbi, hint)
#undef ON
};

void code_specialise(unsigned insn, uint32_t ga, uint32_t word, struct ppc_op *op)
{
	if (on[insn])
		on[insn](ga, word, op);
}
