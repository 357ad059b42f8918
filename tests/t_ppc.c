/* tests/t_ppc.c - the laws of ppc.def: rows apart from each other, none missing, decoding, disassembly. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/cpu/cpu.h"
#include "src/cpu/engine.h"
#include "src/cpu/insn.h"

static uint32_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (uint32_t)(*seed >> 32);
}

/* A word of row @insn with all loose bits at random. */
static uint32_t some_word(unsigned insn, uint64_t *seed)
{
	return ppc_rows[insn].match | (next(seed) & ~ppc_rows[insn].mask);
}

static void no_two_rows_overlap(void **state)
{
	for (unsigned i = 0; i < PPC_INSNS; i++) {
		const struct ppc_row *a = &ppc_rows[i];
		assert_int_equal(a->match & ~a->mask, 0);
		for (unsigned j = i + 1; j < PPC_INSNS; j++) {
			const struct ppc_row *b = &ppc_rows[j];
			if (!((a->match ^ b->match) & a->mask & b->mask))
				fail_msg("%s and %s are both %08x", a->name, b->name, a->match | b->match);
		}
	}
}

static void every_instruction_of_the_xenon_has_its_row(void **state)
{
	static const struct {
		uint32_t word;
		const char *name;
	} want[] = {
#define XENON(word, name) { word, name },
#include "tests/xenon_insns.def"
#undef XENON
	};
	assert_int_equal(ARRAY_LEN(want), 455);
	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		unsigned insn = ppc_insn_of(want[i].word);
		if (insn == PPC_INSNS)
			fail_msg("%s %08x has no row", want[i].name, want[i].word);
		assert_string_equal(ppc_rows[insn].name, want[i].name);
	}
}

static void the_index_of_the_decoder_agrees_with_the_rows(void **state)
{
	struct arena world;
	struct mem mem;
	uint64_t seed = 1;
	assert_int_equal(arena_init(&world, UINT64_C(64) << 20), ST_OK);
	assert_int_equal(mem_init(&mem, &world), ST_OK);
	struct cpu *cpu = cpu_new(&mem, 0);
	for (unsigned i = 0; i < PPC_INSNS; i++)
		for (unsigned k = 0; k < 200; k++)
			assert_int_equal(code_insn_of(cpu, some_word(i, &seed)), i);
	for (unsigned k = 0; k < 100000; k++) {
		uint32_t w = next(&seed);
		assert_int_equal(code_insn_of(cpu, w), ppc_insn_of(w));
	}
	cpu_free(cpu);
	mem_fini(&mem);
	arena_fini(&world);
}

static void vector_registers_of_vmx128_are_seven_bits(void **state)
{
	struct ppc_op op = { 0 };
	/* vaddfp128 v97,v70,v99 = bits of the three numbers as the forms say */
	uint32_t d = 97, a = 70, b = 99;
	uint32_t w = 0x14000010 | (d & 31) << 21 | d >> 5 << 2 | (a & 31) << 16 | (a >> 5 & 1) << 5 | a >> 6 << 10 | (b & 31) << 11 | b >> 5;
	unsigned insn = ppc_insn_of(w);
	assert_string_equal(ppc_rows[insn].name, "vaddfp128");
	ppc_fields(insn, w, &op);
	assert_int_equal(op.d, d);
	assert_int_equal(op.a, a);
	assert_int_equal(op.b, b);
}

