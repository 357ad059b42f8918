/* tests/xexmake/mkxex.c - tests/mkxex: makes a XEX2 image of an ELF title; a cabinet of any file, for other decoders. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>

#include "tests/xexmake/cab_out.h"
#include "tests/xexmake/xexmake.h"

static const char usage[] = "usage: mkxex [OPTION...] TITLE.elf OUT.xex\n"
			    "       mkxex --patch [OPTION...] FROM.elf TO.elf OUT.xexp           from one image to the other\n"
			    "       mkxex --cab [--normal[=BITS]] [--blocks=KIND] FILE OUT.cab   FILE in a cabinet\n"
			    "       mkxex --chunks [--normal[=BITS]] [--blocks=KIND] FILE OUT    FILE as fuzz_lzx wants it\n"
			    "       mkxex --tiny OUT.elf                                         a small title\n"
			    "  --none, --basic, --normal[=BITS]   compression; LZX window of 2^BITS bytes, 15 to 21 (15)\n"
			    "  --blocks=verbatim|stored|mixed     kinds of LZX blocks (verbatim)\n"
			    "  --encrypt[=KEYFILE]                AES-128; the console's key as 32 hex digits (all zero)\n"
			    "  --small-pages                      pages of 4 KiB, not 64 KiB\n"
			    "  --with=FEATURE,..                  `all' of a title, or of:\n";

enum { NONE, BASIC, NORMAL, BLOCKS, ENCRYPT, SMALL, WITH, CAB, CHUNKS, TINY, PATCH, HELP };
static const struct option options[] = {
	{ "none", no_argument, NULL, NONE },
	{ "basic", no_argument, NULL, BASIC },
	{ "normal", optional_argument, NULL, NORMAL },
	{ "blocks", required_argument, NULL, BLOCKS },
	{ "encrypt", optional_argument, NULL, ENCRYPT },
	{ "small-pages", no_argument, NULL, SMALL },
	{ "with", required_argument, NULL, WITH },
	{ "cab", no_argument, NULL, CAB },
	{ "chunks", no_argument, NULL, CHUNKS },
	{ "tiny", no_argument, NULL, TINY },
	{ "patch", no_argument, NULL, PATCH },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void fail(const char *what, const char *which)
{
	fprintf(stderr, "mkxex: %s%s%s\n", which ? which : "", which ? ": " : "", what);
	exit(2);
}

static _Noreturn void help(void)
{
	fputs(usage, stdout);
	for (unsigned i = 0; i < MAKE_FEATURES; i++)
		printf("    %-12s %s\n", make_feature_name[i], make_feature_what[i]);
	exit(0);
}

/* ---- options -------------------------------------------------------------------------------------------------------------- */

static unsigned number_of(const char *word, const char *const *name, unsigned n, const char *option)
{
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(word, name[i]) == 0)
			return i;
	}
	fprintf(stderr, "mkxex: %s: unknown word for --%s; see mkxex --help\n", word, option);
	exit(2);
}

static uint32_t features_of(char *list)
{
	uint32_t with = 0;
	for (char *word = strtok(list, ","); word; word = strtok(NULL, ","))
		with |= strcmp(word, "all") == 0 ? MAKE_WITH_ALL
						 : 1u << number_of(word, make_feature_name, MAKE_FEATURES, "with");
	return with;
}

static unsigned bits_of(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);
	if (end == s || *end || n < 15 || n > 21)
		fail("should be 15 to 21", s);
	return (unsigned)n;
}

static void key_read(const char *path, uint8_t key[16])
{
	FILE *f = fopen(path, "r");
	unsigned n = 0, v;
	while (f && n < 16 && fscanf(f, "%2x", &v) == 1)
		key[n++] = (uint8_t)v;
	if (f)
		fclose(f);
	if (n != 16)
		fail("should be 32 hex digits", path);
}

/* ---- files ------------------------------------------------------------------------------------------------------------------ */

static struct bytes file_read(const char *path)
{
	struct bytes o = { 0 };
	uint8_t part[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	if (!f)
		fail("cannot be read", path);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		bytes_add(&o, part, n);
	fclose(f);
	return o;
}

static void file_write(const char *path, const struct bytes *o)
{
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(o->b, 1, o->size, f) != o->size || fclose(f) != 0)
		fail("cannot be written", path);
}

