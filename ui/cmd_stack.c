/* ui/cmd_stack.c - call stacks: bt of one thread or of many, stacks, chain. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "ui/cmd.h"
#include "ui/inspect/stack.h"

/* ---- bt ---------------------------------------------------------------------------------------------------------------------------- */

enum status cmd_bt(struct session *s, const struct cmd_args *a, struct err *err)
{
	uint64_t n = STACK_FRAMES_MAX;
	bool full = false;
	const char *which = NULL;
	for (unsigned i = 0; i < a->count; i++) {
		const char *word = a->word[i] + (a->word[i][0] == '-');
		if (!strcmp(word, "full"))
			full = true;
		else if (!strcmp(word, "all") || !strcmp(word, "parked"))
			which = word;
		else if (!parse_count(word, &n) || !n || word != a->word[i])
			return err_set(
				err, ST_BAD_VALUE, "'%.60s' is no count of frames: bt [N] [full] [all|parked]", a->word[i]);
	}
	if (which) {
		char line[60];
		snprintf(line, sizeof line, "thread apply %s backtrace %u%s", which, n > STACK_FRAMES_MAX ? STACK_FRAMES_MAX : (unsigned)n, full ? " full" : "");
		return cmd_line(s, line, err);
	}
	struct query q = session_query(s);
	q.count = n > STACK_FRAMES_MAX ? STACK_FRAMES_MAX : (uint32_t)n;
	show_table(s, full ? TABLE_STACK_FULL : TABLE_STACK, &q);
	return ST_OK;
}

enum status cmd_stacks(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = given_words(a, 0, 1, "stacks [-u]", err);
	if (st == ST_OK && a->count && strcmp(a->word[0], "-u") != 0)
		st = err_set(err, ST_BAD_USAGE, "'%.60s' is not understood: stacks [-u]", a->word[0]);
	if (st == ST_OK && !a->count)
		return cmd_line(s, "thread apply all backtrace", err);
	if (st == ST_OK)
		show_table(s, TABLE_STACKS, &q);
	return st;
}

/* ---- chain ------------------------------------------------------------------------------------------------------------------------- */

enum status cmd_chain(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = *a->rest ? expr_address(s, a->rest, &q.ga, err) : ST_OK;
	if (st == ST_OK && *a->rest && (q.ga & 3 || !q.ga))
		st = err_set(err, ST_BAD_VALUE, "%08X is no frame's address: they are multiples of 4", q.ga);
	if (st == ST_OK && !s->thread)
		st = err_set(err, ST_STATE, "no thread is selected");
	if (st == ST_OK)
		show_table(s, TABLE_BACKCHAIN, &q);
	return st;
}
