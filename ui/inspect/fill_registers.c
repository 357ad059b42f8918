/* ui/inspect/fill_registers.c - the table of registers, of any frame. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "ui/inspect/frame_regs.h"
#include "ui/inspect/inspect.h"

#define NOT_KNOWN "<not known>"

/* What the rows are of. */
struct shown {
	const struct query *q;
	const struct ppc_context *c;
	const struct frame_registers *r; /* NULL: frame 0, where all is the thread's own */
};

static void put_meaning(struct table *t, const struct query *q, uint64_t v)
{
	char symbol[SYMBOL_TEXT];
	code_text(q->machine, (uint32_t)v, symbol, sizeof symbol);
	if (*symbol && v >> 32 == 0)
		put_str(t, symbol);
	else
		put_strf(t, "%" PRId64, (int64_t)v);
}

static void put_register(struct table *t, const struct shown *s, const char *name, uint64_t v, unsigned digits)
{
	put_str(t, name);
	put_strf(t, "%0*" PRIX64, (int)digits, v);
	put_meaning(t, s->q, v);
	put_none(t);
}

static void put_unknown(struct table *t, const char *name)
{
	put_str(t, name);
	put_str(t, NOT_KNOWN);
	put_none(t);
	put_none(t);
}

/* A register of a caller's frame. @real: a floating-point one. */
static void put_kept(struct table *t, const struct shown *s, const char *name, const struct frame_reg *r, bool real)
{
	char from[40];
	double d;
	if (r->from == REG_UNKNOWN) {
		put_unknown(t, name);
		return;
	}
	put_str(t, name);
	put_strf(t, "%0*" PRIX64, 2 * r->size, r->v);
	memcpy(&d, &r->v, sizeof d);
	if (real)
		put_strf(t, "%.17g", d);
	else
		put_meaning(t, s->q, r->v);
	put_str(t, frame_reg_text(r, from, sizeof from));
}

/* A register of which callers' frames know nothing. */
static void put_lost(struct table *t, const struct shown *s, const char *name, uint64_t v, unsigned digits)
{
	if (s->r)
		put_unknown(t, name);
	else
		put_register(t, s, name, v, digits);
}

static void put_gprs(struct table *t, const struct shown *s)
{
	const struct ppc_context *c = s->c;
	char name[16];
	for (unsigned i = 0; i < 32; i++) {
		snprintf(name, sizeof name, "r%u", i);
		if (s->r)
			put_kept(t, s, name, &s->r->gpr[i], false);
		else
			put_register(t, s, name, c->gpr[i], 16);
	}
	if (s->r) {
		put_kept(t, s, "pc", &s->r->pc, false);
		put_kept(t, s, "lr", &s->r->lr, false);
	} else {
		put_register(t, s, "pc", c->pc, 8);
		put_register(t, s, "lr", (uint32_t)c->lr, 8);
	}
	put_lost(t, s, "ctr", c->ctr, 16);
	put_lost(t, s, "cr", ppc_cr(c), 8);
	put_lost(t, s, "xer", ppc_xer(c), 8);
	put_lost(t, s, "msr", c->msr, 16);
}

static void put_fprs(struct table *t, const struct shown *s)
{
	char name[16];
	for (unsigned i = 0; i < 32; i++) {
		double d;
		memcpy(&d, &s->c->fpr[i], sizeof d);
		snprintf(name, sizeof name, "f%u", i);
		if (s->r) {
			put_kept(t, s, name, &s->r->fpr[i], true);
			continue;
		}
		put_str(t, name);
		put_strf(t, "%016" PRIX64, s->c->fpr[i]);
		put_strf(t, "%.17g", d);
		put_none(t);
	}
	put_lost(t, s, "fpscr", s->c->fpscr, 8);
}

static void put_vrs(struct table *t, const struct shown *s)
{
	char name[16];
	for (unsigned i = 0; i < 128; i++) {
		const union ppc_vr *v = &s->c->vr[i];
		snprintf(name, sizeof name, "v%u", i);
		if (s->r) {
			put_unknown(t, name);
			continue;
		}
		put_str(t, name);
		put_strf(t, "%08X %08X %08X %08X", v->w[3], v->w[2], v->w[1], v->w[0]);
		put_strf(t, "%.9g %.9g %.9g %.9g", (double)v->f[3], (double)v->f[2], (double)v->f[1], (double)v->f[0]);
		put_none(t);
	}
	put_lost(t, s, "vscr", s->c->vscr, 8);
	put_lost(t, s, "vrsave", s->c->vrsave, 8);
}

static const struct {
	const char *word;
	void (*put)(struct table *t, const struct shown *s);
} register_sets[] = { { "gpr", put_gprs }, { "fpr", put_fprs }, { "vmx", put_vrs } };

void fill_registers(struct table *t, const struct query *q)
{
	const char *word = q->word && *q->word ? q->word : "gpr";
	struct frame_registers r;
	bool found = false;
	if (!q->thread)
		return;
	struct shown s = { q, context_peek(q->machine, q->thread), NULL };
	if (q->frame && frame_registers(q->machine, q->thread, q->frame, &r))
		s.r = &r;
	for (unsigned i = 0; i < ARRAY_LEN(register_sets); i++)
		if (!strcmp(word, "all") || !strcmp(word, register_sets[i].word)) {
			register_sets[i].put(t, &s);
			found = true;
		}
	if (!found)
		table_note(t, "there is no set %.40s: gpr, fpr, vmx or all", word);
	else if (s.r)
		table_note(t, "frame %u: as they will be when the calls from there have returned", q->frame);
}
