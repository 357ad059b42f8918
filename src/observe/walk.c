/* src/observe/walk.c - see walk.h */
#include "config.h"

#include "src/observe/walk.h"

#include "src/cpu/cpu.h"

#define XDK_SLOT (-8)
#define SYSV_SLOT 4
#define FIRST_LR 0xBCBCBCBCu                           /* LR of a thread's first frame on the console's emulators */
#define WORD_SC_RETURN (0x44000002u | PPC_SC_RETURN << 5) /* what lies at a trap address */
#define WORD_BLR 0x4E800020u
#define WORD_BCTR 0x4E800420u
#define WORD_SAVE_R12 0x9181FFF8u                      /* stw r12,-8(r1): the end of __savegprlr_N */
#define PROLOGUE_WORDS 40u     /* looked at from a function's entry */
#define LEAD_WORDS 12u         /* of a prologue, before its stwu */
#define BACK_WORDS 8192u       /* looked at above a return address */
#define CHUNK_WORDS 256u

/* ---- words of code -------------------------------------------------------------------------------------------------- */

static bool word_at(const struct mem *m, uint32_t ga, uint32_t *w)
{
	be32 b;
	if (mem_peek(m, ga, &b, sizeof b) != MEM_OK)
		return false;
	*w = be32_get(b);
	return true;
}

static bool is_code(const struct mem *m, uint32_t ga)
{
	const struct mem_page *p = mem_page_at(m, ga);
	return !(ga & 3) && p->state == MEM_COMMITTED && (p->protect & MEM_PROT_X);
}

bool walk_is_return(const struct mem *m, uint32_t lr)
{
	uint32_t w;
	return lr >= 4 && is_code(m, lr) && is_code(m, lr - 4) && word_at(m, lr - 4, &w) && ppc_is_call(w);
}

static bool is_sentinel(const struct mem *m, uint32_t lr)
{
	uint32_t w;
	return lr == FIRST_LR || (is_code(m, lr) && word_at(m, lr, &w) && w == WORD_SC_RETURN);
}

static bool is_mflr(uint32_t w) { return (w & 0xFC1FFFFFu) == 0x7C0802A6u; }
static bool is_stwu_r1(uint32_t w) { return (w & 0xFFFF8000u) == 0x94218000u; }  /* stwu r1,-n(r1) */
static bool is_stwux_r1(uint32_t w) { return (w & 0xFFFF07FFu) == 0x7C21016Eu; } /* stwux r1,r1,rN */
static bool is_b(uint32_t w) { return (w & 0xFC000001u) == 0x48000000u; }
static bool is_bl(uint32_t w) { return (w & 0xFC000001u) == 0x48000001u; }
static bool ends_flow(uint32_t w) { return w == WORD_BLR || w == WORD_BCTR || is_b(w); }

static uint32_t b_target(uint32_t ga, uint32_t w)
{
	uint32_t offset = (uint32_t)((int32_t)((w & 0x03FFFFFCu) << 6) >> 6);
	return w & 2 ? offset : ga + offset;
}

static uint32_t stwu_size(uint32_t w)
{
	return (uint32_t)-(int32_t)(int16_t)w;
}

/* ---- prologues ------------------------------------------------------------------------------------------------------ */

/* What a function's first instructions say of its frame. */
struct prologue {
	uint32_t made;        /* ga of the instruction that makes the frame; 0 = makes none */
	uint32_t size;        /* bytes; 0 = only known when it runs */
	enum walk_rule rule;  /* where it saves LR; WALK_NONE: not seen to */
};

/* Is the function at @ga __savegprlr_N: std instructions that end in stw r12,-8(r1)? */
static bool saves_r12(const struct mem *m, uint32_t ga)
{
	uint32_t w;
	for (unsigned i = 0; i < 20 && word_at(m, ga + 4 * i, &w); i++) {
		if (w == WORD_SAVE_R12)
			return true;
		if ((w & 0xFC1F0003u) != 0xF8010000u) /* std rN,d(r1) */
			return false;
	}
	return false;
}

static enum walk_rule rule_of_slot(int32_t slot)
{
	return slot == XDK_SLOT ? WALK_XDK : slot == SYSV_SLOT ? WALK_SYSV : WALK_NONE;
}

