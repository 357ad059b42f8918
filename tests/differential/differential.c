/* tests/differential/differential.c - random code on wedge's core and on qemu's, register by register.
 *
 * differential [-n SEQUENCES] [-s SEED] [-c CLASS] [-l LENGTH] [-v] REMOTE32 REMOTE64
 *
 * Random instructions come from the rows of ppc.def, with operands that the remote side (remote.S) can stand: r1, r2, r13 and r31
 * are left alone, r28 and r29 address a window of memory. Three classes:
 *   int32  sequences of 1-12 instructions, qemu-ppc: low words of GPRs, CR, XER, memory
 *   fp     the same with FP loads, stores and arithmetic: FPRs and FPSCR too
 *   vmx    the same with AltiVec: VRs and VSCR too
 *   int64  single instructions on 64-bit values, qemu-ppc64: it computes CR0 and CA on 64 bits, so these are
 *          derived again here from its result by the formula of the 32-bit mode
 * What qemu is known to do differently is listed in deviations.def, each with its reason. Ends with "N passed, N failed".
 */
#include "config.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/cpu/cpu.h"
#include "src/cpu/insn.h"
#include "src/mem/mem.h"

#define WINDOW 0x10000000u
#define WINDOW_BYTES 512u
#define CODE 0x82000000u
#define SLOT_WORDS 16u
#define BATCH 4096u
#define SEQUENCE_MAX 12u
#define BLR 0x4e800020u

/* STATE of remote.S: big-endian. */
struct remote_state {
	be64 gpr[32], fpr[32];
	uint8_t vr[32][16];
	be32 cr, xer;
	be64 fpscr;
	uint8_t vscr[16];
	uint8_t window[WINDOW_BYTES];
};
_Static_assert(sizeof(struct remote_state) == 1056 + WINDOW_BYTES, "as in remote.S");

enum class { INT32, FP, VMX, INT64, CLASSES };
static const char *const class_names[CLASSES] = { "int32", "fp", "vmx", "int64" };

/* Why an instruction or a part of its result is not compared. SKIP(class, mnemonic): not generated. MASK(mnemonic, part, bits): bits that are not compared. */
enum part { PART_FPSCR, PART_CR, PART_XER, PART_VSCR };
struct deviation {
	const char *classes;   /* "*" or a class's name */
	const char *name;      /* mnemonic, or a prefix with '*' at its end */
	const char *reason;
};
static const struct deviation skips[] = {
#define SKIP(classes, name, reason) { classes, name, reason },
#define MASK(classes, name, part, bits, reason)
#include "tests/differential/deviations.def"
#undef SKIP
#undef MASK
};
struct mask {
	const char *classes, *name;
	enum part part;
	uint32_t bits;
};
static const struct mask masks[] = {
#define SKIP(classes, name, reason)
#define MASK(classes, name, part, bits, reason) { classes, name, PART_##part, bits },
#include "tests/differential/deviations.def"
#undef SKIP
#undef MASK
};

struct sequence {
	uint32_t word[SLOT_WORDS];
	uint16_t row[SLOT_WORDS];
	unsigned n;
};

struct test {
	uint64_t rng;
	unsigned longest;      /* instructions of a sequence */
	enum class class;
	bool verbose;
	unsigned pool[PPC_INSNS], pools;
	struct arena world;
	struct mem mem;
	struct cpu *cpu;
	struct ppc_context context;
	struct sequence seq[BATCH];
	struct remote_state in[BATCH], out[BATCH];
	uint64_t passed, failed;
};

/* xorshift64*: a seed gives the same cases everywhere. */
static uint64_t rnd(struct test *t)
{
	t->rng ^= t->rng >> 12;
	t->rng ^= t->rng << 25;
	t->rng ^= t->rng >> 27;
	return t->rng * UINT64_C(0x2545F4914F6CDD1D);
}

static unsigned below(struct test *t, unsigned n)
{
	return (unsigned)((rnd(t) >> 33) % n);
}

