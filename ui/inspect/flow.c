/* ui/inspect/flow.c - see flow.h */
#include "config.h"

#include "ui/inspect/flow.h"

#include <stdlib.h>

#include "kernel/module.h"
#include "src/load/image.h"

/* ---- reading the code ---------------------------------------------------------------------------------------------------- */

#define OPCODE(w) ((w) >> 26)
#define LINKS(w) ((w)&1)
/* bcctr and bclr with LK: calls through a pointer. */
#define IS_INDIRECT_CALL(w) (OPCODE(w) == 19 && LINKS(w) && (((w) >> 1 & 0x3ff) == 528 || ((w) >> 1 & 0x3ff) == 16))

static uint32_t branch_target(uint32_t pc, uint32_t w)
{
	int32_t offset = OPCODE(w) == 18 ? (int32_t)(w << 6) >> 6 & ~3 : (int16_t)(w & 0xfffc);
	return (w & 2 ? 0 : pc) + (uint32_t)offset;
}

static bool word_at(const struct machine *m, uint32_t ga, uint32_t *w)
{
	be32 b;
	if (mem_peek(&m->mem, ga, &b, sizeof b) != MEM_OK)
		return false;
	*w = be32_get(b);
	return true;
}

static void add_start(struct code_map *c, unsigned *room, uint32_t ga)
{
	if (c->starts == *room)
		c->start = xrealloc(c->start, (*room = *room ? *room * 2 : 256) * sizeof *c->start);
	c->start[c->starts++] = ga;
}

static void add_call(struct code_map *c, unsigned *room, uint32_t pc, uint32_t target)
{
	if (c->calls == *room)
		c->call = xrealloc(c->call, (*room = *room ? *room * 2 : 256) * sizeof *c->call);
	c->call[c->calls++] = (struct code_call){ pc, target };
}

