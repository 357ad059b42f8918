/* tests/t_whois.c - the laws of whois: which words are found, what they lie in, which classes are believed. */
#include "config.h"

#include "tests/uikit.h"
#include "ui/inspect/rtti.h"
#include "ui/inspect/words.h"

#define U(state) ((struct uk *)*(state))

/* The lines of `whois` that hold @text. */
static unsigned lines_with(struct uk *u, const char *text)
{
	unsigned n = 0;
	for (const char *p = u->text; (p = strstr(p, text)) != NULL; p = strchr(p, '\n'))
		n++;
	return n;
}

static void whois(struct uk *u, uint32_t handle)
{
	char line[32];
	snprintf(line, sizeof line, "whois %x", handle);
	assert_int_equal(uk_command(u, line), ST_OK);
}

/* ---- words --------------------------------------------------------------------------------------------------------------- */

static void every_handle_of_the_object_is_looked_for_and_no_other(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), other = tk_event(u->t, 1, false), dup = tk_memory(u->t, 4),
		 at = tk_memory(u->t, 16);
	assert_int_equal(CALL(u->t, u->t->main, "NtDuplicateObject", h, dup, 0), 0);
	whois(u, tk_get32(u->t, dup));
	unsigned before = lines_with(u, "image");
	tk_put32(u->t, at, h);
	tk_put32(u->t, at + 4, other);
	whois(u, tk_get32(u->t, dup));
	assert_int_equal(lines_with(u, "image"), before + 1);
	CALL(u->t, u->t->main, "NtClose", tk_get32(u->t, dup));
	whois(u, h); /* the word that it was written to is still there, but what it names is not the object any more */
	assert_int_equal(lines_with(u, "image"), before);
}

static void address_of_the_dispatcher_is_looked_for_in_each_of_its_mirrors(void **state)
{
	struct uk *u = U(state);
	uint32_t a0 = 0xA0200000u, at = tk_memory(u->t, 16);
	assert_int_equal(mem_commit_physical(&u->t->m->mem, a0 & 0x1fffffff, 0x10000, MEM_PROT_R | MEM_PROT_W, a0), ST_OK);
	CALL(u->t, u->t->main, "KeInitializeEvent", a0 + 0x40, 1, 0);
	tk_put32(u->t, at, a0 + 0x40);
	tk_put32(u->t, at + 4, 0xC0200040u);
	tk_put32(u->t, at + 8, 0xC0200044u);
	assert_int_equal(uk_command(u, "whois *a0200040"), ST_OK);
	assert_int_equal(lines_with(u, "image"), 2);
}

static void registers_of_threads_that_live_are_looked_at(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), thread = tk_thread(u->t, 1);
	assert_true(machine_set_register(u->t->m, thread, "r31", UINT64_C(0x100000000) | h));
	whois(u, h);
	assert_int_equal(lines_with(u, "r31"), 1);
}

static void word_below_the_stack_pointer_is_dead(void **state)
{
	struct uk *u = U(state);
	uint32_t h = tk_event(u->t, 1, false), thread = tk_thread(u->t, 1), sp = (uint32_t)context_peek(u->t->m, thread)->gpr[1];
	tk_put32(u->t, sp + 8, h);
	tk_put32(u->t, sp - 64, h);
	whois(u, h);
	assert_int_equal(lines_with(u, "sp+8"), 1);
	assert_int_equal(lines_with(u, "dead stack"), 1);
}

static void word_in_a_block_of_the_titles_pool_is_told_by_the_block(void **state)
{
	struct uk *u = U(state);
	char text[32];
	uint32_t h = tk_event(u->t, 1, false), block = (uint32_t)CALL(u->t, u->t->main, "ExAllocatePool", 0x50);
	tk_put32(u->t, block + 0x20, h);
	whois(u, h);
	snprintf(text, sizeof text, "%08X+20", block);
	assert_int_equal(lines_with(u, text), 1);
	assert_int_equal(lines_with(u, "pool"), 1);
}

/* ---- classes ------------------------------------------------------------------------------------------------------------- */

enum { VTABLE = 0x04, LOCATOR = 0x20, TYPE = 0x40, HIERARCHY = 0x80, BASES = 0xA0, BASE = 0xC0 };

/* The records of a class at @at; its vtable at @at + VTABLE. */
static void lay_class(struct uk *u, uint32_t at, const char *decorated, uint32_t offset)
{
	const uint32_t words[][2] = {
		{ 0, at + LOCATOR },
		{ VTABLE, TK_CODE },
		{ LOCATOR, 0 },
		{ LOCATOR + 4, offset },
		{ LOCATOR + 12, at + TYPE },
		{ LOCATOR + 16, at + HIERARCHY },
		{ TYPE, at + VTABLE },
		{ HIERARCHY + 8, 2 },
		{ HIERARCHY + 12, at + BASES },
		{ BASES, at + BASE },
		{ BASE, at + TYPE },
	};
	for (unsigned i = 0; i < ARRAY_LEN(words); i++)
		tk_put32(u->t, at + words[i][0], words[i][1]);
	assert_int_equal(mem_poke(&u->t->m->mem, at + TYPE + 8, decorated, (uint32_t)strlen(decorated) + 1), MEM_OK);
}