/* ---- which rows -------------------------------------------------------------------------------------------------- */

static bool matches(const char *pattern, const char *s)
{
	size_t n = strlen(pattern), k = strlen(s);
	if (pattern[0] == '*' && n > 1)
		return k >= n - 1 && strcmp(s + k - (n - 1), pattern + 1) == 0;
	return n && pattern[n - 1] == '*' ? strncmp(pattern, s, n - 1) == 0 : strcmp(pattern, s) == 0;
}

static bool skipped(enum class class, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(skips); i++)
		if (matches(skips[i].classes, class_names[class]) && matches(skips[i].name, name))
			return true;
	return false;
}

/* Does @operands name a register of @kind (F, V)? */
static bool has_operand(const char *operands, char kind)
{
	for (const char *p = operands; *p; p++)
		if ((p == operands || p[-1] == ' ' || p[-1] == ',') && p[0] == kind && strchr("DSABC", p[1] ? p[1] : ' '))
			return true;
	return false;
}

static bool wanted(enum class class, const struct ppc_row *r)
{
	bool fp = has_operand(r->operands, 'F') || strncmp(r->name, "mtfs", 4) == 0 || strcmp(r->name, "mcrfs") == 0;
	bool vmx = has_operand(r->operands, 'V') || strstr(r->name, "vscr");
	if ((r->flags & PPC_END) || skipped(class, r->name))
		return false;
	switch (class) {
	case INT32: return !fp && !vmx;
	case INT64: return !fp && !vmx && !(r->flags & (PPC_LOAD | PPC_STORE));
	case FP: return fp;
	case VMX: return vmx;
	default: return false;
	}
}

static void choose_rows(struct test *t)
{
	t->pools = 0;
	for (unsigned i = 0; i < PPC_INSNS; i++)
		if (wanted(t->class, &ppc_rows[i]))
			t->pool[t->pools++] = i;
}

/* ---- random instructions ------------------------------------------------------------------------------------------- */

static const uint8_t sources[] = { 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30 };
static const uint8_t targets[] = { 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 30 };

static uint32_t any_source(struct test *t) { return sources[below(t, ARRAY_LEN(sources))]; }
static uint32_t any_target(struct test *t) { return targets[below(t, ARRAY_LEN(targets))]; }

static uint32_t operand_bits(struct test *t, const struct ppc_row *r, const char *o, bool first)
{
	bool memory = r->flags & (PPC_LOAD | PPC_STORE);
	if (!strcmp(o, "RD")) return any_target(t) << 21;
	if (!strcmp(o, "RS")) return any_source(t) << 21;
	if (!strcmp(o, "RA0") || !strcmp(o, "RA"))
		return (memory ? 29 : first ? any_target(t) : any_source(t)) << 16;
	if (!strcmp(o, "RB")) return (memory ? 28 : any_source(t)) << 11;
	if (o[0] == 'd' && o[1] == '(') return 29u << 16 | ((below(t, 32) - 16u) & 0xffff);
	if (o[0] == 'd' && o[1] == 's') return 29u << 16 | ((below(t, 32) - 16u) & 0xfffc);
	if (!strcmp(o, "SIMM") || !strcmp(o, "UIMM")) return below(t, 3) ? below(t, 0x10000) : (below(t, 2) ? below(t, 4) : 0xffff);
	if (!strcmp(o, "CRFD") || !strcmp(o, "CRFS")) return below(t, 8) << (o[3] == 'D' ? 23 : 18);
	if (!strcmp(o, "L")) return t->class == INT64 ? below(t, 2) << 21 : 0;
	if (!strcmp(o, "CRBD")) return below(t, 32) << 21;
	if (!strcmp(o, "CRBA")) return below(t, 32) << 16;
	if (!strcmp(o, "CRBB")) return below(t, 32) << 11;
	if (!strcmp(o, "SH") || !strcmp(o, "VB") || !strcmp(o, "FB")) return below(t, 32) << 11;
	if (!strcmp(o, "MB") || !strcmp(o, "FC") || !strcmp(o, "VC")) return below(t, 32) << 6;
	if (!strcmp(o, "ME")) return below(t, 32) << 1;
	if (!strcmp(o, "SH6")) return below(t, 32) << 11 | below(t, 2) << 1;
	if (!strcmp(o, "MB6")) return below(t, 64) << 5;
	if (!strcmp(o, "CRM")) return (strstr(r->name, "ocrf") ? 1u << below(t, 8) : below(t, 256)) << 12; /* mfocrf: one field */
	if (!strcmp(o, "FM")) return below(t, 256) << 17;
	if (!strcmp(o, "FPSCRD")) return below(t, 32) << 21;
	if (!strcmp(o, "FPSCRI")) return below(t, 16) << 12;
	if (!strcmp(o, "SHB")) return below(t, 16) << 6;
	if (!strcmp(o, "FD") || !strcmp(o, "FS") || !strcmp(o, "VD") || !strcmp(o, "VS")) return below(t, 32) << 21;
	if (!strcmp(o, "FA") || !strcmp(o, "VA") || !strcmp(o, "VUIMM") || !strcmp(o, "VSIMM")) return below(t, 32) << 16;
	fprintf(stderr, "differential: %s: operand %s is unknown here\n", r->name, o);
	exit(2);
}

