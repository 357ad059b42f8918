/* tests/t_expr.c - the laws of expressions. */
#include "config.h"

#include "tests/uikit.h"

static void operators_are_cs(void **state)
{
	struct uk *u = U(state);
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{ "1 ? 2 : 3", 2 },
		{ "0 ? 2 : 0 ? 3 : 4", 4 },
		{ "-7 / 2", -3 },
		{ "-7 % 3", -1 },
		{ "-1 < 0", 1 },
		{ "-8 >> 1", -4 },
		{ "(u8)0x1ff", 0xff },
		{ "(s8)0xff", -1 },
		{ "(unsigned int)-1", 0xffffffff },
		{ "(int)3000000000", -1294967296 },
		{ "(unsigned long long)-1 > 0", 1 },
		{ "'a'", 97 },
		{ "\"abc\" == \"abc\"", 1 },
		{ "\"abc\" < \"abd\"", 1 },
		{ "\"a\" != \"b\" && !\"\"", 1 },
		{ "1.5 * 2 == 3", 1 },
		{ "(int)2.9", 2 },
		{ "0 && 1 / 0", 0 },
		{ "1 || 1 / 0", 1 },
		{ "1 ? 5 : 1 / 0", 5 },
		{ "!!7", 1 },
		{ "~0", -1 },
		{ "1 << 70", 0 },
		{ "2 + 3 == 5 && 6 != 7", 1 },
		{ "10 - -3", 13 },
		{ "(-9223372036854775807 - 1) / -1", INT64_MIN },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
		gives(u, cases[i].text, (uint64_t)cases[i].value);
}

static void registers_are_the_selected_threads(void **state)
{
	struct uk *u = U(state);
	struct ppc_context *c = arena_row(&u->t->m->world, u->t->m->t_context, u->t->main);
	c->gpr[3] = 0x123456789a;
	c->cr[2] = 8;
	c->lr = 0x82000010;
	c->fpr[1] = UINT64_C(0x3ff8000000000000);
	c->vr[100].w[3] = 7;
	c->vr[100].b[15] = 0;
	c->vr[5].w[2] = 9;
	gives(u, "$r3", 0x123456789a);
	gives(u, "$cr2.lt", 1);
	gives(u, "$cr2.eq", 0);
	gives(u, "$cr2", 8);
	gives(u, "$lr", 0x82000010);
	gives(u, "$f1 == 1.5", 1);
	gives(u, "$v100.w[0]", 7);
	gives(u, "$v5.w[1]", 9);
	gives(u, "$v5.d[0] == $v5.w[0] * 0x100000000 + 9", 1);
	refused(u, "print $v5.w[4]", "no such element");
	refused(u, "print $v5", "by element");
	refused(u, "print $cr8", "there is no $cr8");
	refused(u, "print $cr0.xx", "column 6");
}

static void memory_is_read_by_type(void **state)
{
	struct uk *u = U(state);
	uint32_t ga = tk_memory(u->t, 32);
	char text[80];
	tk_put32(u->t, ga, 0xfffefdfc);
	tk_put32(u->t, ga + 4, ga);
	const struct {
		const char *format;
		int64_t value;
	} cases[] = {
		{ "{int}0x%x", -66052 },
		{ "*(u32*)0x%x", 0xfffefdfc },
		{ "{u8}0x%x", 0xff },
		{ "{s8}0x%x", -1 },
		{ "((u16*)0x%x)[1]", 0xfdfc },
		{ "*((u8*)0x%x + 2)", 0xfd },
		{ "{unsigned short}0x%x", 0xfffe },
		{ "*0x%x", 0xfffefdfc },
		{ "**(u32**)(0x%x + 4)", 0xfffefdfc },
		{ "{long long}0x%x >> 32", -66052 },
	};
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(text, sizeof text, "%s", cases[i].format);
		char *mark = strstr(text, "%x"), whole[120];
		snprintf(whole, sizeof whole, "%.*s%x%s", (int)(mark - text), text, ga, mark + 2);
		gives(u, whole, (uint64_t)cases[i].value);
	}
	refused(u, "print {int}0x10", "00000010 is not mapped");
	refused(u, "print {nope}0x10", "there is no such type");
}

static void errors_point_at_the_column(void **state)
{
	struct uk *u = U(state);
	refused(u, "print 1 + $nope", "column 5");
	refused(u, "print 4 * (1 / 0)", "column 8");
	refused(u, "print \"abc", "column 1");
	refused(u, "print 1 ? 2", "column 6");
	refused(u, "print 1 + \"a\"", "column 3");
	refused(u, "print 3.signals", "column");
	refused(u, "print handle(0x4444).signals", "not open");
	refused(u, "print $_handle", "does not stand at an event");
}

static void books_are_functions(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false);
	char text[80];
	CALL(u->t, u->t->main, "NtSetEvent", h, 0);
	snprintf(text, sizeof text, "handle(0x%x).signals", h);
	gives(u, text, 1);
	snprintf(text, sizeof text, "handle(0x%x).state", h);
	gives(u, text, 1);
	snprintf(text, sizeof text, "object(handle(0x%x).id).handle == 0x%x", h, h);
	gives(u, text, 1);
	snprintf(text, sizeof text, "handle(0x%x).type == \"Event/Auto\"", h);
	gives(u, text, 1);
	gives(u, "thread(1).state == \"running\"", 1);
	refused(u, "print thread(99).state", "no such thread");
	refused(u, "print thread(1).signals", "a thread has no such field");
}

static void variables_are_the_users(void **state)
{
	struct uk *u = U(state);
	command(u, "set $x = 5");
	command(u, "set $x = $x * 2 + 1");
	gives(u, "$x", 11);
	command(u, "set $t = \"name\"");
	gives(u, "$t == \"name\"", 1);
	command(u, "set $t = $t");
	gives(u, "$t == \"name\"", 1);
	refused(u, "set $v3 = 1", "cannot be set");
	refused(u, "set $_tid = 1", "cannot be set");
	refused(u, "set $o = thread(1)", "cannot hold");
	refused(u, "set $y 5", "set $NAME");
	refused(u, "print $y", "there is no $y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(operators_are_cs),
		UK_TEST(registers_are_the_selected_threads),
		UK_TEST(memory_is_read_by_type),
		UK_TEST(errors_point_at_the_column),
		UK_TEST(books_are_functions),
		UK_TEST(variables_are_the_users),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
