/* tests/t_tui.c - the laws of the panes: places, sizes, identity, filters, keys; and that no key does harm. */
#include "config.h"

#include <locale.h>
#include <unistd.h>

#include "tests/uikit.h"
#include "ui/tui/columns.h"
#include "ui/tui/layout.h"
#include "ui/tui/pane.h"
#include "ui/tui/tui.h"

#define U(state) ((struct uk *)*(state))

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	return *seed ^= *seed << 17;
}

/* ---- layout ------------------------------------------------------------------------------------------------------------ */

static bool overlap(const struct rect *a, const struct rect *b)
{
	return a->rows && b->rows && a->row < b->row + b->rows && b->row < a->row + a->rows && a->col < b->col + b->cols &&
	       b->col < a->col + a->cols;
}

static void check_places(const struct layout *l, struct rect area, unsigned keep)
{
	struct rect out[LAYOUT_PANES];
	size_t cells = 0;
	unsigned placed = 0;
	layout_place(l, area, keep, out);
	for (unsigned i = 0; i < l->count; i++) {
		if (!out[i].rows)
			continue;
		placed++;
		cells += (size_t)out[i].rows * out[i].cols;
		assert_true(out[i].row >= area.row && out[i].row + out[i].rows <= area.row + area.rows);
		assert_true(out[i].col >= area.col && out[i].col + out[i].cols <= area.col + area.cols);
		for (unsigned k = 0; k < i; k++)
			assert_false(overlap(&out[i], &out[k]));
	}
	/* If there is any pane there is no hole; and the one to be kept is among them. */
	if (placed)
		assert_int_equal(cells, (size_t)area.rows * area.cols);
	if (placed)
		assert_true(out[keep].rows != 0);
}

static void layout_never_overlaps_and_leaves_no_hole(void **state)
{
	const char *help;
	struct err err;
	(void)state;
	for (unsigned i = 0; layout_builtin(i, &help); i++)
		for (unsigned rows = 1; rows <= 100; rows += 3)
			for (unsigned cols = 1; cols <= 300; cols += 7) {
				struct layout l = { 0 };
				assert_int_equal(layout_parse(&l, layout_builtin_spec(i, rows, cols), &err), ST_OK);
				for (unsigned keep = 0; keep < l.count; keep++)
					check_places(&l, (struct rect){ 1, 0, rows, cols }, keep);
			}
}

static void any_layout_of_the_users_has_room_or_gives_way(void **state)
{
	uint64_t seed = 7;
	struct err err;
	(void)state;
	for (unsigned n = 0; n < 300; n++) {
		struct layout l = { 0 };
		char spec[LAYOUT_TEXT] = "", again[LAYOUT_TEXT];
		unsigned panes = 1 + (unsigned)(next_random(&seed) % LAYOUT_PANES),
			 first = (unsigned)(next_random(&seed) % PANES);
		for (unsigned i = 0; i < panes; i++)
			snprintf(spec + strlen(spec), sizeof spec - strlen(spec), "%s%s:%u",
				!i                       ? ""
				: next_random(&seed) % 2 ? " / 3 "
							 : " ",
				pane_defs[(first + i) % PANES].name, 1 + (unsigned)(next_random(&seed) % LAYOUT_SHARE_MAX));
		assert_int_equal(layout_parse(&l, spec, &err), ST_OK);
		struct layout same = { 0 };
		assert_int_equal(layout_parse(&same, layout_text(&l, again, sizeof again), &err), ST_OK);
		assert_memory_equal(&l, &same, sizeof l);
		for (unsigned k = 0; k < 20; k++)
			check_places(&l,
				(struct rect){ 0, 0, 1 + (unsigned)(next_random(&seed) % 100),
					1 + (unsigned)(next_random(&seed) % 300) },
				(unsigned)(next_random(&seed) % l.count));
	}
}

static void layout_that_makes_no_sense_is_refused_in_one_line(void **state)
{
	static const char *const bad[] = { "", "/", "threads /", "/ threads", "nopane", "threads threads", "threads:0",
		"threads:x", "threads:100", "100 threads", "3 / threads", "t" };
	struct err err;
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		struct layout l = { .count = 77 };
		assert_int_not_equal(layout_parse(&l, bad[i], &err), ST_OK);
		assert_int_equal(l.count, 77);
		assert_true(err.text[0] && !strchr(err.text, '\n'));
	}
}

/* ---- grid -------------------------------------------------------------------------------------------------------------- */