static void disassembly_is_gnu_syntax(void **state)
{
	static const struct {
		uint32_t word;
		const char *text;
	} cases[] = {
		{ 0x9421fff0, "stwu    r1,-0x10(r1)" },
		{ 0x7d8802a6, "mflr    r12" },
		{ 0x4e800020, "blr" },
		{ 0x4e800421, "bctrl" },
		{ 0x60000000, "nop" },
		{ 0x38600001, "li      r3,1" },
		{ 0x3d608200, "lis     r11,0x8200" },
		{ 0x7c7f1b78, "mr      r31,r3" },
		{ 0x7c6300d0, "neg     r3,r3" },
		{ 0x2b030005, "cmplwi  cr6,r3,5" },
		{ 0x2c030000, "cmpwi   r3,0" },
		{ 0x7c232000, "cmpd    r3,r4" },
		{ 0x419a0008, "beq     cr6,0x82000008" },
		{ 0x4082fff8, "bne     0x81fffff8" },
		{ 0x4200fffc, "bdnz    0x81fffffc" },
		{ 0x4bfffff1, "bl      0x81fffff0" },
		{ 0x4d9a0020, "beqlr   cr6" },
		{ 0x5463103a, "slwi    r3,r3,2" },
		{ 0x5463f0be, "srwi    r3,r3,2" },
		{ 0x5463063e, "clrlwi  r3,r3,24" },
		{ 0x54630027, "clrrwi. r3,r3,12" },
		{ 0x50632a14, "rlwimi  r3,r3,5,8,10" },
		{ 0x786307c6, "sldi    r3,r3,32" },
		{ 0x78630020, "clrldi  r3,r3,32" },
		{ 0x7c632a15, "add.    r3,r3,r5" },
		{ 0x7c632e14, "addo    r3,r3,r5" },
		{ 0x7c0004ac, "sync" },
		{ 0x7c2004ac, "lwsync" },
		{ 0x7c0018a8, "ldarx   r0,0,r3" },
		{ 0x7c60192d, "stwcx.  r3,0,r3" },
		{ 0x7c6c42e6, "mftb    r3" },
		{ 0x7c6c42a6, "mfspr   r3,268" },
		{ 0x4c00012c, "isync" },
		{ 0x4c421182, "crclr   eq" },
		{ 0x4fdef382, "crmove  4*cr7+eq,4*cr7+eq" },
		{ 0x44000042, "sc      2" },
		{ 0x0fe00016, "twui    r0,0x16" },
		{ 0x7fe00008, "trap" },
		{ 0x7c0007ec, "dcbz    0,r0" },
		{ 0x7c2327ec, "dcbz128 r3,r4" },
		{ 0xfc62202a, "fadd    f3,f2,f4" },
		{ 0xfc6428fb, "fmadd.  f3,f4,f3,f5" },
		{ 0x10611300, "vaddsbs v3,v1,v2" },
		{ 0x10611484, "vor     v3,v1,v2" },
		{ 0x10611406, "vcmpequb. v3,v1,v2" },
		{ 0x7c60200e, "lvebx   v3,0,r4" },
		{ 0x7c60240e, "lvlx    v3,0,r4" },
		{ 0x10602083, "lvewx128 v3,0,r4" },
		{ 0x1860fb34, "vrfim128 v35,v31" },
		{ 0x00000000, ".long   0x00000000" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		char text[96];
		bool known = ppc_disasm(0x82000000, cases[i].word, text, sizeof text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(known, cases[i].text[0] != '.');
	}
}

/* Also: no row has an operand word that the disassembler does not know (it would end the program). */
static void every_row_disassembles_to_its_mnemonic_or_an_alias(void **state)
{
	uint64_t seed = 7;
	for (unsigned i = 0; i < PPC_INSNS; i++)
		for (unsigned k = 0; k < 50; k++) {
			char text[96];
			assert_true(ppc_disasm(0x82000000, some_word(i, &seed), text, sizeof text));
			assert_true(strlen(text) < 48);
		}
}

static void a_short_buffer_is_not_overrun(void **state)
{
	char text[8] = "zzzzzzz";
	assert_true(ppc_disasm(0, 0x9421fff0, text, 5));
	assert_string_equal(text, "stwu");
	assert_int_equal(text[5], 'z');
}

static void calls_are_the_branches_that_set_lr(void **state)
{
	static const uint32_t calls[] = { 0x48000005, 0x48000007, 0x429f0005, 0x4e800421, 0x4e800021, 0x4d9a0021 };
	static const uint32_t others[] = { 0x48000004, 0x4e800020, 0x4e800420, 0x7c632a15, 0x419a0008, 0 };
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++)
		assert_true(ppc_is_call(calls[i]));
	for (unsigned i = 0; i < ARRAY_LEN(others); i++)
		assert_false(ppc_is_call(others[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_rows_overlap),
		cmocka_unit_test(every_instruction_of_the_xenon_has_its_row),
		cmocka_unit_test(the_index_of_the_decoder_agrees_with_the_rows),
		cmocka_unit_test(vector_registers_of_vmx128_are_seven_bits),
		cmocka_unit_test(disassembly_is_gnu_syntax),
		cmocka_unit_test(every_row_disassembles_to_its_mnemonic_or_an_alias),
		cmocka_unit_test(a_short_buffer_is_not_overrun),
		cmocka_unit_test(calls_are_the_branches_that_set_lr),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ppc", tests, NULL, NULL);
}
