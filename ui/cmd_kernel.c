/* ui/cmd_kernel.c - commands about kernel objects: handles, trails, focus. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "kernel/ledger.h"
#include "ui/cmd.h"
#include "ui/inspect/books.h"
#include "ui/inspect/lives.h"

/* ---- what the user names -------------------------------------------------------------------------------------------------- */

static bool hex_number(const char *text, uint32_t *v)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	size_t n = strlen(text);
	if (!n || n > 8 || strspn(text, "0123456789abcdefABCDEF") != n)
		return false;
	*v = (uint32_t)strtoul(text, NULL, 16);
	return true;
}

/* The trail of that life of a handle: the one that it was the first handle of, or an alias's. */
static uint32_t trail_of_life(const struct audit *a, uint32_t handle, uint32_t generation)
{
	uint32_t *rows, found = 0;
	unsigned n = audit_list(a, &rows);
	for (unsigned i = 0; i < n && !found; i++) {
		struct audit_entry e[AUDIT_RING];
		const struct audit_trail *r = audit_trail(a, rows[i]);
		if (r->handle == handle && r->generation == generation)
			found = rows[i];
		unsigned kept = found ? 0 : audit_entries(a, r, AUDIT_NAMES, e);
		for (unsigned k = 0; k < kept && !found; k++)
			if (e[k].handle == handle && e[k].generation == generation)
				found = rows[i];
	}
	free(rows);
	return found;
}

static enum status target_handle(const struct session *s, const char *word, struct target *t, struct err *err)
{
	const struct machine *m = session_machine(s);
	char digits[16] = "";
	const char *mark = strchr(word, '#');
	uint64_t generation = 0;
	size_t n = mark ? (size_t)(mark - word) : strlen(word);
	if (n < sizeof digits)
		snprintf(digits, sizeof digits, "%.*s", (int)n, word);
	if (!hex_number(digits, &t->handle) || (mark && (!parse_number(mark + 1, &generation) || generation - 1 >= UINT32_MAX)))
		return err_set(err, ST_BAD_VALUE, "'%s' is no object: write 12ac, 12ac#3, @17 or *82001234", word);
	uint32_t slot = slot_by_handle(m, t->handle);
	if (!slot)
		return err_set(err, ST_NOT_FOUND, "handle %X was never open", t->handle);
	const struct w_slot *w = slot_peek(m, slot);
	t->generation = generation ? (uint32_t)generation : w->generation;
	if (t->generation > w->generation)
		return err_set(err, ST_NOT_FOUND, "handle %X has had %u lives, not %u", t->handle, w->generation, t->generation);
	if (w->state == SLOT_OPEN && w->generation == t->generation) {
		t->object = w->object;
		return ST_OK;
	}
	t->closed = true;
	t->trail = trail_of_life(&s->rig->audit, w->handle, t->generation);
	if (!t->trail)
		return err_set(err, ST_NOT_FOUND, "handle %X#%u is closed, and no trail of it is kept", t->handle, t->generation);
	t->object = object_by_id(m, audit_trail(&s->rig->audit, t->trail)->object);
	return ST_OK;
}

static enum status target_id(const struct session *s, const char *word, struct target *t, struct err *err)
{
	uint64_t id;
	if (!parse_number(word + 1, &id) || id - 1 >= UINT32_MAX)
		return err_set(err, ST_BAD_VALUE, "'%s' is no object id", word);
	t->object = object_by_id(session_machine(s), (uint32_t)id);
	t->trail = audit_by_object(&s->rig->audit, (uint32_t)id);
	return t->object || t->trail ? ST_OK : err_set(err, ST_NOT_FOUND, "there is no object %s", word);
}

enum status given_target(const struct session *s, const char *word, struct target *t, struct err *err)
{
	uint32_t ga;
	*t = (struct target){ 0 };
	if (*word == '$') {
		uint64_t v;
		char digits[16];
		enum status st = expr_eval(s, word, false, &v, err);
		snprintf(digits, sizeof digits, "%x", st == ST_OK ? (uint32_t)v : 0);
		return st == ST_OK ? target_handle(s, digits, t, err) : st;
	}
	if (*word == '@')
		return target_id(s, word, t, err);
	if (*word != '*')
		return target_handle(s, word, t, err);
	if (!hex_number(word + 1, &ga))
		return err_set(err, ST_BAD_VALUE, "'%s' is no guest address", word);
	t->object = object_by_ga(session_machine(s), ga);
	return t->object ? ST_OK : err_set(err, ST_NOT_FOUND, "there is no object at %08X", ga);
}

/* A query about the one object that the command's only word names. */
static enum status object_query(const struct session *s, const struct cmd_args *a, const char *synopsis, struct target *t, struct query *q,
                                struct err *err)
{
	enum status st = given_words(a, 1, 1, synopsis, err);
	if (st == ST_OK)
		st = given_target(s, a->word[0], t, err);
	*q = session_query(s);
	q->object = t->object;
	q->trail = t->trail;
	return st;
}