static void grid_text(const struct grid *g, char *buf, size_t size)
{
	FILE *f = fmemopen(buf, size, "w");
	assert_non_null(f);
	grid_save(g, false, f);
	fclose(f);
}

static void control_characters_are_made_visible(void **state)
{
	struct grid g;
	char text[400];
	(void)state;
	grid_init(&g, 2, 60);
	grid_put(&g, grid_whole(&g), 0, 0, ROLE_TEXT, 0, "a\033[2J\007b\xff\xc3\xa9\xe2\x80\xae");
	grid_text(&g, text, sizeof text);
	assert_string_equal(text, "a\\x1B[2J\\x07b\\xFF\xc3\xa9\\xE2\\x80\\xAE\n\n");
	for (unsigned i = 0; i < 120; i++)
		assert_true(g.cell[i].ch >= ' ' && g.cell[i].ch != 0x7f);
	grid_fini(&g);
}

static void wide_character_takes_two_cells_or_none(void **state)
{
	struct grid g;
	struct rect clip = { 0, 0, 1, 3 };
	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	grid_init(&g, 1, 6);
	assert_int_equal(grid_put(&g, clip, 0, 0, ROLE_TEXT, 0, "\xe5\xae\xb6\xe5\xae\xb6"), 4);
	assert_int_equal(g.cell[0].ch, 0x5bb6);
	assert_int_equal(g.cell[1].ch, 0);
	assert_int_equal(g.cell[2].ch, ' ');
	/* What is put over half of it leaves no half. */
	grid_put(&g, clip, 0, 1, ROLE_TEXT, 0, "x");
	assert_int_equal(g.cell[0].ch, ' ');
	assert_int_equal(g.cell[1].ch, 'x');
	grid_fini(&g);
}

static void text_outside_of_its_rectangle_is_not_drawn(void **state)
{
	struct grid g;
	char text[200];
	(void)state;
	grid_init(&g, 3, 10);
	grid_put(&g, (struct rect){ 1, 2, 1, 4 }, 0, 0, ROLE_TEXT, 0, "abcdefgh");
	grid_put(&g, (struct rect){ 1, 2, 1, 4 }, 1, 0, ROLE_TEXT, 0, "below");
	grid_put(&g, (struct rect){ 5, 5, 9, 9 }, 0, 0, ROLE_TEXT, 0, "outside");
	grid_box(&g, (struct rect){ 2, 8, 5, 50 }, ROLE_BORDER, "a title that is too long");
	grid_text(&g, text, sizeof text);
	assert_string_equal(text, "\n  abcd\n        +[\n");
	grid_fini(&g);
}

/* ---- keys -------------------------------------------------------------------------------------------------------------- */

static void key_is_known_by_its_name(void **state)
{
	static const char *const names[] = { "a", "Z", "+", "-", " ", "Space", "Enter", "Esc", "Up", "F12", "C-x", "C-Space",
		"M-a", "C-M-x", "S-Tab", "\xc3\xa9", "~", "\\" };
	tui_key_code key, again;
	char name[KEY_TEXT];
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		assert_true(key_parse(names[i], &key));
		assert_true(key_parse(key_text(key, name, sizeof name), &again));
		assert_int_equal(key, again);
	}
	assert_false(key_parse("", &key));
	assert_false(key_parse("F99", &key));
	assert_false(key_parse("C-", &key) && key == 0);
	assert_false(key_parse("ab", &key));
	assert_false(key_parse("\x1b", &key));
}

static void no_key_does_two_things_in_one_place(void **state)
{
	struct uk *u = U(state);
	struct tui *t = tui_new(&u->s, 24, 80);
	struct tui_binding a, b;
	for (unsigned i = 0; tui_binding(t, i, &a); i++) {
		char *copy = xstrdup(a.keys), *save = NULL;
		assert_true(*a.keys && *a.help);
		for (char *k = strtok_r(copy, " ", &save); k; k = strtok_r(NULL, " ", &save))
			for (unsigned other = 0; tui_binding(t, other, &b); other++) {
				char keys[100], word[40];
				if (other == i || strcmp(a.context, b.context) != 0)
					continue;
				snprintf(keys, sizeof keys, " %s ", b.keys);
				snprintf(word, sizeof word, " %s ", k);
				assert_null(strstr(keys, word));
			}
		free(copy);
	}
	tui_free(t);
}

