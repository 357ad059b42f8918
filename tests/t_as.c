/* tests/t_as.c - the disassembler by round trip: what GNU as makes of its text is the word again, for each row of ppc.def that
 * as knows and for each simplified mnemonic. One call of the assembler for all of it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/cpu/cpu.h"
#include "src/cpu/insn.h"

#define BASE 0x82000000u
#define WORDS_PER_ROW 60u
#define WORDS_PER_ALIAS 8u
#define TRIES 400000u /* the rarest test of alias.def (two of five bits equal twice) holds for one word in 1024 */
#define WORDS_MAX (WORDS_PER_ROW * PPC_INSNS + WORDS_PER_ALIAS * 128)
#define OPTIONS \
	"-Wa,-mcell,-many,-mregnames -nostdlib -nostartfiles -static -Wl,--oformat=binary,--build-id=none,-Ttext=0x82000000"

/* Rows that GNU as does not know. Beside these, all of VMX128, which binutils never had: their names end in 128. */
static const struct {
	const char *name, *why;
} not_in_as[] = {
	{ "dcbz128", "dcbzl in GNU as, which has it for other processors" },
};

static bool ends_in_128(const char *name)
{
	size_t n = strlen(name);
	return n > 3 && strcmp(name + n - 3, "128") == 0;
}

static bool as_knows(unsigned row)
{
	const char *name = ppc_rows[row].name;
	for (size_t i = 0; i < ARRAY_LEN(not_in_as); i++)
		if (strcmp(name, not_in_as[i].name) == 0)
			return false;
	return !ends_in_128(name);
}

/* ---- forms that as refuses because the architecture calls them invalid ---------------------------------------------------- */

#define D(w) ((w) >> 21 & 31)
#define A(w) ((w) >> 16 & 31)
#define B(w) ((w) >> 11 & 31)

/* A load or store with update: RA is not 0, nor the register that is loaded. */
static bool valid_update(const struct ppc_row *r, uint32_t word)
{
	bool update = strstr(r->operands, "(RA)") || strstr(r->operands, ", RA, RB");
	bool general = strncmp(r->operands, "RD", 2) == 0;
	return !(r->flags & (PPC_LOAD | PPC_STORE)) || !update || (A(word) && (!general || A(word) != D(word)));
}

/* BO without reserved values; bcctr does not count. */
static bool valid_branch(unsigned row, uint32_t word)
{
	unsigned bo = D(word);
	if (row == PPC_INSN_bcctr && !(bo & 4))
		return false;
	switch (bo & 0x14) {
	case 0x00: return !(bo & 1);
	case 0x04: return (bo & 3) != 1;
	case 0x10: return (bo & 9) != 1;
	default: return bo == 20;
	}
}

static bool valid(unsigned row, uint32_t word)
{
	switch (row) {
	case PPC_INSN_bc:
	case PPC_INSN_bclr:
	case PPC_INSN_bcctr: return valid_branch(row, word);
	case PPC_INSN_lmw: /* the base is not among what is loaded */ return A(word) < D(word);
	case PPC_INSN_lswi: return A(word) < D(word) && D(word) <= 24;
	case PPC_INSN_lswx: return A(word) != D(word) && B(word) != D(word);
	case PPC_INSN_mftb:
		return (word >> 11 & 1023) == 0x188 || (word >> 11 & 1023) == 0x1a8; /* 268, 269, the halves swapped */
	case PPC_INSN_mfocrf:
	case PPC_INSN_mtocrf: return __builtin_popcount(word >> 12 & 255) == 1;
	case PPC_INSN_sync: return (D(word) & 3) != 3;
	case PPC_INSN_vspltb: return A(word) < 16;
	case PPC_INSN_vsplth: return A(word) < 8;
	case PPC_INSN_vspltw: return A(word) < 4;
	case PPC_INSN_vsldoi: return (word >> 6 & 31) < 16;
	default: return valid_update(&ppc_rows[row], word);
	}
}

/* ---- words ---------------------------------------------------------------------------------------------------------------- */

struct words {
	uint32_t word[WORDS_MAX];
	unsigned count;
	uint64_t seed;
};

static uint32_t next(struct words *w)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (uint32_t)(w->seed >> 32);
}

static void text_of(uint32_t ga, uint32_t word, char text[96])
{
	ppc_disasm(ga, word, text, 96);
}

/* @word of @row without the bits that the processor ignores: those that are not in the text either. */
static uint32_t told(unsigned row, uint32_t ga, uint32_t word)
{
	char text[96], other[96];
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (!(word & bit & ~ppc_rows[row].mask))
			continue;
		text_of(ga, word, text);
		text_of(ga, word & ~bit, other);
		if (strcmp(text, other) == 0)
			word &= ~bit;
	}
	return word;
}

static void add(struct words *w, unsigned row, uint32_t word)
{
	assert_true(w->count < WORDS_MAX);
	uint32_t at = w->count++;
	w->word[at] = told(row, BASE + 4 * at, word);
}

/* @n words of @row that have @match under @mask beside the row's own, and the mnemonic @name (NULL: any). */
static void add_some(struct words *w, unsigned row, uint32_t mask, uint32_t match, const char *name, unsigned n)
{
	for (unsigned tries = 0; n; tries++) {
		uint32_t word = ((next(w) & ~mask) | match);
		char text[96];
		word = (word & ~ppc_rows[row].mask) | ppc_rows[row].match;
		if (tries == TRIES)
			fail_msg("no word of %s was found that is written as %s", ppc_rows[row].name, name ? name : "it should");
		if (!valid(row, word))
			continue;
		text_of(BASE, word, text);
		size_t length = strcspn(text, " .");
		if (name && (strlen(name) != length || strncmp(text, name, length) != 0))
			continue;
		add(w, row, word);
		n--;
	}
}

