/* tests/conformance/vectors.c - runs CPU conformance vectors (xz-compressed JSON lines) through the real core.
 *
 * vectors [-f FILE] [-n NAME] [-c CLS] [-l] [-s] [-m N] VECTORS...
 *   -f, -n, -c  only cases whose file, name, class matches the fnmatch pattern
 *   -l          list every failure in one line: file/name, code, what differs
 *   -s          a table of failures by file, and how many cases each exception skipped
 *   -m N        details of the first N failures (default 10)
 * The last line is "N passed, N failed" and, if any, ", N skipped" (exceptions.def). Exit 0: none failed and at least one passed.
 *
 * A case: load `code` at `base`, start at `entry` with LR = a sentinel, stop when the PC is the sentinel. All registers are
 * zero, VSCR.NJ = env.nj, then `in`. Only what `out` and `mem_out` name is checked. 10001000..1000FFFF is mapped and zero, the
 * code's page is mapped, nothing else.
 */
#include "config.h"

#include <ctype.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <jansson.h>
#include <lzma.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/base/arena.h"
#include "src/base/base.h"
#include "src/cpu/cpu.h"
#include "src/mem/mem.h"

#define CODE_BASE 0x80000000u
#define CODE_BYTES 0x00100000u
#define DATA_BASE 0x10001000u
#define DATA_BYTES 0x0000f000u
#define SENTINEL 0xfffffff0u    /* in no heap: the return there ends as CPU_FETCH */
#define STEPS_MAX 10000u        /* instructions; the longest vector takes 40 */
#define FILES_MAX 512u

struct exception {
	const char *file, *name, *family, *reason;
};
static const struct exception exceptions[] = {
#define EXCEPTION(file, name, family, reason) { file, name, family, reason },
#include "tests/conformance/exceptions.def"
#undef EXCEPTION
};

struct file_count {
	char name[64];
	unsigned passed, failed, skipped;
};

struct runner {
	struct arena world;
	struct mem mem;
	struct cpu *cpu;
	const char *want_file, *want_name, *want_cls;
	bool list, summary;
	unsigned details;
	unsigned passed, failed, skipped;
	unsigned excepted[ARRAY_LEN(exceptions)];
	struct file_count count[FILES_MAX];
	unsigned counts;
	char diff[1024];      /* what differs in the present case */
};