static void key_of_the_users_goes_before_the_built_in_ones(void **state)
{
	struct uk *u = U(state);
	struct tui *t = tui_new(&u->s, 24, 80);
	tui_key_code esc = 0, j = 0, x = 0;
	struct err err;
	assert_true(key_parse("Esc", &esc) && key_parse("j", &j) && key_parse("C-x", &x));
	tui_key(t, esc);
	assert_int_equal(tui_key(t, j), TUI_DONE);
	assert_int_equal(tui_bind(t, "j", ":info threads", &err), ST_OK);
	assert_int_equal(tui_key(t, j), TUI_RUN);
	assert_string_equal(tui_line(t), "info threads");
	assert_int_equal(tui_bind(t, "j", "", &err), ST_OK);
	assert_int_equal(tui_key(t, j), TUI_UNKNOWN);
	assert_int_equal(tui_bind(t, "C-x j", "leave", &err), ST_OK);
	assert_int_equal(tui_key(t, x), TUI_DONE);
	assert_int_equal(tui_key(t, j), TUI_LEAVE);
	assert_int_not_equal(tui_bind(t, "nokey", "leave", &err), ST_OK);
	assert_int_not_equal(tui_bind(t, "j", "noaction", &err), ST_OK);
	tui_free(t);
}

/* ---- filters ----------------------------------------------------------------------------------------------------------- */

static unsigned holds(struct uk *u, const char *text)
{
	struct view v;
	struct query q = session_query(&u->s);
	struct filter *f;
	struct err err;
	unsigned n = 0;
	view_init(&v);
	view_table(&v, TABLE_HANDLES, &q, NULL, "handle generation");
	assert_int_equal(filter_compile(text, &f, &err), ST_OK);
	for (unsigned i = 0; i < v.lines; i++)
		n += v.line[i].kind == LINE_ROW && filter_holds(f, &v, i);
	filter_free(f);
	view_fini(&v);
	return n;
}

static void filter_compares_numbers_and_texts(void **state)
{
	struct uk *u = U(state);
	tk_event(u->t, 0, false);
	tk_event(u->t, 1, false);
	unsigned events = 2, all = holds(u, "");
	assert_true(all >= events);
	assert_int_equal(holds(u, "type~event"), events);
	assert_int_equal(holds(u, "type=Event/Auto"), 1);
	assert_int_equal(holds(u, "type~event | type=Thread"), holds(u, "type~event") + holds(u, "type=Thread"));
	assert_int_equal(holds(u, "!type~event"), all - events);
	assert_int_equal(holds(u, "type!~event"), all - events);
	assert_int_equal(holds(u, "type~event refs>=1"), events);
	assert_int_equal(holds(u, "type~event refs>1"), 0);
	assert_int_equal(holds(u, "refs>0x0"), all);
	assert_int_equal(holds(u, "nocolumn=1"), 0);
	assert_int_equal(holds(u, "event/auto"), 1);
}

static void filter_that_makes_no_sense_is_refused(void **state)
{
	static const char *const bad[] = { "|", "a |", "| a", "refs>", "refs>x", "a b c d e f g h i j k l m n o p q" };
	struct filter *f;
	struct err err;
	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_not_equal(filter_compile(bad[i], &f, &err), ST_OK);
}

/* ---- identity ---------------------------------------------------------------------------------------------------------- */

static void look(struct uk *u, struct pane *p)
{
	struct pane_ask a = { .s = &u->s, .query = session_query(&u->s) };
	p->stale = true;
	p->rows = 10;
	p->cols = 80;
	pane_look(p, &a);
}

static void selection_stays_with_its_row_when_others_come_and_go(void **state)
{
	struct uk *u = U(state);
	struct pane p;
	char text[40];
	uint32_t h[6];
	for (unsigned i = 0; i < 6; i++)
		h[i] = tk_event(u->t, 0, false);
	pane_init(&p, PANE_handles);
	look(u, &p);
	snprintf(text, sizeof text, "%X", h[3]);
	assert_true(pane_jump(&p, text));
	assert_int_equal(pane_subject(&p).handle, h[3]);
	CALL(u->t, u->t->main, "NtClose", h[1]);
	CALL(u->t, u->t->main, "NtClose", h[2]);
	look(u, &p);
	assert_int_equal(pane_subject(&p).handle, h[3]);
	tk_event(u->t, 0, false);
	tk_event(u->t, 0, false);
	p.sort = column_find(&table_defs[TABLE_HANDLES], "handle", 6);
	p.descending = true;
	look(u, &p);
	assert_int_equal(pane_subject(&p).handle, h[3]);
	/* The same number in a new life is another row. */
	CALL(u->t, u->t->main, "NtClose", h[3]);
	look(u, &p);
	assert_int_not_equal(pane_subject(&p).handle, h[3]);
	pane_fini(&p);
}