static const struct {
	unsigned row;
	const char *name;
	uint32_t mask, match;
} aliases[] = {
#define ALIAS(row, mnemonic, mask, match, test, operands) { PPC_INSN_##row, mnemonic, mask, match },
#include "src/cpu/alias.def"
#undef ALIAS
};

static void choose(struct words *w)
{
	for (unsigned row = 0; row < PPC_INSNS; row++)
		if (as_knows(row))
			add_some(w, row, 0, 0, NULL, WORDS_PER_ROW);
	for (unsigned i = 0; i < ARRAY_LEN(aliases); i++)
		add_some(w, aliases[i].row, aliases[i].mask, aliases[i].match, aliases[i].name, WORDS_PER_ALIAS);
}

/* ---- the assembler -------------------------------------------------------------------------------------------------------- */

struct place {
	char folder[32], source[64], binary[64], messages[64];
};

static void place_make(struct place *p)
{
	strcpy(p->folder, "/tmp/t_as.XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->source, sizeof p->source, "%s/words.s", p->folder);
	snprintf(p->binary, sizeof p->binary, "%s/words.bin", p->folder);
	snprintf(p->messages, sizeof p->messages, "%s/messages", p->folder);
}

static void place_drop(const struct place *p)
{
	unlink(p->source);
	unlink(p->binary);
	unlink(p->messages);
	rmdir(p->folder);
}

/* as takes a number as a distance, also where it is an address: it gets the distance. */
static void branch_write(FILE *f, uint32_t ga, uint32_t word, char *text)
{
	char *target = strrchr(text, '0');
	while (target > text && strncmp(target, "0x", 2) != 0)
		target--;
	uint32_t to = (uint32_t)strtoul(target, NULL, 16);
	*target = '\0';
	if (word & 2)
		fprintf(f, "%s%d\n", text, (int32_t)to);
	else
		fprintf(f, "%s.+%d\n", text, (int32_t)(to - ga));
}

static void source_write(const struct place *p, const struct words *w)
{
	FILE *f = fopen(p->source, "w");
	assert_non_null(f);
	for (unsigned i = 0; i < w->count; i++) {
		char text[96];
		text_of(BASE + 4 * i, w->word[i], text);
		unsigned row = ppc_insn_of(w->word[i]);
		if (row == PPC_INSN_b || row == PPC_INSN_bc)
			branch_write(f, BASE + 4 * i, w->word[i], text);
		else if (row == PPC_INSN_mftb || row == PPC_INSN_mtcrf) /* for the Cell, as makes mfspr and mtocrf of them */
			fprintf(f, ".machine ppc64\n%s\n.machine cell\n", text);
		else
			fprintf(f, "%s\n", text);
	}
	assert_int_equal(fclose(f), 0);
}

static void messages_show(const struct place *p)
{
	FILE *f = fopen(p->messages, "r");
	char line[256];
	for (int i = 0; f && i < 20 && fgets(line, sizeof line, f); i++)
		fprintf(stderr, "%s", line);
	if (f)
		fclose(f);
}

static void assemble(const struct place *p, const char *cc)
{
	char command[512];
	snprintf(command, sizeof command, "%s %s -o %s %s >%s 2>&1", cc, OPTIONS, p->binary, p->source, p->messages);
	if (system(command) == 0)
		return;
	messages_show(p);
	fail_msg("%s does not take what the disassembler writes; it is in %s", cc, p->source);
}

static unsigned compare(const struct place *p, const struct words *w)
{
	unsigned wrong = 0;
	FILE *f = fopen(p->binary, "rb");
	assert_non_null(f);
	for (unsigned i = 0; i < w->count; i++) {
		be32 b;
		assert_int_equal(fread(&b, sizeof b, 1, f), 1);
		if (be32_get(b) == w->word[i])
			continue;
		char text[96];
		text_of(BASE + 4 * i, w->word[i], text);
		if (wrong++ < 20)
			fprintf(stderr, "%08x '%s' becomes %08x\n", w->word[i], text, be32_get(b));
	}
	fclose(f);
	return wrong;
}

static void what_as_makes_of_the_text_is_the_word_again(void **state)
{
	const char *cc = getenv("PPC_CC");
	struct words *w = xcalloc(1, sizeof *w);
	struct place p;
	if (!cc || !*cc) {
		print_message("no PowerPC assembler (package gcc-powerpc-linux-gnu)\n");
		free(w);
		skip();
	}
	w->seed = UINT64_C(88172645463325252);
	choose(w);
	place_make(&p);
	source_write(&p, w);
	assemble(&p, cc);
	unsigned wrong = compare(&p, w);
	place_drop(&p);
	free(w);
	assert_int_equal(wrong, 0);
}

/* The list of what is left out names rows, and says why. */
static void what_as_does_not_know_is_a_row(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(not_in_as); i++) {
		unsigned row = 0;
		while (row < PPC_INSNS && strcmp(ppc_rows[row].name, not_in_as[i].name) != 0)
			row++;
		assert_true(row < PPC_INSNS);
		assert_true(strlen(not_in_as[i].why) > 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_as_makes_of_the_text_is_the_word_again),
		cmocka_unit_test(what_as_does_not_know_is_a_row),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("as", tests, NULL, NULL);
}
