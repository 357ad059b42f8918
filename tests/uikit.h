/* tests/uikit.h - a session around a testkit machine, with books, for tests of the front ends. */
#ifndef TESTS_UIKIT_H
#define TESTS_UIKIT_H

#include <stdio.h>
#include <unistd.h>

#include "tests/testkit.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/inspect/lives.h"
#include "ui/tui/tui.h"
#include "ui/expr.h"
#include "ui/lua/luaui.h"

struct uk {
	struct tk *t;
	struct rig rig;
	struct session s;
	struct out out;
	struct err err;
	char *text;           /* what was printed since uk_take */
	size_t size;
};

static inline int uk_setup(void **state)
{
	struct uk *u = calloc(1, sizeof *u);
	assert_non_null(u);
	u->t = tk_new();
	u->rig.machine = u->t->m;
	audit_init(&u->rig.audit, &u->t->m->history, &u->t->m->mem);
	audit_on(&u->rig.audit, &u->t->m->events, machine_row(u->t->m)->next_object);
	u->out.file = open_memstream(&u->text, &u->size);
	u->s = (struct session){ .rig = &u->rig, .image = &u->t->image, .out = &u->out, .stop = { .kind = STOP_ENTRY } };
	settings_init(&u->s.settings);
	u->s.settings.record = 0;
	session_select(&u->s, u->t->main);
	session_attach(&u->s);
	*state = u;
	return 0;
}

static inline int uk_teardown(void **state)
{
	struct uk *u = *state;
	tui_free(u->s.tui);
	printed_fini(&u->s.printed);
	breaks_detach(&u->s);
	timeline_fini(&u->s);
	luaui_end(&u->s);
	breaks_fini(&u->s.breaks);
	user_variables_fini(&u->s.variables);
	for (unsigned i = 0; i < u->s.own_count; i++) {
		free(u->s.own[i].name);
		free(u->s.own[i].stands_for);
		free(u->s.own[i].help);
		block_put(u->s.own[i].body);
	}
	free(u->s.own);
	if (u->s.lives)
		lives_free(u->s.lives);
	free(u->s.lives);
	journal_fini(&u->s.journal);
	audit_off(&u->rig.audit);
	audit_fini(&u->rig.audit);
	fclose(u->out.file);
	free(u->text);
	tk_free(u->t);
	free(u);
	return 0;
}

/** Runs a command; its output is u->text until the next call. */
static inline enum status uk_command(struct uk *u, const char *line)
{
	fclose(u->out.file);
	free(u->text);
	u->text = NULL;
	u->out.file = open_memstream(&u->text, &u->size);
	u->err.text[0] = 0;
	enum status st = cmd_line(&u->s, line, &u->err);
	fflush(u->out.file);
	return st;
}

/** The stop of that number. */
static inline struct breakpoint *point(struct uk *u, unsigned n)
{
	struct breakpoint *p = breaks_find(&u->s.breaks, n);
	assert_non_null(p);
	return p;
}

/** Runs a command that must go well. */
static inline void command(struct uk *u, const char *fmt, ...) PRINTF_LIKE(2, 3);
static inline void command(struct uk *u, const char *fmt, ...)
{
	char line[CMD_LINE];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (uk_command(u, line) != ST_OK)
		fail_msg("%s: %s", line, u->err.text);
}

/** Runs a command that must fail, with @why in its line. */
static inline void refused(struct uk *u, const char *line, const char *why)
{
	assert_int_not_equal(uk_command(u, line), ST_OK);
	if (!strstr(u->err.text, why))
		fail_msg("%s: '%s' does not say '%s'", line, u->err.text, why);
}

/** Executes @text as a command file would be. */
static inline enum status script(struct uk *u, const char *text)
{
	char path[] = "/tmp/uikit.XXXXXX", line[80];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(line, sizeof line, "source %s", path);
	enum status st = uk_command(u, line);
	unlink(path);
	return st;
}

/** The expression @text must give @value. */
static inline void gives(struct uk *u, const char *text, uint64_t value)
{
	uint64_t v = ~value;
	if (expr_eval(&u->s, text, false, &v, &u->err) != ST_OK)
		fail_msg("%s: %s", text, u->err.text);
	if (v != value)
		fail_msg("%s gives %llx", text, (unsigned long long)v);
}

/** Starts main in a loop that counts in r4; where its code lies. */
static inline uint32_t counting(struct uk *u)
{
	uint32_t code = CODE(u->t, I_ADDI(4, 4, 1), I_B(-4));
	tk_start(u->t, code);
	return code;
}

/** A call through the guest's own code, from a function of its own. */
static inline uint32_t calling(struct uk *u, const char *export, uint32_t arg)
{
	/* main: bl f; b . ; f: stwu; mflr r0; stw r0,36(r1) ; call ; lwz r0; mtlr; addi r1; blr */
	uint32_t thunk = tk_thunk(u->t, export);
	uint32_t code = CODE(u->t, 0x48000000u | 8 | 1, I_B(0), I_STWU(1, -32, 1), 0x7C0802A6u, I_STW(0, 36, 1), I_LI(3, arg),
		I_LI(4, 0), I_CALL(thunk), I_LWZ(0, 36, 1), 0x7C0803A6u, I_ADDI(1, 1, 32), I_BLR);
	tk_start(u->t, code);
	return code;
}

#define U(state) ((struct uk *)*(state))
#define UK_TEST(f) cmocka_unit_test_setup_teardown(f, uk_setup, uk_teardown)

#endif