static void note(struct runner *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void note(struct runner *r, const char *fmt, ...)
{
	size_t n = strlen(r->diff);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->diff + n, sizeof(r->diff) - n, fmt, ap);
	va_end(ap);
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static unsigned hex_bytes(const char *s, uint8_t *out, unsigned max)
{
	unsigned n = 0;

	while (n < max && isxdigit((unsigned char)s[2 * n]) && isxdigit((unsigned char)s[2 * n + 1])) {
		out[n] = (uint8_t)(digit(s[2 * n]) << 4 | digit(s[2 * n + 1]));
		n++;
	}
	return n;
}

/* ---- registers by name -------------------------------------------------------------------------------------------- */

static bool vr_set(struct ppc_context *c, unsigned i, const char *value)
{
	uint8_t b[16];

	if (i >= ARRAY_LEN(c->vr) || hex_bytes(value, b, 16) != 16)
		return false;
	for (unsigned k = 0; k < 16; k++)
		c->vr[i].b[15 - k] = b[k];
	return true;
}

/* Sets register @key; false if there is no such register. */
static bool reg_set(struct ppc_context *c, const char *key, const char *value)
{
	uint64_t v = strtoull(value, NULL, 16);
	unsigned i = (unsigned)strtoul(key + 1, NULL, 10);

	if (!strcmp(key, "cr"))
		ppc_cr_set(c, (uint32_t)v);
	else if (!strcmp(key, "xer"))
		ppc_xer_set(c, (uint32_t)v);
	else if (!strcmp(key, "fpscr"))
		c->fpscr = (uint32_t)v;
	else if (!strcmp(key, "vscr"))
		c->vscr = (uint32_t)v;
	else if (key[0] == 'r' && i < 32)
		c->gpr[i] = v;
	else if (key[0] == 'f' && i < 32)
		c->fpr[i] = v;
	else
		return key[0] == 'v' && vr_set(c, i, value);
	return true;
}

/* The register's value in the form of the vectors. */
static void reg_text(const struct ppc_context *c, const char *key, char out[40])
{
	unsigned i = (unsigned)strtoul(key + 1, NULL, 10);

	if (!strcmp(key, "cr"))
		sprintf(out, "0x%08" PRIx32, ppc_cr(c));
	else if (!strcmp(key, "xer"))
		sprintf(out, "0x%08" PRIx32, ppc_xer(c));
	else if (!strcmp(key, "fpscr"))
		sprintf(out, "0x%016" PRIx64, (uint64_t)c->fpscr);
	else if (!strcmp(key, "vscr"))
		sprintf(out, "0x%08" PRIx32, c->vscr);
	else if (key[0] == 'r' && i < 32)
		sprintf(out, "0x%016" PRIx64, c->gpr[i]);
	else if (key[0] == 'f' && i < 32)
		sprintf(out, "0x%016" PRIx64, c->fpr[i]);
	else if (key[0] == 'v' && i < ARRAY_LEN(c->vr))
		sprintf(out, "%016" PRIx64 "%016" PRIx64, c->vr[i].d[1], c->vr[i].d[0]);
	else
		strcpy(out, "?");
}

/* ---- one case ------------------------------------------------------------------------------------------------------- */

static bool poke(struct runner *r, uint32_t ga, const void *bytes, unsigned size)
{
	if (mem_poke(&r->mem, ga, bytes, size) == MEM_OK)
		return true;
	note(r, " cannot write %u bytes at %08" PRIx32, size, ga);
	return false;
}

static bool case_load(struct runner *r, const json_t *o, struct ppc_context *c)
{
	uint32_t base = (uint32_t)strtoul(text(o, "base"), NULL, 16);
	const json_t *code = json_object_get(o, "code"), *mem_in = json_object_get(o, "mem_in");
	uint8_t bytes[4096];
	unsigned n = 0;
	const char *key;
	json_t *v, *in = json_object_get(o, "in");
	size_t i;

	json_array_foreach((json_t *)code, i, v) {
		if (n + 4 <= sizeof(bytes))
			n += hex_bytes(json_string_value(v), bytes + n, 4);
	}
	if (!n || !poke(r, base, bytes, n))
		return false;
	json_array_foreach((json_t *)mem_in, i, v) {
		n = hex_bytes(json_string_value(json_array_get(v, 1)), bytes, sizeof(bytes));
		if (!poke(r, (uint32_t)strtoul(json_string_value(json_array_get(v, 0)), NULL, 16), bytes, n))
			return false;
	}
	memset(c, 0, sizeof(*c));
	c->msr = 0x9030;
	c->vscr = json_integer_value(json_object_get(json_object_get(o, "env"), "nj")) ? PPC_VSCR_NJ : 0;
	c->lr = SENTINEL;
	c->pc = (uint32_t)strtoul(text(o, "entry"), NULL, 16);
	json_object_foreach(in, key, v) {
		if (!reg_set(c, key, json_string_value(v))) {
			note(r, " unknown register %s", key);
			return false;
		}
	}
	return true;
}

static bool case_run(struct runner *r, struct ppc_context *c)
{
	struct cpu_slice s = { .ctx = c, .budget = STEPS_MAX, .cpi = 4 };
	enum cpu_exit exit = cpu_run(r->cpu, &s);

	if (exit == CPU_FETCH && c->pc == SENTINEL)
		return true;
	note(r, " exit %d at %08" PRIx32 " insn %08" PRIx32 " fault %08" PRIx32, (int)exit, c->pc, s.insn, s.fault_ga);
	return false;
}

static void case_check(struct runner *r, const json_t *o, const struct ppc_context *c)
{
	const char *key;
	json_t *v, *out = json_object_get(o, "out"), *mem_out = json_object_get(o, "mem_out");
	size_t i;

	json_object_foreach(out, key, v) {
		char have[40];
		reg_text(c, key, have);
		if (strcmp(have, json_string_value(v)))
			note(r, " %s=%s want %s", key, have, json_string_value(v));
	}
	json_array_foreach(mem_out, i, v) {
		uint8_t want[4096], have[4096];
		uint32_t ga = (uint32_t)strtoul(json_string_value(json_array_get(v, 0)), NULL, 16);
		const char *s = json_string_value(json_array_get(v, 1));
		unsigned n = hex_bytes(s, want, sizeof(want));
		if (mem_peek(&r->mem, ga, have, n) != MEM_OK) {
			note(r, " [%08" PRIx32 "] unmapped", ga);
		} else if (memcmp(have, want, n)) {
			note(r, " [%08" PRIx32 "]=", ga);
			for (unsigned k = 0; k < n; k++)
				note(r, "%02x", have[k]);
			note(r, " want %s", s);
		}
	}
}

/* Back to zero for the next case: only pages that hold something are written. */
static void case_undo(struct runner *r)
{
	static const uint8_t zero[MEM_PAGE];
	uint8_t have[MEM_PAGE];

	for (uint32_t ga = DATA_BASE; ga < DATA_BASE + DATA_BYTES; ga += MEM_PAGE) {
		INVARIANT(mem_peek(&r->mem, ga, have, MEM_PAGE) == MEM_OK);
		if (memcmp(have, zero, MEM_PAGE))
			INVARIANT(mem_poke(&r->mem, ga, zero, MEM_PAGE) == MEM_OK);
	}
}

/* ---- counting and telling ----------------------------------------------------------------------------------------- */

static struct file_count *count_of(struct runner *r, const char *file)
{
	/* Cases of one file lie together: the last row is the likely one. */
	for (unsigned i = r->counts; i-- > 0;)
		if (!strcmp(r->count[i].name, file))
			return &r->count[i];
	INVARIANT(r->counts < FILES_MAX);
	snprintf(r->count[r->counts].name, sizeof(r->count[0].name), "%s", file);
	return &r->count[r->counts++];
}

static int exception_of(const char *file, const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(exceptions); i++)
		if (!fnmatch(exceptions[i].file, file, 0) && !fnmatch(exceptions[i].name, name, 0))
			return (int)i;
	return -1;
}

