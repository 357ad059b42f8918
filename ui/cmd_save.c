/* ui/cmd_save.c - whole machines in files, and changes of the guest that are taken back: save, restore, poke, whatif, undo. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/snap/snap.h"
#include "ui/cmd.h"
#include "ui/recording.h"
#include "ui/whatif.h"

/* ---- save, restore ------------------------------------------------------------------------------------------------------- */

enum status cmd_save(struct session *s, const struct cmd_args *a, struct err *err)
{
	bool force = a->count && !strcmp(a->word[0], "-f");
	struct snapshot_origin origin = { recording_hash(s->image), 0, NULL };
	char *note = NULL;
	if (a->count == 2 && !force)
		return save_breakpoints(s, a, err);
	enum status st = given_words(a, 1 + force, 1 + force, "save [-f] FILE | save breakpoints|symbols FILE", err);
	if (st != ST_OK)
		return st;
	const char *path = a->word[force];
	if (!force && access(path, F_OK) == 0)
		return err_set(err, ST_STATE, "%s is there already: `save -f %s` replaces it", path, path);
	st = recording_make(s, &note, err);
	if (st != ST_OK)
		return st;
	struct snapshot *snap = machine_snapshot(session_machine(s));
	origin.note = note;
	st = snapshot_save(snap, path, &origin, err);
	snapshot_free(snap);
	free(note);
	if (st == ST_OK)
		say(s, "saved: `wedge %s` goes on from here", path);
	return st;
}

static bool same_options(const struct machine_options *a, const struct machine_options *b)
{
	const char *x = a->arguments ? a->arguments : "", *y = b->arguments ? b->arguments : "";
	return a->quantum == b->quantum && a->cpi == b->cpi && a->seed == b->seed && a->boot_time == b->boot_time &&
	       a->stall_ticks == b->stall_ticks && a->handles == b->handles && a->on_stub.go_on == b->on_stub.go_on &&
	       a->on_stub.value == b->on_stub.value && !strcmp(x, y);
}

enum status restore_machine(struct session *s, const char *path, struct err *err)
{
	struct recording r;
	char *note = NULL;
	enum status st = snapshot_note(path, &note, err);
	if (st == ST_OK)
		st = recording_parse(path, note, &r, err);
	free(note);
	if (st != ST_OK)
		return st;
	if (r.hash != recording_hash(s->image))
		st = err_set(err, ST_BAD_INPUT,
			"%s: a machine of another title: its hash is %016" PRIx64 ", that of this one %016" PRIx64, path, r.hash,
			recording_hash(s->image));
	else if (!same_options(&r.machine, &s->options.machine))
		st = err_set(err, ST_BAD_INPUT, "%s: a run with other options: `wedge %s` goes on with it", path, path);
	if (st == ST_OK)
		st = session_resume(s, &r, path, err);
	recording_free(&r);
	if (st == ST_OK)
		show_stop(s);
	return st;
}

/* ---- poke, undo ---------------------------------------------------------------------------------------------------------- */

enum status given_poke(const struct session *s, const struct cmd_args *a, enum poke *what, uint32_t *object, struct err *err)
{
	struct target t;
	int k = poke_find(a->word[0]);
	*object = 0;
	if (k < 0)
		return err_set(err, ST_BAD_USAGE,
			"'%.40s' is nothing that can be done: signal, set, reset, release, complete or resume", a->word[0]);
	*what = (enum poke)k;
	if (*what == POKE_RESUME && strspn(a->word[1], "0123456789") == strlen(a->word[1])) {
		uint32_t row = 0;
		enum status st = given_thread(s, a->word[1], &row, err);
		*object = st == ST_OK ? thread_peek(session_machine(s), row)->object : 0;
		return st;
	}
	enum status st = given_target(s, a->word[1], &t, err);
	if (st == ST_OK && !t.object)
		st = err_set(err, ST_NOT_FOUND, "the object of %s is gone", a->word[1]);
	*object = st == ST_OK ? t.object : 0;
	return st;
}

enum status cmd_poke(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct journal_entry e = { .kind = JOURNAL_POKE };
	char phrase[WORDS_TEXT];
	uint32_t object;
	enum status st = given_words(a, 2, 2, "poke signal|set|reset|release|complete|resume H", err);
	if (st == ST_OK)
		st = given_poke(s, a, &e.poke, &object, err);
	if (st != ST_OK)
		return st;
	e.object = object_peek(session_machine(s), object)->id;
	object_phrase(session_machine(s), object, phrase, sizeof phrase);
	if (!confirmed(s, "This changes the run. Do it?"))
		return ST_OK;
	st = journal_add(s, e, err);
	if (st == ST_OK)
		say(s, "%s %s: the run is tainted from here on (`undo` takes it back)", poke_word(e.poke), phrase);
	return st;
}

enum status cmd_whatif(struct session *s, const struct cmd_args *a, struct err *err)
{
	struct query q = session_query(s);
	struct whatif w = { 0 };
	enum poke p = POKE_SIGNAL;
	uint32_t object = 0;
	uint64_t limit = WHATIF_LIMIT;
	char line[2 * WORDS_TEXT];
	bool limited = a->count == 4 && !strcmp(a->word[2], "-limit");
	enum status st =
		given_words(a, 2, limited ? 4 : 2, "whatif signal|set|reset|release|complete|resume H [-limit INSTR]", err);
	if (st == ST_OK && limited && (!parse_count(a->word[3], &limit) || !limit))
		st = err_set(err, ST_BAD_VALUE, "-limit takes a number of instructions, not '%.40s'", a->word[3]);
	if (st == ST_OK)
		st = given_poke(s, a, &p, &object, err);
	if (st == ST_OK)
		st = whatif_run(s, p, object, limit, &w, err);
	if (st != ST_OK)
		return st;
	q.whatif = &w;
	if (w.count)
		show_table(s, TABLE_WHATIF, &q);
	if (s->out->json)
		show_table(s, TABLE_WHATIF_END, &q);
	say(s, "what if %s: %s. Taken back.", w.what, whatif_line(&w, line, sizeof line));
	whatif_free(&w);
	return ST_OK;
}

enum status cmd_undo(struct session *s, const struct cmd_args *a, struct err *err)
{
	char text[JOURNAL_TEXT];
	enum status st = given_words(a, 0, 0, "undo", err);
	if (st == ST_OK && !s->journal.done)
		st = err_set(err, ST_STATE, "nothing was changed before this");
	if (st != ST_OK)
		return st;
	journal_text(&s->journal.entry[s->journal.done - 1], text, sizeof text);
	st = timeline_undo(s, err);
	if (st != ST_OK)
		return st;
	say(s, "taken back: %s", text);
	show_stop(s);
	return ST_OK;
}
