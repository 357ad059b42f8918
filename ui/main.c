/* ui/main.c - composes the front ends, and decides the exit code. */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/file.h"
#include "src/load/image.h"
#include "src/snap/snap.h"
#include "ui/block.h"
#include "ui/cmd.h"
#include "ui/crash.h"
#include "ui/expr.h"
#include "ui/interrupt.h"
#include "ui/options.h"
#include "ui/pager.h"
#include "ui/place.h"
#include "ui/recording.h"
#include "ui/repl.h"
#include "ui/terminal.h"
#include "ui/tools.h"
#include "ui/tui/front.h"

#define EXIT_EXPECT 1
#define EXIT_BAD 2

static int complain(const struct err *err)
{
	char text[2 * sizeof err->text];
	visible_text(text, sizeof text, err->text);
	fprintf(stderr, "wedge: %s\n", text);
	return EXIT_BAD;
}

/* ---- the demo ------------------------------------------------------------------------------------------------------------ */

/* Beside the program in its build folder, or where `make install` puts it. */
static const char *demo_path(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 32);
	if (n > 0) {
		buf[n] = 0;
		char *slash = strrchr(buf, '/');
		snprintf(slash ? slash : buf, 32, "/tests/guest/demo.elf");
		if (access(buf, R_OK) == 0)
			return buf;
	}
	snprintf(buf, size, "%s/demo.elf", PKGDATADIR);
	return access(buf, R_OK) == 0 ? buf : NULL;
}

/* ---- running ------------------------------------------------------------------------------------------------------------- */

/* One command given on the command line; a failure is said, and the next one goes on. */
static void execute(struct session *s, const struct given_command *c)
{
	struct err err;
	enum status st = c->file ? cmd_file(s, c->text, &err) : cmd_line(s, c->text, &err);
	if (st != ST_OK) {
		tell_error(s, &err);
		s->command_failed = true;
	}
	fflush(s->out->file);
}

static const struct given_command standard[] = { { false, "run" }, { false, "wedge" } },
				  resumed[] = { { false, "continue" }, { false, "wedge" } };

/* A block that one -e begins goes on with the next ones. */
struct given_place {
	struct line_source source;    /* first */
	const struct given_command *list;
	unsigned at, count;
};

static const char *given_next(void *ctx, unsigned depth)
{
	struct given_place *p = ctx;
	(void)depth;
	return p->at < p->count && !p->list[p->at].file ? p->list[p->at++].text : NULL;
}

static void execute_all(struct session *s, const struct options *o, bool saved)
{
	bool given = o->command_count || !o->batch;
	const struct given_command *list = given ? o->commands : saved ? resumed : standard;
	unsigned count = given ? o->command_count : ARRAY_LEN(standard);
	struct given_place p = { .source = { given_next, &p, "", 0 }, .list = list, .count = count };
	s->source = &p.source;
	while (p.at < count && !s->quit) {
		execute(s, &list[p.at++]);
		int number = interrupt_pending() ? interrupt_take() : 0;
		if (interrupt_ends(number) || (number && o->batch)) {
			s->signal = number;
			break;
		}
	}
	s->source = NULL;
}

/* The user's own beginning: the layouts and keys of the panes, and what else is to be done. */
static void read_init_files(struct session *s)
{
	static const char *const names[] = { "panes", "wedgerc" };
	char path[4096];
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (place_config(names[i], path, sizeof path) && access(path, R_OK) == 0)
			execute(s, &(struct given_command){ true, path });
}

/* Design, "Command line": the first that applies. */
static int exit_code(const struct session *s)
{
	if (s->quit_coded)
		return s->quit_code;
	if (s->command_failed)
		return EXIT_BAD;
	if (s->expect_failed)
		return EXIT_EXPECT;
	if (s->signal)
		return 128 + s->signal;
	if (s->quit || s->interactive)
		return 0;
	return session_stop_code(s);
}

/* --tui: before the first command, whose output is then in its pane. */
static void open_panes(struct session *s, const struct options *o)
{
	struct err err;
	if (!o->tui)
		return;
	if (!s->interactive)
		fprintf(stderr, "wedge: the panes need a terminal: --tui does nothing here\n");
	else if (front_open(s, &err) != ST_OK)
		fprintf(stderr, "wedge: %s; here is the prompt\n", err.text);
}

/* What TITLE is beside a title: a recording, or a saved machine; @rec holds its inputs. */
enum title_kind { KIND_TITLE, KIND_RECORDING, KIND_SAVED };

static enum status read_inputs(const struct options *o, enum title_kind *kind, struct recording *rec, struct err *err)
{
	const char *path = o->session.title;
	char *note = NULL;
	enum status st;
	*kind = o->replay ? KIND_RECORDING : snapshot_is_file(path) ? KIND_SAVED : KIND_TITLE;
	if (*kind == KIND_TITLE)
		return ST_OK;
	if (o->inputs_given)
		return err_set(err, ST_BAD_USAGE, "%.200s says how it runs: --%s cannot be given", path, o->inputs_given);
	if (*kind == KIND_RECORDING)
		return recording_read(path, rec, err);
	st = snapshot_note(path, &note, err);
	if (st == ST_OK)
		st = recording_parse(path, note, rec, err);
	free(note);
	return st;
}