static void tell(const struct runner *r, const json_t *o)
{
	char *in = json_dumps(json_object_get(o, "in"), JSON_COMPACT);
	char *code = json_dumps(json_object_get(o, "code"), JSON_COMPACT);

	printf("%s/%s %s:%s\n", text(o, "file"), text(o, "name"), code, r->diff);
	if (!r->list)
		printf("    in %s\n", in);
	free(in);
	free(code);
}

static void verdict(struct runner *r, const json_t *o)
{
	const char *file = text(o, "file"), *name = text(o, "name");
	struct file_count *n = count_of(r, file);
	int e;

	if (!r->diff[0]) {
		r->passed++;
		n->passed++;
		return;
	}
	e = exception_of(file, name);
	if (e >= 0) {
		r->excepted[e]++;
		r->skipped++;
		n->skipped++;
		return;
	}
	r->failed++;
	n->failed++;
	if (r->list || r->failed <= r->details)
		tell(r, o);
}

static bool wanted(const struct runner *r, const json_t *o)
{
	return (!r->want_file || !fnmatch(r->want_file, text(o, "file"), 0)) &&
	       (!r->want_name || !fnmatch(r->want_name, text(o, "name"), 0)) &&
	       (!r->want_cls || !fnmatch(r->want_cls, text(o, "cls"), 0));
}

static bool case_line(struct runner *r, const char *path, unsigned line, const char *s, size_t n)
{
	json_error_t error;
	json_t *o = json_loadb(s, n, 0, &error);
	struct ppc_context c;

	if (!json_is_object(o)) {
		fprintf(stderr, "%s:%u:%d: %s\n", path, line, error.column, error.text);
		json_decref(o);
		return false;
	}
	if (wanted(r, o)) {
		r->diff[0] = 0;
		if (case_load(r, o, &c) && case_run(r, &c))
			case_check(r, o, &c);
		case_undo(r);
		verdict(r, o);
	}
	json_decref(o);
	return true;
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

/* Runs the whole lines of buf[0..n) and moves the rest to the front; bytes kept, or -1. */
static ssize_t lines_run(struct runner *r, const char *path, unsigned *line, char *buf, size_t n)
{
	char *p = buf, *end = buf + n, *nl;

	while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
		++*line;
		if (nl > p && !case_line(r, path, *line, p, (size_t)(nl - p)))
			return -1;
		p = nl + 1;
	}
	memmove(buf, p, (size_t)(end - p));
	return end - p;
}