static void equal_lines_are_told_apart(void **state)
{
	struct view v;
	(void)state;
	view_init(&v);
	for (unsigned i = 0; i < 100; i++)
		view_text(&v, ROLE_TEXT, "the same");
	assert_int_equal(v.lines, 100);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(view_find(&v, v.line[i].key), i);
	view_fini(&v);
}

static unsigned changed_cells(struct uk *u, struct pane *p)
{
	struct grid g;
	unsigned n = 0;
	look(u, p);
	grid_init(&g, 20, 100);
	pane_draw(p, &g, grid_whole(&g), 1, false);
	for (unsigned i = 0; i < g.rows * g.cols; i++)
		n += (g.cell[i].flags & CELL_CHANGED) != 0;
	grid_fini(&g);
	return n;
}

static void cell_that_changed_since_the_last_stop_is_marked(void **state)
{
	struct uk *u = U(state);
	struct pane p;
	uint32_t h = tk_event(u->t, 0, false);
	pane_init(&p, PANE_handles);
	assert_int_equal(changed_cells(u, &p), 0);
	assert_int_equal(changed_cells(u, &p), 0);
	/* A signal changes SIG from 0 to 1; a new handle's row is new. */
	CALL(u->t, u->t->main, "NtSetEvent", h, 0);
	p.at.instr = 99; /* it was another moment */
	assert_int_equal(changed_cells(u, &p), 1);
	/* Looking again at the same moment changes nothing. */
	assert_int_equal(changed_cells(u, &p), 1);
	p.at.instr = 99; /* it was another moment */
	assert_int_equal(changed_cells(u, &p), 0);
	pane_fini(&p);
}

static void registers_of_another_thread_are_no_changes(void **state)
{
	struct uk *u = U(state);
	struct pane p;
	uint32_t other = tk_thread(u->t, 1);
	pane_init(&p, PANE_registers);
	assert_int_equal(changed_cells(u, &p), 0);
	p.at.instr = 99; /* it was another moment */
	session_select(&u->s, other);
	assert_int_equal(changed_cells(u, &p), 0);
	p.at.instr = 99;
	((struct ppc_context *)(uintptr_t)context_peek(u->t->m, other))->gpr[3] ^= 1;
	assert_true(changed_cells(u, &p) > 0);
	pane_fini(&p);
}

/* ---- whole screens ------------------------------------------------------------------------------------------------------ */

static void every_size_draws_inside(void **state)
{
	struct uk *u = U(state);
	struct tui *t = tui_new(&u->s, 24, 80);
	struct grid g;
	const char *help, *name;
	struct err err;
	for (unsigned i = 0; i < 20; i++)
		tk_thread(u->t, i % 6);
	grid_init(&g, 24, 80);
	for (unsigned i = 0; (name = layout_builtin(i, &help)); i++) {
		assert_int_equal(tui_layout(t, name, &err), ST_OK);
		for (unsigned rows = 1; rows <= 100; rows += rows < 26 ? 1 : 9)
			for (unsigned cols = 1; cols <= 300; cols += cols < 10 ? 1 : 29) {
				assert_int_equal(tui_resize(t, rows, cols), rows >= TUI_LEAST_ROWS && cols >= TUI_LEAST_COLS);
				tui_draw(t, &g);
				assert_int_equal(g.rows, rows);
				assert_int_equal(g.cols, cols);
				assert_true(!g.cursor_shown || (g.cursor_row < rows && g.cursor_col < cols));
			}
	}
	grid_fini(&g);
	tui_free(t);
}

static void what_cannot_be_is_refused_in_one_line(void **state)
{
	static const char *const bad[] = { "screen", "screen size", "screen size 0 0", "screen size 80 many",
		"screen size 80 100000", "screen keys", "screen keys NoKey", "screen click", "screen click 1 x",
		"screen wheel-sideways 1 1", "screen save ./no/such/folder", "screen save a b c", "layout nothing", "layout t w",
		"layout make", "layout make threads command", "layout make x nopane", "layout make x threads threads",
		"layout make x 3", "layout make a/b threads", "layout write ./no/such/folder", "pane nothing", "pane c", "pane",
		"bind NoKey help", "bind F11 nothing" };
	struct uk *u = U(state);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		if (uk_command(u, bad[i]) == ST_OK)
			fail_msg("`%s` was not refused", bad[i]);
		assert_true(u->err.text[0] && !strchr(u->err.text, '\n'));
	}
	/* From within the panes there is no screen within the screen. */
	assert_int_equal(uk_command(u, "screen type screen save"), ST_OK);
	assert_int_equal(uk_command(u, "screen keys Enter"), ST_OK);
	assert_int_equal(uk_command(u, "screen save"), ST_OK);
	assert_non_null(strstr(u->text, "error: screen: not from within the panes"));
}