/* Reads the prologue that begins at @ga, or a little behind it. */
static struct prologue prologue_at(const struct mem *m, uint32_t ga)
{
	struct prologue p = { .rule = WALK_NONE };
	uint32_t w, save_lr = 0; /* high half of stw rN,d(r1) with the register that got LR */
	for (unsigned i = 0; i < PROLOGUE_WORDS && !(p.made && p.rule != WALK_NONE) && word_at(m, ga, &w); i++, ga += 4) {
		if (is_mflr(w)) {
			save_lr = 0x9001u | (w >> 16 & 0x3E0);
		} else if (!p.made && (is_stwu_r1(w) || is_stwux_r1(w))) {
			p.made = ga;
			p.size = is_stwu_r1(w) ? stwu_size(w) : 0;
		} else if (w >> 16 == save_lr && (!p.made || p.size)) {
			p.rule = rule_of_slot((int32_t)(int16_t)w - (int32_t)p.size);
		} else if (is_bl(w)) {
			if (p.made)
				break;
			if (save_lr == WORD_SAVE_R12 >> 16 && saves_r12(m, b_target(ga, w)))
				p.rule = WALK_XDK;
		} else if (ends_flow(w)) {
			break;
		}
	}
	return p;
}

/* Where the prologue whose frame is made at @stwu may begin: not before the end of the function above. */
static uint32_t prologue_begin(const struct mem *m, uint32_t stwu)
{
	uint32_t ga = stwu, w;
	for (unsigned i = 0; i < LEAD_WORDS && word_at(m, ga - 4, &w) && !ends_flow(w); i++)
		ga -= 4;
	return ga;
}

/*
 * Looks upwards from @inside, an address in a function, for the prologue that makes a frame of @size bytes. A frame that
 * grew when it ran (alloca: stwux in the body) may have any size.
 */
static struct prologue prologue_above(const struct mem *m, uint32_t inside, uint32_t size)
{
	struct prologue none = { .rule = WALK_NONE };
	be32 chunk[CHUNK_WORDS];
	bool grown = false;
	uint32_t top = inside & ~3u;
	for (unsigned seen = 0; seen < BACK_WORDS; seen += CHUNK_WORDS, top -= sizeof chunk) {
		unsigned n = CHUNK_WORDS;
		if (top < sizeof chunk || mem_peek(m, top - sizeof chunk, chunk, sizeof chunk) != MEM_OK) {
			n = (top & (MEM_PAGE - 1)) / 4 % CHUNK_WORDS; /* what is left of this page */
			if (!n || mem_peek(m, top - 4 * n, chunk, 4 * n) != MEM_OK)
				return none;
		}
		for (unsigned i = n; i-- > 0;) {
			uint32_t w = be32_get(chunk[i]);
			if (!is_stwu_r1(w) && !is_stwux_r1(w))
				continue;
			uint32_t at = top - 4 * (n - i);
			struct prologue p = prologue_at(m, prologue_begin(m, at));
			if (is_stwux_r1(w) && (p.made != at || p.rule == WALK_NONE)) {
				grown = true;
				continue;
			}
			return grown || p.size == size || !p.size ? p : none;
		}
		if (n < CHUNK_WORDS)
			return none;
	}
	return none;
}

/* The same, but where a table tells the function's entry, its prologue is the one there. */
static struct prologue prologue_of(const struct mem *m, const struct walk_start *at, uint32_t inside, uint32_t size)
{
	uint32_t entry;
	if (at->entry && at->entry(at->ctx, inside - 4, &entry)) {
		struct prologue p = prologue_at(m, entry);
		if (p.made && p.made < inside && p.rule != WALK_NONE && (p.size == size || !p.size))
			return p;
	}
	return prologue_above(m, inside, size);
}

/* ---- frames ---------------------------------------------------------------------------------------------------------- */

/* One step of the chain: the frame of the function that @inside belongs to. */
struct step {
	uint32_t sp, next;    /* its r1, its caller's r1 */
	uint32_t inside;      /* an address in the function, 0 = unknown */
	uint32_t value[2];    /* what lies in the XDK and the SysV slot */
	bool valid[2];        /* could it be an LR? */
};