static int by_address(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void sort_starts(struct code_map *c)
{
	unsigned n = 0;
	if (c->starts)
		qsort(c->start, c->starts, sizeof *c->start, by_address);
	for (unsigned i = 0; i < c->starts; i++)
		if (!n || c->start[n - 1] != c->start[i])
			c->start[n++] = c->start[i];
	c->starts = n;
}

/* A b that stays in its function is a jump. */
static void keep_calls_only(struct code_map *c)
{
	unsigned n = 0;
	for (unsigned i = 0; i < c->calls; i++) {
		uint32_t w = 0;
		bool links = word_at(c->m, c->call[i].pc, &w) && LINKS(w);
		if (links || code_function(c, c->call[i].pc) != code_function(c, c->call[i].target))
			c->call[n++] = c->call[i];
	}
	c->calls = n;
}

static void read_segment(struct code_map *c, const struct image_segment *s, unsigned *call_room, unsigned *start_room)
{
	for (uint32_t pc = s->ga; pc < s->ga + s->size; pc += 4) {
		uint32_t w;
		if (!word_at(c->m, pc, &w))
			continue;
		c->indirect += IS_INDIRECT_CALL(w);
		if (OPCODE(w) != 18)
			continue;
		add_call(c, call_room, pc, branch_target(pc, w));
		if (LINKS(w))
			add_start(c, start_room, branch_target(pc, w));
	}
}

void code_read(struct code_map *c, const struct machine *m)
{
	const struct image *img;
	unsigned call_room = 0, start_room = 0;
	*c = (struct code_map){ .m = m };
	for (uint32_t at = 0; (img = machine_image_next(m, &at));) {
		for (unsigned i = 0; i < img->segments; i++)
			if (img->segment[i].protect & MEM_PROT_X)
				read_segment(c, &img->segment[i], &call_room, &start_room);
		for (unsigned i = 0; i < img->symbols; i++)
			if (img->symbol[i].function)
				add_start(c, &start_room, img->symbol[i].ga);
		for (unsigned i = 0; i < img->functions; i++)
			add_start(c, &start_room, img->function[i].ga);
		add_start(c, &start_room, img->entry);
	}
	sort_starts(c);
	keep_calls_only(c);
}

void code_free(struct code_map *c)
{
	free(c->call);
	free(c->start);
	*c = (struct code_map){ 0 };
}

uint32_t code_function(const struct code_map *c, uint32_t pc)
{
	unsigned low = 0, high = c->starts;
	while (low < high) {
		unsigned mid = low + (high - low) / 2;
		if (c->start[mid] <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? c->start[low - 1] : 0;
}

/* ---- following values ------------------------------------------------------------------------------------------------------ */

#define FUNCTION_BYTES_MAX 0x10000u
#define SLOTS 32u                 /* words of the stack that are followed */

struct flow {
	const struct code_map *code;
	struct flow_value gpr[32];
	struct {
		int32_t offset;
		struct flow_value value;
	} slot[SLOTS];
	unsigned slots;
};

#define UNKNOWN ((struct flow_value){ 0 })

static void forget_volatile(struct flow *f)
{
	f->gpr[0] = UNKNOWN;
	for (unsigned r = 3; r <= 12; r++)
		f->gpr[r] = UNKNOWN;
}

static struct flow_value plus(struct flow_value v, uint32_t n)
{
	if (v.kind == FLOW_CONSTANT || v.kind == FLOW_STACK)
		return (struct flow_value){ v.kind, v.v + n };
	return n ? UNKNOWN : v;
}

static struct flow_value load(const struct flow *f, struct flow_value base, uint32_t offset)
{
	uint32_t word;
	if (base.kind == FLOW_CONSTANT)
		return (struct flow_value){ FLOW_WORD, base.v + offset };
	if (base.kind == FLOW_WORD && word_at(f->code->m, base.v, &word) && word)
		return (struct flow_value){ FLOW_WORD, word + offset };
	for (unsigned i = 0; base.kind == FLOW_STACK && i < f->slots; i++)
		if (f->slot[i].offset == (int32_t)(base.v + offset))
			return f->slot[i].value;
	return UNKNOWN;
}

static void store(struct flow *f, struct flow_value base, uint32_t offset, struct flow_value value)
{
	unsigned i = 0;
	if (base.kind != FLOW_STACK)
		return;
	while (i < f->slots && f->slot[i].offset != (int32_t)(base.v + offset))
		i++;
	if (i == SLOTS)
		return;
	if (i == f->slots)
		f->slots++;
	f->slot[i].offset = (int32_t)(base.v + offset);
	f->slot[i].value = value;
}

/* A call to code that saves registers for a prologue (__savegprlr_NN: std rN,..(r1)) changes none of them. */
static bool is_save_helper(const struct flow *f, uint32_t target)
{
	uint32_t w;
	return word_at(f->code->m, target, &w) && OPCODE(w) == 62 && (w >> 16 & 31) == 1 && (w >> 21 & 31) >= 14;
}

static void step(struct flow *f, uint32_t pc, uint32_t w)
{
	unsigned d = w >> 21 & 31, a = w >> 16 & 31, b = w >> 11 & 31, xo = w >> 1 & 0x3ff;
	uint32_t immediate = (uint32_t)(int16_t)(w & 0xffff);
	struct flow_value zero = { FLOW_CONSTANT, 0 }, base = a ? f->gpr[a] : zero;
	switch (OPCODE(w)) {
	case 14: /* addi */
		f->gpr[d] = plus(base, immediate);
		return;
	case 15: /* addis */
		f->gpr[d] = plus(base, immediate << 16);
		return;
	case 24: /* ori */
		f->gpr[a] = f->gpr[d].kind == FLOW_CONSTANT ? (struct flow_value){ FLOW_CONSTANT, f->gpr[d].v | (w & 0xffff) } :
			    w & 0xffff                      ? UNKNOWN :
							      f->gpr[d];
		return;
	case 32: /* lwz */
		f->gpr[d] = load(f, base, immediate);
		return;
	case 36: /* stw */
		store(f, base, immediate, f->gpr[d]);
		return;
	case 37: /* stwu */
		store(f, base, immediate, f->gpr[d]);
		f->gpr[a] = plus(base, immediate);
		return;
	case 62: /* std, stdu: of what is followed only as a word */
		store(f, base, (immediate & ~3u) + 4, f->gpr[d]);
		if (w & 1)
			f->gpr[a] = plus(base, immediate & ~3u);
		return;
	case 58: /* ld, ldu, lwa */
		f->gpr[d] = load(f, base, (immediate & ~3u) + 4);
		if (w & 1)
			f->gpr[a] = UNKNOWN;
		return;
	case 16: /* bc */
		if (LINKS(w))
			forget_volatile(f);
		return;
	case 18: /* b, bl: behind a b nothing that came before it is known to hold */
		if (!LINKS(w) || !is_save_helper(f, branch_target(pc, w)))
			forget_volatile(f);
		return;
	case 19: /* bclr, bcctr, and CR arithmetic */
		if (xo == 16 || xo == 528)
			forget_volatile(f);
		return;
	case 10: case 11: case 38: case 44: case 52: case 54: /* compares, and stores that write no register */
	case 4: case 48: case 50: case 59: case 63:           /* FP, vectors */
		return;
	case 31:
		if (xo == 444 && d == b) { /* mr */
			f->gpr[a] = f->gpr[d];
			return;
		}
		if (xo == 0 || xo == 32 || xo == 151 || xo == 215 || xo == 407 || xo == 467 || xo == 144) /* cmp, stores, mtspr, mtcrf */
			return;
	}
	f->gpr[d] = f->gpr[a] = UNKNOWN;
}

/* Is @pc where a branch of the function leads? What it finds there may be another path's. */
static bool is_met(const uint32_t *met, unsigned count, uint32_t pc)
{
	for (unsigned i = 0; i < count; i++)
		if (met[i] == pc)
			return true;
	return false;
}

struct flow_value flow_argument(const struct code_map *c, uint32_t function, uint32_t pc, unsigned arg)
{
	struct flow f = { .code = c };
	uint32_t met[64];
	unsigned meets = 0;
	if (!function || pc - function > FUNCTION_BYTES_MAX)
		return UNKNOWN;
	f.gpr[1] = (struct flow_value){ FLOW_STACK, 0 };
	for (unsigned r = 0; r < 8; r++)
		f.gpr[3 + r] = (struct flow_value){ FLOW_ARGUMENT, r };
	for (uint32_t at = function; at < pc; at += 4) {
		uint32_t w;
		if (!word_at(c->m, at, &w))
			return UNKNOWN;
		if (is_met(met, meets, at))
			forget_volatile(&f);
		bool jumps = (OPCODE(w) == 16 || OPCODE(w) == 18) && !LINKS(w);
		if (jumps && meets < ARRAY_LEN(met))
			met[meets++] = branch_target(at, w);
		step(&f, at, w);
	}
	if (is_met(met, meets, pc))
		forget_volatile(&f);
	return f.gpr[3 + arg];
}