static uint32_t random_word(struct test *t, unsigned row)
{
	const struct ppc_row *r = &ppc_rows[row];
	uint32_t word = r->match;
	char operands[64];
	snprintf(operands, sizeof operands, "%s", r->operands);
	bool first = true;
	for (char *save, *o = strtok_r(operands, ", ", &save); o; o = strtok_r(NULL, ", ", &save), first = false)
		word |= operand_bits(t, r, o, first);
	if (r->record && below(t, 2))
		word |= r->form == PPC_FORM_VC ? 0x400 : 1;
	return word;
}

/* ---- random states ------------------------------------------------------------------------------------------------ */

static uint64_t random_gpr(struct test *t)
{
	uint64_t v = rnd(t);
	switch (below(t, 6)) {
	case 0: v = below(t, 8) - 4; break;
	case 1: v = UINT64_C(1) << below(t, 64); break;
	case 2: v = (UINT64_C(1) << below(t, 64)) - 1; break;
	case 3: v = (uint64_t)(int64_t)(int32_t)v; break;
	default: break;
	}
	return t->class == INT64 ? v : (uint32_t)v;
}

static uint64_t random_double(struct test *t)
{
	static const uint64_t special[] = { 0, UINT64_C(1) << 63, UINT64_C(0x7ff0000000000000), UINT64_C(0xfff0000000000000),
		UINT64_C(0x7ff8000000000000), UINT64_C(0x7ff0000000000001), 1, UINT64_C(0x000fffffffffffff), UINT64_C(0x3ff0000000000000),
		UINT64_C(0x7fefffffffffffff), UINT64_C(0x36a0000000000000), UINT64_C(0x47efffffe0000000) };
	uint64_t v = rnd(t);
	switch (below(t, 4)) {
	case 0: return special[below(t, ARRAY_LEN(special))] | (v & UINT64_C(1) << 63);
	case 1: return (v & ~(UINT64_C(0x7ff) << 52)) | (uint64_t)(1003 + below(t, 40)) << 52;
	case 2: { float f = (float)(int32_t)v / 1024; double d = f; memcpy(&v, &d, 8); return v; }
	default: return v;
	}
}

static uint32_t random_float(struct test *t)
{
	static const uint32_t special[] = { 0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 1, 0x007fffff, 0x3f800000, 0x7f7fffff };
	uint32_t v = (uint32_t)rnd(t);
	switch (below(t, 4)) {
	case 0: return special[below(t, ARRAY_LEN(special))];
	case 1: return (v & 0x807fffff) | (120 + below(t, 16)) << 23;
	default: return v;
	}
}

