/* tests/t_capstone.c - a second opinion on the disassembler: capstone, on the instructions that it knows. */
#include "config.h"

#define ppc_insn capstone_ppc_insn /* both name an enum so */
#include <capstone/capstone.h>
#undef ppc_insn
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/cpu/cpu.h"
#include "src/cpu/insn.h"

#define WORDS_PER_ROW 200
#define AGREED_AT_LEAST 10000 /* of some 50,000: else the comparison itself is broken */

/* Rows that capstone 4.0.2 spells in another way, with what it says. */
static const char *const spelled_otherwise[] = {
	"td", "tdi", "tw", "twi",   /* its own choice of simplified traps */
	"bc", "bclr", "bcctr",      /* BO values with reserved bits */
	"cntlzw",                   /* cntlz. */
	"mfspr", "mtspr",           /* names of SPRs that the Xenon does not have */
	"mtcrf",                    /* no mtcr */
	"eieio",                    /* mbar */
	"dcbz128",                  /* dcbzl */
};
/* Simplified mnemonics that it does not use. */
static const char *const not_simplified[] = { "mr.", "not", "not.", "srdi", "srdi.", "sldi", "sldi.", "clrrdi", "clrrdi.", "vmr", "vnot" };

static bool listed(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* VMX128 shares words with vector instructions of later processors, which are what capstone sees there. */
static bool comparable(const struct ppc_row *r)
{
	size_t n = strlen(r->name);
	return !(n > 3 && strcmp(r->name + n - 3, "128") == 0) && !listed(spelled_otherwise, ARRAY_LEN(spelled_otherwise), r->name);
}

static void mnemonic_of(const char *text, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)strcspn(text, " "), text);
}

/* 1 = the same mnemonic, 0 = capstone knows no such word. */
static int compare(csh capstone, uint32_t word)
{
	const uint8_t bytes[4] = { (uint8_t)(word >> 24), (uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word };
	cs_insn *theirs;
	size_t n = cs_disasm(capstone, bytes, sizeof bytes, 0x82000000, 1, &theirs);
	if (n == 0)
		return 0;
	char text[96], mnemonic[24];
	ppc_disasm(0x82000000, word, text, sizeof text);
	mnemonic_of(text, mnemonic, sizeof mnemonic);
	if (!listed(not_simplified, ARRAY_LEN(not_simplified), mnemonic) && strcmp(mnemonic, theirs->mnemonic) != 0)
		fail_msg("%08x: '%s', capstone: '%s %s'", word, text, theirs->mnemonic, theirs->op_str);
	cs_free(theirs, n);
	return 1;
}

static void disasm_names_what_capstone_names(void **state)
{
	(void)state;
	csh capstone;
	assert_int_equal(cs_open(CS_ARCH_PPC, CS_MODE_32 | CS_MODE_BIG_ENDIAN, &capstone), CS_ERR_OK);
	uint64_t x = UINT64_C(88172645463325252); /* xorshift64 */
	unsigned agreed = 0;
	for (unsigned row = 0; row < PPC_INSNS; row++)
		for (unsigned k = 0; k < WORDS_PER_ROW && comparable(&ppc_rows[row]); k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			uint32_t word = ppc_rows[row].match | ((uint32_t)x & ~ppc_rows[row].mask & 0x03ffffff);
			if (ppc_insn_of(word) == row)
				agreed += (unsigned)compare(capstone, word);
		}
	assert_true(agreed >= AGREED_AT_LEAST);
	cs_close(&capstone);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(disasm_names_what_capstone_names),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