static unsigned slot_index(enum walk_rule r)
{
	return r == WALK_SYSV;
}

/* Does the function that the call behind candidate @rule enters make just this frame, and save its LR just there? */
static bool call_confirms(const struct mem *m, const struct step *s, enum walk_rule rule)
{
	uint32_t call = s->value[slot_index(rule)] - 4, w;
	if (!word_at(m, call, &w) || !is_bl(w))
		return false;
	uint32_t entry = b_target(call, w);
	if (is_code(m, entry) && word_at(m, entry, &w) && is_b(w))
		entry = b_target(entry, w); /* a linker's stub */
	if (!is_code(m, entry) || (s->inside && s->inside < entry))
		return false;
	struct prologue p = prologue_at(m, entry);
	return p.rule == rule && p.size == s->next - s->sp;
}

/* Chooses the rule for this frame, and says why. */
static enum walk_rule choose(
	const struct mem *m, const struct walk_start *at, const struct step *s, enum walk_rule below, enum walk_why *why)
{
	for (enum walk_rule r = WALK_XDK; r <= WALK_SYSV; r++) {
		if (s->valid[slot_index(r)] && call_confirms(m, s, r)) {
			*why = WALK_WHY_CALL;
			return r;
		}
	}
	struct prologue p = { .rule = WALK_NONE };
	if (s->inside)
		p = prologue_of(m, at, s->inside, s->next - s->sp);
	*why = WALK_WHY_PROLOGUE;
	if (p.rule != WALK_NONE && (s->valid[slot_index(p.rule)] || is_sentinel(m, s->value[slot_index(p.rule)])))
		return p.rule;
	*why = WALK_WHY_ONLY;
	if (s->valid[0] != s->valid[1])
		return s->valid[0] ? WALK_XDK : WALK_SYSV;
	*why = WALK_WHY_NOTHING;
	if (!s->valid[0])
		return WALK_NONE;
	*why = below == WALK_NONE ? WALK_WHY_GUESS : WALK_WHY_BELOW;
	return below == WALK_NONE ? WALK_XDK : below;
}

/* May @next be the frame above @sp? Else *@end says why not. */
static bool chain_goes_on(const struct mem *m, const struct walk_start *at, uint32_t sp, uint32_t next, enum walk_end *end)
{
	bool within;
	if (at->stack_limit || at->stack_base)
		within = next >= at->stack_limit && next < at->stack_base;
	else
		within = mem_page_at(m, next)->state == MEM_COMMITTED && mem_page_at(m, next)->alloc_base == mem_page_at(m, sp)->alloc_base;
	if (!next)
		*end = WALK_END_NULL;
	else if (!within || (next & 3))
		*end = WALK_END_LEFT;
	else if (next <= sp)
		*end = WALK_END_BACK;
	else
		return true;
	return false;
}

static void step_slots(const struct mem *m, struct step *s)
{
	const int32_t offset[2] = { XDK_SLOT, SYSV_SLOT };
	for (unsigned i = 0; i < 2; i++)
		s->valid[i] = word_at(m, s->next + (uint32_t)offset[i], &s->value[i]) && walk_is_return(m, s->value[i]);
}

/* Does the chain end at @sp? */
static bool is_top(const struct mem *m, uint32_t sp)
{
	uint32_t next;
	return word_at(m, sp, &next) && !next;
}

/* Fills @f with the frame above @s->sp; false at the thread's first function, which nobody called: it may not have saved an LR at all. */
static bool step_frame(
	const struct mem *m, const struct walk_start *at, const struct step *s, enum walk_rule below, struct walk_frame *f)
{
	enum walk_why why;
	enum walk_rule rule = choose(m, at, s, below, &why);
	*f = (struct walk_frame){ .sp = s->next, .rule = (uint8_t)rule, .why = (uint8_t)why };
	if (rule == WALK_NONE)
		return !is_sentinel(m, s->value[0]) && !is_sentinel(m, s->value[1]) && !is_top(m, s->next);
	f->lr = s->value[slot_index(rule)];
	f->slot = s->next + (uint32_t)(rule == WALK_XDK ? XDK_SLOT : SYSV_SLOT);
	return !is_sentinel(m, f->lr);
}