/* ---- handles and objects --------------------------------------------------------------------------------------------------- */

/* Where a handle that the user names has gone. */
static void say_closed(struct session *s, const struct target *t)
{
	const struct machine *m = session_machine(s);
	const struct past_life *past = past_life_peek(m, slot_by_handle(m, t->handle));
	char by[SYMBOL_TEXT + 64] = "", cycle[CYCLES_TEXT], symbol[SYMBOL_TEXT];
	if (past->generation == t->generation && past->by.tid) {
		cycles_text(cycle, past->by.cycle);
		code_text(m, past->by.lr, symbol, sizeof symbol);
		snprintf(by, sizeof by, " by tid %u at cyc %s from %08X %s", past->by.tid, cycle, past->by.lr, symbol);
	}
	say(s, "handle %X#%u was closed%s; %s", t->handle, t->generation, by, t->object ? "the object lives on" : "its object is gone: its trail");
}

/* ---- all open handles ---------------------------------------------------------------------------------------------------- */

static void snapshot_handles(struct session *s)
{
	struct query q = session_query(s);
	char instr[CYCLES_TEXT];
	if (s->lives)
		lives_free(s->lives);
	else
		s->lives = xcalloc(1, sizeof *s->lives);
	lives_take(&q, s->lives);
	say(s, "open handles: %u, at instr %s", s->lives->count, cycles_text(instr, s->lives->instr));
}

enum status cmd_handles(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	const char *verb = a->count ? a->word[0] + (*a->word[0] == '-') : "";
	enum status st = given_words(a, 0, 1, "handles [snapshot|diff]", err);
	size_t n = strlen(verb);
	if (st != ST_OK)
		return st;
	if (!n)
		show_table(s, TABLE_HANDLES, &q);
	else if (!strncmp("snapshot", verb, n))
		snapshot_handles(s);
	else if (strncmp("diff", verb, n) != 0)
		return err_set(err, ST_BAD_USAGE, "handles [snapshot|diff]");
	else if (!s->lives)
		return err_set(err, ST_STATE, "there is no snapshot to compare with: `handles snapshot` takes one");
	else
		show_table(s, TABLE_HANDLES_DIFF, &q);
	return ST_OK;
}

enum status cmd_leaks(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	enum status st = given_words(a, 0, 0, "leaks", err);
	if (st == ST_OK)
		show_table(s, TABLE_LEAKS, &q);
	return st;
}

static enum status show_object(struct session *s, const struct cmd_args *a, const char *synopsis, struct err *err)
{
	struct target t = { 0 };
	struct query q;
	enum status st = object_query(s, a, synopsis, &t, &q, err);
	if (st != ST_OK)
		return st;
	if (t.closed)
		say_closed(s, &t);
	if (!q.object) {
		show_table(s, TABLE_HISTORY, &q);
		return ST_OK;
	}
	show_table(s, TABLE_OBJECT, &q);
	if (object_peek(q.machine, q.object)->handles > 1)
		show_table(s, TABLE_ALIASES, &q);
	if (object_peek(q.machine, q.object)->waiters)
		show_table(s, TABLE_WAITERS, &q);
	return ST_OK;
}

enum status cmd_handle(struct session *s, const struct cmd_args *a, struct err *err) { return show_object(s, a, "handle H", err); }
enum status cmd_object(struct session *s, const struct cmd_args *a, struct err *err) { return show_object(s, a, "object H", err); }

static enum status show_one(struct session *s, const struct cmd_args *a, enum table_id id, const char *synopsis, struct err *err)
{
	struct target t = { 0 };
	struct query q;
	enum status st = object_query(s, a, synopsis, &t, &q, err);
	if (st == ST_OK)
		show_table(s, id, &q);
	return st;
}

enum status cmd_hist(struct session *s, const struct cmd_args *a, struct err *err)
{
	/* WinDbg's !htrace -snapshot and -diff. */
	if (a->count == 1 && (!strcmp(a->word[0], "-snapshot") || !strcmp(a->word[0], "-diff")))
		return cmd_handles(s, a, err);
	return show_one(s, a, TABLE_HISTORY, "history H", err);
}

enum status cmd_who_signals(struct session *s, const struct cmd_args *a, struct err *err)
{
	return show_one(s, a, TABLE_SIGNALLERS, "who-signals H", err);
}

/* Of a living object: one that is gone has no waiters and no handles. */
static enum status show_living(struct session *s, const struct cmd_args *a, enum table_id id, const char *synopsis, struct err *err)
{
	struct target t = { 0 };
	struct query q;
	enum status st = object_query(s, a, synopsis, &t, &q, err);
	if (st == ST_OK && !q.object)
		st = err_set(err, ST_NOT_FOUND, "the object of %s is gone (`history %s` shows its trail)", a->word[0], a->word[0]);
	if (st == ST_OK)
		show_table(s, id, &q);
	return st;
}