static void random_state(struct test *t, struct remote_state *s)
{
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < 31; i++)
		if (i != 1 && i != 2 && i != 13)
			s->gpr[i] = be64_of(random_gpr(t));
	s->gpr[28] = be64_of(below(t, 16)); /* twelve updates of r29 by -16..15 stay in the window */
	s->gpr[29] = be64_of(WINDOW + 256 + below(t, 32));
	s->cr = be32_of((uint32_t)rnd(t));
	s->xer = be32_of((uint32_t)below(t, 8) << 29);
	if (t->class == FP) {
		for (unsigned i = 0; i < 32; i++)
			s->fpr[i] = be64_of(random_double(t));
		s->fpscr = be64_of(below(t, 4)); /* rounding mode */
	}
	if (t->class == VMX)
		for (unsigned i = 0; i < 32; i++)
			for (unsigned k = 0; k < 4; k++)
				store_be32(&s->vr[i][4 * k], random_float(t));
	if (t->class == VMX)
		store_be32(&s->vscr[12], below(t, 2) ? PPC_VSCR_NJ : 0);
	for (unsigned i = 0; i < WINDOW_BYTES; i++)
		s->window[i] = (uint8_t)rnd(t);
}

/* ---- the two sides --------------------------------------------------------------------------------------------------- */

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "differential: %s\n", what);
		exit(2);
	}
}

static void write_batch(const struct test *t, const char *path, unsigned n)
{
	FILE *f = fopen(path, "wb");
	must(f != NULL, "cannot write the batch");
	be32 count = be32_of(n);
	must(fwrite(&count, 4, 1, f) == 1, "cannot write the batch");
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < SLOT_WORDS; k++) {
			be32 w = be32_of(t->seq[i].word[k]);
			must(fwrite(&w, 4, 1, f) == 1, "cannot write the batch");
		}
	must(fwrite(t->in, sizeof t->in[0], n, f) == n && fclose(f) == 0, "cannot write the batch");
}

static void run_remote(struct test *t, const char *const remote[2], unsigned n)
{
	char in[] = "/tmp/wedge-diff-in-XXXXXX", out[] = "/tmp/wedge-diff-out-XXXXXX";
	int fd_in = mkstemp(in), fd_out = mkstemp(out);
	must(fd_in >= 0 && fd_out >= 0, "no temporary file");
	write_batch(t, in, n);
	bool wide = t->class == INT64;
	pid_t pid = fork();
	must(pid >= 0, "cannot fork");
	if (pid == 0) {
		dup2(fd_in, 0);
		dup2(fd_out, 1);
		const char *qemu = wide ? "qemu-ppc64" : "qemu-ppc";
		execlp(qemu, qemu, "-cpu", wide ? "970" : "7450", remote[wide], (char *)NULL);
		_exit(127);
	}
	int status;
	must(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0, "qemu did not run the batch");
	must(pread(fd_out, t->out, sizeof t->out[0] * n, 0) == (ssize_t)(sizeof t->out[0] * n), "qemu's answer is short");
	close(fd_in);
	close(fd_out);
	unlink(in);
	unlink(out);
}

static void load_context(struct test *t, const struct remote_state *s)
{
	struct ppc_context *c = &t->context;
	memset(c, 0, sizeof *c);
	for (unsigned i = 0; i < 32; i++) {
		c->gpr[i] = be64_get(s->gpr[i]);
		c->fpr[i] = be64_get(s->fpr[i]);
		for (unsigned b = 0; b < 16; b++)
			c->vr[i].b[15 - b] = s->vr[i][b];
	}
	ppc_cr_set(c, be32_get(s->cr));
	ppc_xer_set(c, be32_get(s->xer));
	c->fpscr = (uint32_t)be64_get(s->fpscr);
	c->vscr = load_be32(&s->vscr[12]);
	c->msr = 0x9030;
	c->pc = CODE;
}