static bool stream_run(struct runner *r, const char *path, FILE *f)
{
	lzma_stream z = LZMA_STREAM_INIT;
	static uint8_t in[1 << 16];
	static char out[1 << 18];
	ssize_t kept = 0;
	unsigned line = 0;
	lzma_ret ret = lzma_stream_decoder(&z, UINT64_MAX, LZMA_CONCATENATED);

	while (ret == LZMA_OK && kept >= 0) {
		if (!z.avail_in) {
			z.next_in = in;
			z.avail_in = fread(in, 1, sizeof(in), f);
		}
		z.next_out = (uint8_t *)out + kept;
		z.avail_out = sizeof(out) - (size_t)kept;
		ret = lzma_code(&z, z.avail_in ? LZMA_RUN : LZMA_FINISH);
		kept = lines_run(r, path, &line, out, sizeof(out) - z.avail_out);
	}
	lzma_end(&z);
	if (ret != LZMA_STREAM_END)
		fprintf(stderr, "%s: line %u: %s\n", path, line, ret == LZMA_OK ? "stopped" : "not an .xz file, or damaged");
	else if (kept > 0)
		fprintf(stderr, "%s: the last line is not ended\n", path);
	return ret == LZMA_STREAM_END && !kept;
}

static bool file_run(struct runner *r, const char *path)
{
	FILE *f = fopen(path, "rb");
	bool ok;

	if (!f) {
		perror(path);
		return false;
	}
	ok = stream_run(r, path, f);
	fclose(f);
	return ok;
}

static void machine_make(struct runner *r)
{
	INVARIANT(arena_init(&r->world, UINT64_C(1) << 30) == ST_OK);
	INVARIANT(mem_init(&r->mem, &r->world) == ST_OK);
	INVARIANT(mem_commit(&r->mem, CODE_BASE, CODE_BYTES, MEM_PROT_R | MEM_PROT_W | MEM_PROT_X, MEM_OWNER_image, CODE_BASE) == ST_OK);
	INVARIANT(mem_commit(&r->mem, DATA_BASE, DATA_BYTES, MEM_PROT_R | MEM_PROT_W, MEM_OWNER_heap, DATA_BASE) == ST_OK);
	r->cpu = cpu_new(&r->mem, 0);
}

static void machine_drop(struct runner *r)
{
	cpu_free(r->cpu);
	mem_fini(&r->mem);
	arena_fini(&r->world);
}

static void summarize(const struct runner *r)
{
	for (unsigned i = 0; i < r->counts; i++)
		if (r->count[i].failed || r->count[i].skipped)
			printf("%-40s %7u passed %7u failed %7u skipped\n", r->count[i].name, r->count[i].passed,
			       r->count[i].failed, r->count[i].skipped);
	for (unsigned i = 0; i < ARRAY_LEN(exceptions); i++)
		printf("exception %s %s/%s: %u skipped: %s\n", exceptions[i].family, exceptions[i].file, exceptions[i].name,
		       r->excepted[i], exceptions[i].reason);
}

static int usage(void)
{
	fprintf(stderr, "usage: vectors [-f FILE] [-n NAME] [-c CLS] [-l] [-s] [-m N] VECTORS.jsonl.xz...\n");
	return 2;
}

int main(int argc, char **argv)
{
	static struct runner r = { .details = 10 };
	bool ok = true;

	for (int opt; (opt = getopt(argc, argv, "f:n:c:lsm:")) != -1;) {
		switch (opt) {
		case 'f': r.want_file = optarg; break;
		case 'n': r.want_name = optarg; break;
		case 'c': r.want_cls = optarg; break;
		case 'l': r.list = true; break;
		case 's': r.summary = true; break;
		case 'm': r.details = (unsigned)strtoul(optarg, NULL, 10); break;
		default: return usage();
		}
	}
	if (optind == argc)
		return usage();
	machine_make(&r);
	for (int i = optind; i < argc; i++)
		ok &= file_run(&r, argv[i]);
	machine_drop(&r);
	if (r.summary)
		summarize(&r);
	printf("%u passed, %u failed", r.passed, r.failed);
	if (r.skipped)
		printf(", %u skipped", r.skipped);
	printf("\n");
	return ok && !r.failed && r.passed ? 0 : 1;
}