enum status cmd_sites(struct session *s, const struct cmd_args *a, struct err *err)
{
	return show_living(s, a, TABLE_SITES, "sites H", err);
}

enum status cmd_whois(struct session *s, const struct cmd_args *a, struct err *err)
{
	return show_living(s, a, TABLE_WHOIS, "whois H", err);
}

enum status cmd_waiters(struct session *s, const struct cmd_args *a, struct err *err)
{
	return show_living(s, a, TABLE_WAITERS, "waiters H", err);
}

/* Of one living object, or of all. */
static enum status show_one_or_all(struct session *s, const struct cmd_args *a, enum table_id id, const char *synopsis, struct err *err)
{
	struct query q = session_query(s);
	if (a->count)
		return show_living(s, a, id, synopsis, err);
	show_table(s, id, &q);
	return ST_OK;
}

enum status cmd_aliases(struct session *s, const struct cmd_args *a, struct err *err)
{
	return show_one_or_all(s, a, TABLE_ALIASES, "aliases [H]", err);
}

enum status cmd_refs(struct session *s, const struct cmd_args *a, struct err *err)
{
	return show_one_or_all(s, a, TABLE_REFS, "refs [H]", err);
}

/* ---- creation -------------------------------------------------------------------------------------------------------------- */

/* The stack is not kept: a second machine finds it. */
static enum status show_created_by_replay(struct session *s, uint64_t osid, struct err *err)
{
	struct replay r;
	enum status st = session_replay(s, &osid, 1, &r, err);
	if (st != ST_OK)
		return st;
	struct query q = session_query(s);
	q.machine = r.rig->machine;
	q.audit = &r.rig->audit;
	q.trail = audit_by_osid(q.audit, osid);
	show_table(s, TABLE_CREATED, &q);
	replay_free(&r);
	return ST_OK;
}

enum status cmd_created(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct target t = { 0 };
	struct query q;
	enum status st = object_query(s, a, "created H", &t, &q, err);
	if (st != ST_OK)
		return st;
	const struct audit_trail *trail = query_trail(&q);
	if (trail && trail->origin == AUDIT_CREATED && !trail->stack && trail->tid)
		return show_created_by_replay(s, trail->osid, err);
	show_table(s, TABLE_CREATED, &q);
	return ST_OK;
}

/* ---- focus ------------------------------------------------------------------------------------------------------------------ */

void show_focused_trails(struct session *s)
{
	struct query q = session_query(s);
	q.focused = true;
	show_table(s, TABLE_TRAIL, &q);
}

static void list_focus(struct session *s)
{
	struct query q = session_query(s);
	show_table(s, TABLE_FOCUS, &q);
}

/* Takes one entry out: the focus is built again without it. */
static enum status focus_delete(struct audit *a, const char *word, struct err *err)
{
	struct audit named = { 0 };
	struct audit_focus old = a->focus;
	bool found = false;
	enum status st = audit_focus_parse(&named, word, err);
	if (st != ST_OK)
		return st;
	const struct audit_focus *f = &named.focus;
	a->focus = (struct audit_focus){ 0 };
	audit_focus_all(a, old.everything && !f->everything);
	found = old.everything && f->everything;
	for (unsigned i = 0; i < old.handles; i++) {
		if (f->handles && old.handle[i] == f->handle[0])
			found = true;
		else
			audit_focus_handle(a, old.handle[i]);
	}
	for (unsigned i = 0; i < old.objects; i++) {
		if (f->objects && old.object[i] == f->object[0])
			found = true;
		else
			audit_focus_object(a, old.object[i]);
	}
	for (unsigned i = 0; i < old.gas; i++) {
		if (f->gas && old.ga[i] == f->ga[0])
			found = true;
		else
			audit_focus_ga(a, old.ga[i]);
	}
	audit_focus_clear(&named);
	struct audit gone = { .focus = old };
	audit_focus_clear(&gone);
	return found ? ST_OK : err_set(err, ST_NOT_FOUND, "%s is not in focus", word);
}

enum status cmd_track(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct audit *audit = &s->rig->audit;
	const char *verb = a->count ? a->word[0] : "list";
	enum status st = ST_OK;
	bool add = !strcmp(verb, "add"), del = !strcmp(verb, "del");
	if (!strcmp(verb, "list") && a->count <= 1) {
		list_focus(s);
		return ST_OK;
	}
	if (!strcmp(verb, "clear") && a->count == 1) {
		audit_focus_clear(audit);
		return ST_OK;
	}
	if ((!add && !del) || a->count < 2)
		return err_set(err, ST_BAD_USAGE, "track add|del|list|clear [H...]");
	for (unsigned i = 1; st == ST_OK && i < a->count; i++)
		st = add ? audit_focus_parse(audit, a->word[i], err) : focus_delete(audit, a->word[i], err);
	return st;
}