static const char *run_local(struct test *t, const struct sequence *q, const struct remote_state *s)
{
	load_context(t, s);
	uint8_t code[4 * SLOT_WORDS];
	for (unsigned i = 0; i < SLOT_WORDS; i++)
		store_be32(code + 4 * i, q->word[i]);
	must(mem_poke(&t->mem, CODE, code, sizeof code) == MEM_OK, "no code page");
	must(mem_poke(&t->mem, WINDOW, s->window, WINDOW_BYTES) == MEM_OK, "no window");
	struct cpu_slice slice = { .ctx = &t->context, .budget = q->n, .cpi = 4 };
	enum cpu_exit e = cpu_run(t->cpu, &slice);
	return e == CPU_BUDGET && slice.used == q->n ? NULL : "the core did not run the sequence";
}

/* ---- comparison ---------------------------------------------------------------------------------------------------------- */

static uint32_t ignored(const struct test *t, const struct sequence *q, enum part part)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < ARRAY_LEN(masks); i++)
		for (unsigned k = 0; k < q->n; k++)
			if (masks[i].part == part && matches(masks[i].classes, class_names[t->class]) &&
			    matches(masks[i].name, ppc_rows[q->row[k]].name))
				bits |= masks[i].bits;
	return bits;
}

/* CR0 of the 32-bit mode from a 64-bit result. */
static uint32_t cr0_of(uint64_t result, uint32_t xer)
{
	int32_t v = (int32_t)result;
	return (v < 0 ? 8u : v > 0 ? 4u : 2u) | xer >> 31;
}

/* The carry of the 32-bit mode of an add-like instruction, from the 64-bit sum: (a ^ b ^ sum) has the carries into each bit. */
static bool carry_of(const struct sequence *q, const struct remote_state *in, uint64_t sum, uint32_t *ca)
{
	const char *name = ppc_rows[q->row[0]].name;
	uint32_t w = q->word[0];
	uint64_t a = be64_get(in->gpr[w >> 16 & 31]), b = be64_get(in->gpr[w >> 11 & 31]);
	if (!strncmp(name, "subf", 4))
		a = ~a;
	if (!strncmp(name, "addic", 5) || !strncmp(name, "subfic", 6))
		b = (uint64_t)(int64_t)(int16_t)w;
	else if (strstr(name, "ze"))
		b = 0;
	else if (strstr(name, "me"))
		b = UINT64_MAX;
	else if (strncmp(name, "addc", 4) && strncmp(name, "adde", 4) && strncmp(name, "subfc", 5) && strncmp(name, "subfe", 5))
		return false;
	*ca = (a ^ b ^ sum) >> 32 & 1;
	return true;
}

static void expect_narrow(const struct test *t, const struct sequence *q, const struct remote_state *in, struct remote_state *out)
{
	const struct ppc_row *r = &ppc_rows[q->row[0]];
	bool to_ra = r->form == PPC_FORM_XA || r->form == PPC_FORM_M || r->form == PPC_FORM_MD || r->form == PPC_FORM_XS || r->form == PPC_FORM_DU;
	uint64_t result = be64_get(out->gpr[q->word[0] >> (to_ra ? 16 : 21) & 31]);
	uint32_t xer = be32_get(out->xer), cr = be32_get(out->cr), ca;
	(void)t;
	if (carry_of(q, in, result, &ca))
		out->xer = be32_of(xer = (xer & ~0x20000000u) | ca << 29);
	if ((r->record && (q->word[0] & 1)) || r->name[strlen(r->name) - 1] == '.')
		out->cr = be32_of((cr & 0x0fffffff) | cr0_of(result, xer) << 28);
}