/* What the options say of devices; they may stand in any order. */
static enum status prepare_mounts(const struct session_options *o, const struct options *given, struct err *err)
{
	struct mounts *ms = o->machine.mounts;
	struct err why;
	mounts_default(ms, o->title);
	if (given->dead_device && mounts_kill(ms, given->dead_device, &why) != ST_OK)
		return err_set(err, ST_BAD_USAGE, "--dead-device: %.400s", why.text);
	if (given->write_through && mounts_write_through(ms, given->write_through, &why) != ST_OK)
		return err_set(err, ST_BAD_USAGE, "--write-through: %.400s", why.text);
	return ST_OK;
}

/* The session of a title, of a recording, or of a saved machine. */
static enum status open_session(struct session *s, const struct session_options *so, const char *path, enum title_kind kind,
	struct recording *rec, const struct options *given, struct out *out, struct err *err)
{
	struct session_options o = *so;
	struct err second;
	enum status st = ST_OK;
	if (kind != KIND_TITLE)
		st = recording_apply(rec, path, &o, err);
	else
		st = prepare_mounts(&o, given, err);
	if (st == ST_OK)
		st = session_open(s, &o, out, err);
	if (st != ST_OK)
		return st;
	if (kind == KIND_RECORDING) {
		s->recording = rec;
		recording_follow(rec, s);
	}
	if (kind == KIND_SAVED)
		st = session_resume(s, rec, path, err);
	if (st == ST_OK && o.record_path)
		st = recording_write(s, o.record_path, err);
	if (st != ST_OK)
		(void)!session_close(s, &second);
	return st;
}

/* --write-through: the last thing a session does with its machine. */
static enum status write_through(const struct session *s, struct err *err)
{
	struct machine *m = session_machine(s);
	for (uint32_t i = 1; i <= mounts_count(m); i++)
		if (mount_peek(m, i)->through && files_write_through(m, i, err) != ST_OK)
			return err->status;
	return ST_OK;
}

static int run_session(const struct options *o)
{
	enum title_kind kind = KIND_TITLE;
	struct recording rec = { 0 };
	struct session s;
	struct err err;
	bool terminal = !o->batch && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct out out = { .file = stdout, .json = o->json, .colour = terminal && terminal_may_colour() };
	struct session_options so = o->session;
	so.record = o->command_count || !o->batch; /* the standard run and report never go back */
	if (read_inputs(o, &kind, &rec, &err) != ST_OK ||
		open_session(&s, &so, o->session.title, kind, &rec, o, &out, &err) != ST_OK) {
		recording_free(&rec);
		return complain(&err);
	}
	s.interactive = terminal;
	if (terminal)
		interrupt_catch_hangup();
	s.allow_shell = terminal || o->allow_shell;
	FILE *pager = terminal ? pager_open(stdout) : NULL;
	if (pager)
		out.file = pager;
	open_panes(&s, o);
	if (!o->batch && !o->no_init)
		read_init_files(&s);
	execute_all(&s, o, kind == KIND_SAVED);
	if (!o->batch && !s.quit && !s.signal)
		repl(&s);
	front_close(&s);
	if (o->batch && o->session.focus)
		show_focused_trails(&s);
	if (o->digest)
		print_digest(&s);
	bool recorded = !so.record_path || recording_write(&s, so.record_path, &err) == ST_OK;
	if (!recorded)
		complain(&err);
	if (s.replay_differs) /* nothing that it showed is what was recorded */
		fprintf(stderr, "wedge: %s\n", s.stop.text);
	s.command_failed |= s.replay_differs || !recorded;
	int code = exit_code(&s);
	if (write_through(&s, &err) != ST_OK)
		code = complain(&err);
	if (pager) {
		fclose(pager);
		out.file = stdout;
	}
	if (session_close(&s, &err) != ST_OK)
		complain(&err); /* the log's trouble hides nothing of what the run has said */
	/* What a person's terminal did not take, a Ctrl-C may have cut off; or it is gone. */
	if ((fflush(stdout) || ferror(stdout)) && !terminal) {
		if (errno != EPIPE) /* its reader has seen enough */
			fprintf(stderr, "wedge: standard output: %s\n", strerror(errno));
		code = EXIT_BAD;
	}
	recording_free(&rec);
	return code;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err err;
	char path[4096];
	int code;
	setlocale(LC_CTYPE, "");
	crash_init(argc, argv);
	interrupt_init();
	if (tool_run(argc, argv, &code))
		return code;
	if (options_parse(&o, argc, argv, &err) != ST_OK) {
		code = complain(&err);
	} else if (o.help) {
		options_help(stdout);
		code = 0;
	} else if (o.version) {
		printf("%s\n", PACKAGE_STRING);
		code = 0;
	} else if (o.demo && !(o.session.title = demo_path(path, sizeof path))) {
		err_set(&err, ST_NOT_FOUND, "the demo title is not built: install the package gcc-powerpc-linux-gnu and build again");
		code = complain(&err);
	} else {
		code = run_session(&o);
	}
	options_fini(&o);
	return code;
}