static void class_is_believed_only_if_all_of_its_records_fit(void **state)
{
	struct uk *u = U(state);
	struct class_guess c;
	uint32_t at = tk_memory(u->t, 0x100);
	static const uint32_t spoiled[][2] = {
		{ 0, 0x12345678 },
		{ VTABLE, TK_DATA },
		{ VTABLE, TK_CODE + 2 },
		{ LOCATOR, 1 },
		{ LOCATOR + 4, 0x7fffffff },
		{ LOCATOR + 4, 2 },
		{ LOCATOR + 12, 0 },
		{ LOCATOR + 16, TK_DATA + 1 },
		{ TYPE, 0 },
		{ TYPE + 8, 0x2E3F4142 },
		{ TYPE + 12, 0x07070707 },
		{ HIERARCHY, 1 },
		{ HIERARCHY + 4, 64 },
		{ HIERARCHY + 8, 0 },
		{ HIERARCHY + 12, 0 },
		{ BASES, 0 },
		{ BASE, 0 },
	};
	lay_class(u, at, ".?AVName@@", 0);
	assert_true(class_of_vtable(u->t->m, at + VTABLE, &c));
	assert_string_equal(c.name, "Name");
	assert_string_equal(c.how, "RTTI");
	for (unsigned i = 0; i < ARRAY_LEN(spoiled); i++) {
		uint32_t was = tk_get32(u->t, at + spoiled[i][0]);
		tk_put32(u->t, at + spoiled[i][0], spoiled[i][1]);
		assert_false(class_of_vtable(u->t->m, at + VTABLE, &c));
		tk_put32(u->t, at + spoiled[i][0], was);
	}
	assert_true(class_of_vtable(u->t->m, at + VTABLE, &c));
}

static void class_names_are_turned_around_or_left_as_they_are(void **state)
{
	struct uk *u = U(state);
	static const char *const names[][2] = {
		{ ".?AVName@@", "Name" },
		{ ".?AUInner@Outer@@", "Outer::Inner" },
		{ ".?AVa@b@c@@", "c::b::a" },
		{ ".?AV?$vector@H@std@@", ".?AV?$vector@H@std@@" },
	};
	static const char *const none[] = { ".?AV@@", ".?AVName@", "Name", ".?AWName@@", ".?AVNa me@@" };
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		struct class_guess c;
		uint32_t at = tk_memory(u->t, 0x100);
		lay_class(u, at, names[i][0], 0);
		assert_true(class_of_vtable(u->t->m, at + VTABLE, &c));
		assert_string_equal(c.name, names[i][1]);
	}
	for (unsigned i = 0; i < ARRAY_LEN(none); i++) {
		struct class_guess c;
		uint32_t at = tk_memory(u->t, 0x100);
		lay_class(u, at, none[i], 0);
		assert_false(class_of_vtable(u->t->m, at + VTABLE, &c));
	}
}

static void object_begins_where_the_locators_offset_says(void **state)
{
	struct uk *u = U(state);
	struct class_guess c;
	uint32_t at = tk_memory(u->t, 0x100), block = tk_memory(u->t, 0x100), object;
	lay_class(u, at, ".?AVName@@", 8);
	tk_put32(u->t, block + 0x18, at + VTABLE);
	assert_true(class_around(u->t->m, block + 0x40, block, &c, &object));
	assert_int_equal(object, block + 0x10);
	assert_false(class_around(u->t->m, block + 0x40, block + 0x14, &c, &object)); /* would begin before what it lies in */
	assert_false(class_around(u->t->m, block + 0x18, block, &c, &object));        /* the vtable's own word is no member */
	assert_false(class_around(u->t->m, block, 0, &c, &object) && object > block);
}

static void symbol_of_a_vtable_names_its_class(void **state)
{
	struct uk *u = U(state);
	static const struct {
		const char *symbol;
		uint32_t offset;
		const char *name;
	} cases[] = {
		{ "??_7Name@@6B@", 0, "Name" },
		{ "??_7Inner@Outer@@6B@", 0, "Outer::Inner" },
		{ "??_7Name@@6BBase@@@", 0, "Name" },
		{ "_ZTV4Name", 8, "Name" },
		{ "_ZTVN5Outer5InnerE", 8, "Outer::Inner" },
		{ "_ZTVN5Outer1TIiEE", 8, "_ZTVN5Outer1TIiEE" },
		{ "_ZTV4Name", 4, NULL },
		{ "??_7Name@@6B@", 4, NULL },
		{ "name", 0, NULL },
		{ "_ZTV99Name", 8, "_ZTV99Name" },
	};
	uint32_t at = tk_memory(u->t, 0x40);
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++) {
		struct image_symbol s = { .ga = at, .size = 0x20, .name = cases[i].symbol };
		struct class_guess c;
		u->t->image.symbol = &s;
		u->t->image.symbols = 1;
		assert_int_equal(class_of_vtable(u->t->m, at + cases[i].offset, &c), cases[i].name != NULL);
		if (cases[i].name) {
			assert_string_equal(c.name, cases[i].name);
			assert_string_equal(c.how, "symbol");
		}
		u->t->image.symbol = NULL;
		u->t->image.symbols = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UK_TEST(every_handle_of_the_object_is_looked_for_and_no_other),
		UK_TEST(address_of_the_dispatcher_is_looked_for_in_each_of_its_mirrors),
		UK_TEST(registers_of_threads_that_live_are_looked_at),
		UK_TEST(word_below_the_stack_pointer_is_dead),
		UK_TEST(word_in_a_block_of_the_titles_pool_is_told_by_the_block),
		UK_TEST(class_is_believed_only_if_all_of_its_records_fit),
		UK_TEST(class_names_are_turned_around_or_left_as_they_are),
		UK_TEST(object_begins_where_the_locators_offset_says),
		UK_TEST(symbol_of_a_vtable_names_its_class),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