/* ---- any keys ------------------------------------------------------------------------------------------------------------- */

#define RANDOM_KEYS 10000u

static tui_key_code random_key(uint64_t *seed)
{
	uint64_t r = next_random(seed);
	switch (r >> 8 & 7) {
	case 0: return TK_NONE + 1 + (uint32_t)(r >> 16) % (TK_LAST - TK_NONE - 1);
	case 1: return TK_CTRL | ('a' + (uint32_t)(r >> 16) % 26);
	case 2: return TK_ALT | ('a' + (uint32_t)(r >> 16) % 26);
	case 3: return 0xa1 + (uint32_t)(r >> 16) % 0x3000;
	default: return ' ' + (uint32_t)(r >> 16) % 95;
	}
}

static void random_keys_do_no_harm(void **state)
{
	struct session_options o = { .title = "tests/guest/demo.elf", .max_instr = 100000, .record = true };
	struct out out = { .file = fopen("/dev/null", "w") };
	struct session s;
	struct err err;
	struct grid g;
	uint64_t seed = 20;
	(void)state;
	machine_options_default(&o.machine);
	if (access(o.title, R_OK) != 0) {
		fclose(out.file);
		skip();
	}
	assert_non_null(out.file);
	assert_int_equal(session_open(&s, &o, &out, &err), ST_OK);
	s.tui = tui_new(&s, 24, 80);
	grid_init(&g, 24, 80);
	for (unsigned i = 0; i < RANDOM_KEYS; i++) {
		uint64_t r = next_random(&seed);
		enum tui_answer answer = r % 16 == 0 ? tui_mouse(s.tui, (unsigned)(r >> 8) % 60, (unsigned)(r >> 16) % 170,
							       (enum tui_button)(r >> 24 & 3) % 5, 1 + (r >> 30 & 1))
						     : tui_key(s.tui, random_key(&seed));
		if (answer == TUI_RUN) {
			char *line = xstrdup(tui_line(s.tui));
			/* What would write files, or end the session, is not run. */
			if (!strchr(line, '>') && !strchr(line, '|'))
				(void)!tui_execute(s.tui, line);
			free(line);
		}
		s.quit = false;
		if (r % 97 == 0)
			tui_resize(s.tui, 1 + (unsigned)(r >> 8) % 60, 1 + (unsigned)(r >> 16) % 170);
		if (r % 11 == 0)
			tui_draw(s.tui, &g);
	}
	tui_resize(s.tui, 24, 80);
	tui_draw(s.tui, &g);
	assert_int_equal(g.rows, 24);
	grid_fini(&g);
	assert_int_equal(session_close(&s, &err), ST_OK);
	fclose(out.file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout_never_overlaps_and_leaves_no_hole),
		cmocka_unit_test(any_layout_of_the_users_has_room_or_gives_way),
		cmocka_unit_test(layout_that_makes_no_sense_is_refused_in_one_line),
		cmocka_unit_test(control_characters_are_made_visible),
		cmocka_unit_test(wide_character_takes_two_cells_or_none),
		cmocka_unit_test(text_outside_of_its_rectangle_is_not_drawn),
		cmocka_unit_test(key_is_known_by_its_name),
		UK_TEST(no_key_does_two_things_in_one_place),
		UK_TEST(key_of_the_users_goes_before_the_built_in_ones),
		UK_TEST(filter_compares_numbers_and_texts),
		cmocka_unit_test(filter_that_makes_no_sense_is_refused),
		UK_TEST(selection_stays_with_its_row_when_others_come_and_go),
		cmocka_unit_test(equal_lines_are_told_apart),
		UK_TEST(cell_that_changed_since_the_last_stop_is_marked),
		UK_TEST(registers_of_another_thread_are_no_changes),
		UK_TEST(every_size_draws_inside),
		UK_TEST(what_cannot_be_is_refused_in_one_line),
		cmocka_unit_test(random_keys_do_no_harm),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