static const char *compare(struct test *t, const struct sequence *q, const struct remote_state *want, char *where, size_t size)
{
	const struct ppc_context *c = &t->context;
	uint64_t width = t->class == INT64 ? UINT64_MAX : UINT32_MAX;
	for (unsigned i = 0; i < 31; i++) {
		uint64_t w = be64_get(want->gpr[i]) & width;
		if (i != 1 && i != 2 && i != 13 && (c->gpr[i] & width) != w) {
			snprintf(where, size, "r%u: %016" PRIx64 ", qemu %016" PRIx64, i, c->gpr[i] & width, w);
			return where;
		}
	}
	uint32_t parts[][3] = {
		{ ppc_cr(c), be32_get(want->cr), ~ignored(t, q, PART_CR) },
		{ ppc_xer(c), be32_get(want->xer), 0xe000007f & ~ignored(t, q, PART_XER) },
		{ c->fpscr, (uint32_t)be64_get(want->fpscr), t->class == FP ? ~ignored(t, q, PART_FPSCR) : 0 },
		{ c->vscr, load_be32(&want->vscr[12]), t->class == VMX ? ~ignored(t, q, PART_VSCR) : 0 },
	};
	static const char *const names[] = { "cr", "xer", "fpscr", "vscr" };
	for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
		if ((parts[i][0] ^ parts[i][1]) & parts[i][2]) {
			snprintf(where, size, "%s: %08x, qemu %08x", names[i], parts[i][0], parts[i][1]);
			return where;
		}
	for (unsigned i = 0; t->class == FP && i < 32; i++)
		if (c->fpr[i] != be64_get(want->fpr[i])) {
			snprintf(where, size, "f%u: %016" PRIx64 ", qemu %016" PRIx64, i, c->fpr[i], be64_get(want->fpr[i]));
			return where;
		}
	for (unsigned i = 0; t->class == VMX && i < 32; i++)
		for (unsigned k = 0; k < 4; k++)
			if (c->vr[i].w[3 - k] != load_be32(&want->vr[i][4 * k])) {
				snprintf(where, size, "v%u word %u: %08x, qemu %08x", i, k, c->vr[i].w[3 - k], load_be32(&want->vr[i][4 * k]));
				return where;
			}
	uint8_t window[WINDOW_BYTES];
	must(mem_peek(&t->mem, WINDOW, window, sizeof window) == MEM_OK, "no window");
	for (unsigned i = 0; i < WINDOW_BYTES; i++)
		if (window[i] != want->window[i]) {
			snprintf(where, size, "memory %x: %02x, qemu %02x", WINDOW + i, window[i], want->window[i]);
			return where;
		}
	return NULL;
}

static void show(const struct test *t, const struct sequence *q, unsigned index, const char *why)
{
	printf("%s #%u: %s\n", class_names[t->class], index, why);
	for (unsigned i = 0; i < q->n; i++) {
		char text[80];
		ppc_disasm(CODE + 4 * i, q->word[i], text, sizeof text);
		printf("    %08x  %s\n", q->word[i], text);
	}
}

static bool is_divide(const struct ppc_row *r)
{
	return strncmp(r->name, "div", 3) == 0;
}

/* Single-precision arithmetic is defined on operands that fit single precision only: it stands alone, on such operands. */
static bool is_single(const struct ppc_row *r)
{
	return (r->match >> 26) == 59;
}

static void make_single(struct remote_state *in)
{
	for (unsigned i = 0; i < 32; i++) {
		uint64_t bits = be64_get(in->fpr[i]);
		double d;
		memcpy(&d, &bits, 8);
		float f = (float)d;
		d = f;
		memcpy(&bits, &d, 8);
		in->fpr[i] = be64_of(bits);
	}
}

