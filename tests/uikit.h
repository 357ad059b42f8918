/* tests/uikit.h - a session around a testkit machine, with books, for tests of the front ends. */
#ifndef TESTS_UIKIT_H
#define TESTS_UIKIT_H

#include <stdio.h>

#include "tests/testkit.h"
#include "ui/block.h"
#include "ui/cmd.h"

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
	breaks_detach(&u->s);
	timeline_fini(&u->s);
	breaks_fini(&u->s.breaks);
	user_variables_fini(&u->s.variables);
	for (unsigned i = 0; i < u->s.own_count; i++) {
		free(u->s.own[i].name);
		free(u->s.own[i].stands_for);
		block_put(u->s.own[i].body);
	}
	free(u->s.own);
	free(u->s.journal);
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

#define UK_TEST(f) cmocka_unit_test_setup_teardown(f, uk_setup, uk_teardown)

#endif