/* A byte for the window, then frames, each behind its length in little-endian (tests/fuzz/fuzz_lzx.c). */
static void chunks_put(const struct lzx *z, unsigned window_bits, struct bytes *out)
{
	*bytes_more(out, 1) = (uint8_t)(window_bits - 15);
	for (size_t i = 0, at = 0; i < z->frames; at = z->frame_end[i++]) {
		bytes_le16(out, (unsigned)(z->frame_end[i] - at));
		bytes_add(out, z->stream.b + at, z->frame_end[i] - at);
	}
}

/* What is not an image: the LZX stream of a file. */
static void stream_make(const struct make_spec *spec, bool cab, const char *path, struct bytes *out)
{
	struct bytes plain = file_read(path);
	struct lzx z;
	lzx_compress(plain.b, plain.size, 0, spec->window_bits, spec->blocks, &z);
	if (cab)
		cab_make(&z, plain.size, spec->window_bits, "file", out);
	else
		chunks_put(&z, spec->window_bits, out);
	lzx_free(&z);
	bytes_free(&plain);
}

/* An ELF by the name that it is to have as an image: that of the file @to. */
static struct image *elf_open(const char *path, const char *to)
{
	struct image *elf;
	struct err err;
	const char *slash = strrchr(to, '/');
	if (image_open(path, &elf, &err) != ST_OK)
		fail(err.text, NULL);
	if (elf->xex)
		fail("a XEX2 image already, should be an ELF", path);
	snprintf(elf->name, sizeof elf->name, "%s", slash ? slash + 1 : to);
	return elf;
}

/* x.elf is taken to have become x.xex. */
static void patch_make(const struct make_spec *spec, char **path, struct bytes *out)
{
	struct image *elf[2];
	struct err err;
	for (unsigned i = 0; i < 2; i++) {
		elf[i] = elf_open(path[i], path[i]);
		size_t n = strlen(elf[i]->name);
		if (n > 4 && strcmp(elf[i]->name + n - 4, ".elf") == 0)
			memcpy(elf[i]->name + n - 4, ".xex", 4);
	}
	if (make_xexp(elf[0], elf[1], spec, out, &err) != ST_OK)
		fail(err.text, NULL);
	image_free(elf[0]);
	image_free(elf[1]);
}

static void image_make(const struct make_spec *spec, const char *path, const char *to, struct bytes *out)
{
	struct image *elf = elf_open(path, to);
	struct err err;
	if (make_xex(elf, spec, out, &err) != ST_OK)
		fail(err.text, NULL);
	image_free(elf);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = { "verbatim", "stored", "mixed" };
	struct make_spec spec = { .window_bits = 15 };
	struct bytes out = { 0 };
	int what = NONE;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case NONE: spec.compression = MAKE_NONE; break;
		case BASIC: spec.compression = MAKE_BASIC; break;
		case NORMAL:
			spec.compression = MAKE_NORMAL;
			spec.window_bits = optarg ? bits_of(optarg) : 15;
			break;
		case BLOCKS: spec.blocks = number_of(optarg, kinds, ARRAY_LEN(kinds), "blocks"); break;
		case ENCRYPT:
			spec.encrypt = true;
			if (optarg)
				key_read(optarg, spec.key);
			break;
		case SMALL: spec.small_pages = true; break;
		case WITH: spec.features |= features_of(optarg); break;
		case CAB:
		case CHUNKS:
		case PATCH:
		case TINY: what = c; break;
		case HELP: help();
		default: return 2;
		}
	}
	if (argc - optind != (what == TINY ? 1 : what == PATCH ? 3 : 2)) {
		fputs(usage, stderr);
		return 2;
	}
	if (what == TINY)
		tiny_elf(&out);
	else if (what == PATCH)
		patch_make(&spec, argv + optind, &out);
	else if (what != NONE)
		stream_make(&spec, what == CAB, argv[optind], &out);
	else
		image_make(&spec, argv[optind], argv[optind + 1], &out);
	file_write(argv[argc - 1], &out);
	bytes_free(&out);
	return 0;
}