/* A quotient by zero, and the one that overflows, are undefined: divides stand alone, with a divisor that defines them. */
static void random_sequence(struct test *t, struct sequence *q, struct remote_state *in)
{
	memset(q, 0, sizeof *q);
	random_state(t, in);
	q->n = t->class == INT64 ? 1 : 1 + below(t, t->longest);
	for (unsigned k = 0; k < q->n; k++) {
		do
			q->row[k] = (uint16_t)t->pool[below(t, t->pools)];
		while (k > 0 && (is_divide(&ppc_rows[q->row[k]]) || is_single(&ppc_rows[q->row[k]]) ||
		                  strncmp(ppc_rows[q->row[k]].name, "fnm", 3) == 0));
		q->word[k] = random_word(t, q->row[k]);
		if (is_divide(&ppc_rows[q->row[k]])) {
			be64 *divisor = &in->gpr[q->word[k] >> 11 & 31];
			uint32_t low = (uint32_t)be64_get(*divisor);
			if (low == 0 || low == UINT32_MAX)
				*divisor = be64_of(3);
			q->n = 1;
		}
		if (strncmp(ppc_rows[q->row[k]].name, "fnm", 3) == 0) { /* see deviations.def */
			in->fpscr = be64_of(0);
			q->n = 1;
		}
		if (is_single(&ppc_rows[q->row[k]])) {
			make_single(in);
			q->n = 1;
		}
	}
	q->word[q->n] = BLR;
}

static void run_batch(struct test *t, const char *const remote[2], unsigned n, unsigned from)
{
	for (unsigned i = 0; i < n; i++)
		random_sequence(t, &t->seq[i], &t->in[i]);
	run_remote(t, remote, n);
	for (unsigned i = 0; i < n; i++) {
		char where[120];
		const char *why = run_local(t, &t->seq[i], &t->in[i]);
		if (t->class == INT64)
			expect_narrow(t, &t->seq[i], &t->in[i], &t->out[i]);
		if (!why)
			why = compare(t, &t->seq[i], &t->out[i], where, sizeof where);
		if (!why) {
			t->passed++;
		} else if (t->failed++ < 20 || t->verbose) {
			show(t, &t->seq[i], from + i, why);
		}
	}
}

static void run_class(struct test *t, const char *const remote[2], enum class class, unsigned sequences, uint64_t seed)
{
	t->class = class;
	t->rng = seed * UINT64_C(0x9E3779B97F4A7C15) + class + 1;
	choose_rows(t);
	must(t->pools > 0, "no rows of this class");
	for (unsigned done = 0; done < sequences;) {
		unsigned n = sequences - done < BATCH ? sequences - done : BATCH;
		run_batch(t, remote, n, done);
		done += n;
	}
}

int main(int argc, char **argv)
{
	unsigned sequences = 10000;
	uint64_t seed = 1;
	int only = -1, opt;
	static struct test t;
	while ((opt = getopt(argc, argv, "n:s:c:l:v")) != -1) {
		if (opt == 'n')
			sequences = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (opt == 'l')
			t.longest = (unsigned)strtoul(optarg, NULL, 10);
		else if (opt == 'v')
			t.verbose = true;
		else if (opt == 'c')
			for (unsigned i = 0; i < CLASSES; i++)
				if (!strcmp(optarg, class_names[i]))
					only = (int)i;
	}
	if (t.longest - 1 >= SEQUENCE_MAX)
		t.longest = SEQUENCE_MAX;
	must(argc - optind == 2, "usage: differential [-n SEQUENCES] [-s SEED] [-c int32|fp|vmx|int64] [-l LENGTH] [-v] REMOTE32 REMOTE64");
	const char *const remote[2] = { argv[optind], argv[optind + 1] };
	must(arena_init(&t.world, UINT64_C(1) << 30) == ST_OK && mem_init(&t.mem, &t.world) == ST_OK, "no memory");
	must(mem_commit(&t.mem, CODE, MEM_PAGE, MEM_PROT_R | MEM_PROT_X, MEM_OWNER_image, CODE) == ST_OK, "no code page");
	must(mem_commit(&t.mem, WINDOW, MEM_PAGE, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_heap, WINDOW) == ST_OK, "no window");
	t.cpu = cpu_new(&t.mem, 0);
	for (unsigned class = 0; class < CLASSES; class++)
		if (only < 0 || only == (int)class)
			run_class(&t, remote, class, sequences / (only < 0 ? CLASSES : 1), seed);
	cpu_free(t.cpu);
	mem_fini(&t.mem);
	arena_fini(&t.world);
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", t.passed, t.failed);
	return t.failed ? 1 : 0;
}