unsigned walk_stack(const struct mem *m, const struct walk_start *at, struct walk_frame *frame, unsigned max, enum walk_end *end)
{
	enum walk_end unused;
	if (!end)
		end = &unused;
	*end = WALK_END_FULL;
	if (!max)
		return 0;
	frame[0] = (struct walk_frame){ .sp = at->sp, .lr = at->lr, .rule = WALK_LIVE };
	if (is_sentinel(m, at->lr)) {
		*end = WALK_END_SENTINEL;
		return 1;
	}
	struct step s = { .sp = at->sp, .inside = walk_is_return(m, at->lr) ? at->lr : 0 };
	enum walk_rule below = WALK_NONE;
	unsigned n = 1;
	for (; n < max; n++) {
		if (!word_at(m, s.sp, &s.next)) {
			*end = WALK_END_UNREADABLE;
			break;
		}
		if (!chain_goes_on(m, at, s.sp, s.next, end))
			break;
		step_slots(m, &s);
		if (!step_frame(m, at, &s, below, &frame[n])) {
			*end = WALK_END_SENTINEL;
			break;
		}
		if (frame[n].rule != WALK_NONE && frame[n].why != WALK_WHY_GUESS)
			below = frame[n].rule;
		s = (struct step){ .sp = s.next, .inside = frame[n].lr };
	}
	return n;
}

/* Is there an end of a function between @from and @to? */
static bool flow_ends_between(const struct mem *m, uint32_t from, uint32_t to)
{
	uint32_t w;
	for (uint32_t ga = from; ga < to; ga += 4)
		if (!word_at(m, ga, &w) || w == WORD_BLR)
			return true;
	return false;
}

bool walk_live_is_stale(const struct mem *m, uint32_t pc, const struct walk_start *at)
{
	struct step s = { .sp = at->sp, .inside = pc };
	enum walk_end end;
	if (!is_code(m, pc) || !word_at(m, s.sp, &s.next) || !chain_goes_on(m, at, s.sp, s.next, &end))
		return false;
	uint32_t w;
	struct prologue p = prologue_above(m, pc, s.next - s.sp);
	if (!p.made || p.rule == WALK_NONE)
		return false;
	step_slots(m, &s);
	uint32_t saved = s.value[slot_index(p.rule)];
	if (!s.valid[slot_index(p.rule)] && !is_sentinel(m, saved))
		return false; /* still in the prologue */
	if (!flow_ends_between(m, p.made, pc))
		return true;
	/* Behind a return: the same function, or a leaf that stands behind its caller. A direct call says which. */
	if (!walk_is_return(m, at->lr) || !word_at(m, at->lr - 4, &w) || !is_bl(w))
		return false;
	uint32_t entry = b_target(at->lr - 4, w);
	return entry > pc || entry <= p.made;
}

/* ---- words ------------------------------------------------------------------------------------------------------------ */

const char *walk_rule_word(enum walk_rule r)
{
	static const char *const words[] = {
#define WALK_RULE(id, word, text) [WALK_##id] = word,
		WALK_RULES(WALK_RULE)
#undef WALK_RULE
	};
	return (unsigned)r < ARRAY_LEN(words) ? words[r] : "?";
}

const char *walk_why_word(enum walk_why w)
{
	static const char *const words[] = {
#define WALK_WHY(id, word, text) [WALK_WHY_##id] = word,
		WALK_WHYS(WALK_WHY)
#undef WALK_WHY
	};
	return (unsigned)w < ARRAY_LEN(words) ? words[w] : "?";
}

const char *walk_why_text(enum walk_why w)
{
	static const char *const texts[] = {
#define WALK_WHY(id, word, text) [WALK_WHY_##id] = text,
		WALK_WHYS(WALK_WHY)
#undef WALK_WHY
	};
	return (unsigned)w < ARRAY_LEN(texts) ? texts[w] : "?";
}

const char *walk_end_text(enum walk_end e)
{
	static const char *const texts[] = {
#define WALK_END(id, text) [WALK_END_##id] = text,
		WALK_ENDS(WALK_END)
#undef WALK_END
	};
	return (unsigned)e < ARRAY_LEN(texts) ? texts[e] : "?";
}
