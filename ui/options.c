/* ui/options.c - see options.h */
#include "config.h"

#include "ui/options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/handle.h"
#include "kernel/mount.h"
#include "kernel/stub.h"

enum argument { NO = no_argument, YES = required_argument, MAY = optional_argument };

static const struct row {
	int letter;
	const char *name;
	enum argument argument;
	const char *word, *help;
} rows[] = {
#define OPTION(ID, letter, name, argument, word, help) { letter, name, argument, word, help },
#include "ui/options.def"
#undef OPTION
};

/* ---- one function per row ------------------------------------------------------------------------------------------------- */

typedef enum status option_fn(struct options *o, const char *text, struct err *err);

static enum status number(const char *name, const char *text, uint64_t least, uint64_t most, uint64_t *v, struct err *err)
{
	if (parse_count(text, v) && *v >= least && *v <= most)
		return ST_OK;
	return err_set(err, ST_BAD_USAGE, "%s takes a number from %" PRIu64 " to %" PRIu64 ", not '%s'", name, least, most, text);
}

static enum status add_command(struct options *o, bool file, const char *text)
{
	o->commands = xrealloc(o->commands, (o->command_count + 1) * sizeof *o->commands);
	o->commands[o->command_count++] = (struct given_command){ file, text };
	return ST_OK;
}

static enum status option_max_instr(struct options *o, const char *text, struct err *err)
{
	return number("--max-instr", text, 0, UINT64_MAX - 1, &o->session.max_instr, err);
}

static enum status option_file(struct options *o, const char *text, struct err *err) { (void)err; return add_command(o, true, text); }
static enum status option_command(struct options *o, const char *text, struct err *err) { (void)err; return add_command(o, false, text); }

#define FLAG(id, field) \
	static enum status option_##id(struct options *o, const char *text, struct err *err) \
	{ \
		(void)text; \
		(void)err; \
		o->field = true; \
		return ST_OK; \
	}
FLAG(batch, batch)
FLAG(tui, tui)
FLAG(json, json)
FLAG(digest, digest)
FLAG(stable_digest, digest)
FLAG(no_init, no_init)
FLAG(allow_shell, allow_shell)
FLAG(demo, demo)
FLAG(help, help)
FLAG(version, version)

static enum status option_log(struct options *o, const char *text, struct err *err)
{
	o->session.log_path = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--log takes a file");
}

static enum status option_log_kinds(struct options *o, const char *text, struct err *err)
{
	struct err why;
	if (event_kinds_parse(text, &o->session.log.kinds, &why) != ST_OK)
		return err_set(err, ST_BAD_USAGE, "--log-kinds: %.400s (`man wedge` lists them)", why.text);
	if (!o->session.log.kinds)
		return err_set(err, ST_BAD_USAGE, "--log-kinds: '%.200s' leaves no kind of event", text);
	return ST_OK;
}

static enum status option_log_threads(struct options *o, const char *text, struct err *err)
{
	struct err why;
	if (log_threads_parse(text, &o->session.log, &why) != ST_OK)
		return err_set(err, ST_BAD_USAGE, "--log-threads: %.400s", why.text);
	return ST_OK;
}

static enum status option_trace_handles(struct options *o, const char *text, struct err *err)
{
	struct audit probe = { 0 };
	o->session.focus = text ? text : "";
	enum status st = audit_focus_parse(&probe, o->session.focus, err);
	audit_focus_clear(&probe);
	return st;
}

static enum status option_handles(struct options *o, const char *text, struct err *err)
{
	const char *word;
	for (enum handle_policy p = 0; (word = handle_policy_word(p)); p++)
		if (!strcmp(word, text)) {
			o->session.machine.handles = p;
			return ST_OK;
		}
	return err_set(err, ST_BAD_USAGE, "--handles takes fifo, bump, lifo or canary, not '%s'", text);
}

static enum status option_on_stub(struct options *o, const char *text, struct err *err)
{
	if (stub_policy_parse(text, &o->session.machine.on_stub))
		return ST_OK;
	return err_set(err, ST_BAD_USAGE, "--on-stub takes stop, continue or continue=VALUE, not '%s'", text);
}

static enum status option_quantum(struct options *o, const char *text, struct err *err)
{
	uint64_t v = 0;
	enum status st = number("--quantum", text, 1, 1000000000, &v, err);
	o->session.machine.quantum = (uint32_t)v;
	return st;
}

static enum status option_cpi(struct options *o, const char *text, struct err *err)
{
	uint64_t v = 0;
	enum status st = number("--cpi", text, 1, 1000, &v, err);
	o->session.machine.cpi = (uint32_t)v;
	return st;
}

#define STALL_SECONDS_MAX UINT64_C(1000000000)

/* Seconds with decimals, without locale or floating point; less than a tick is one. */
static enum status option_stall(struct options *o, const char *text, struct err *err)
{
	uint64_t seconds = 0, ticks = 0, unit = TICKS_PER_SECOND;
	const char *s = text;
	while (*s >= '0' && *s <= '9' && seconds <= STALL_SECONDS_MAX)
		seconds = seconds * 10 + (uint64_t)(*s++ - '0');
	if (*s == '.' && s[1])
		for (s++; *s >= '0' && *s <= '9'; s++)
			ticks += (uint64_t)(*s - '0') * (unit /= 10);
	if (*s || s == text || seconds > STALL_SECONDS_MAX)
		return err_set(err, ST_BAD_USAGE, "--stall takes seconds, as in 10 or 0.5 (0 = never, at most 10^9), not '%s'", text);
	ticks += seconds * TICKS_PER_SECOND;
	if (!ticks && strpbrk(text, "123456789"))
		ticks = 1;
	o->session.machine.stall_ticks = ticks;
	return ST_OK;
}

static enum status option_seed(struct options *o, const char *text, struct err *err)
{
	return number("--seed", text, 0, UINT64_MAX, &o->session.machine.seed, err);
}

/* Days from 1601-01-01 to @y-@m-@d of the Gregorian calendar. */
static int64_t days_since_1601(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 584694;
}

static bool date_part(const char **p, unsigned digits, unsigned least, unsigned most, unsigned *v)
{
	*v = 0;
	for (unsigned i = 0; i < digits; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*v = *v * 10 + (unsigned)(**p - '0');
	}
	return *v >= least && *v <= most;
}

static bool skip(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static bool parse_date(const char *p, uint64_t *filetime)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned y, mo, d, h = 0, mi = 0, s = 0;
	if (!date_part(&p, 4, 1601, 9999, &y) || !skip(&p, '-') || !date_part(&p, 2, 1, 12, &mo) || !skip(&p, '-') ||
	    !date_part(&p, 2, 1, days[mo - 1], &d))
		return false;
	if (mo == 2 && d == 29 && (y % 4 || (y % 100 == 0 && y % 400)))
		return false;
	if (*p && (!skip(&p, 'T') || !date_part(&p, 2, 0, 23, &h) || !skip(&p, ':') || !date_part(&p, 2, 0, 59, &mi) || !skip(&p, ':') ||
	           !date_part(&p, 2, 0, 59, &s) || !skip(&p, 'Z')))
		return false;
	*filetime = ((uint64_t)days_since_1601(y, mo, d) * 86400 + h * 3600u + mi * 60u + s) * 10000000;
	return !*p;
}

static enum status option_date(struct options *o, const char *text, struct err *err)
{
	if (parse_date(text, &o->session.machine.boot_time))
		return ST_OK;
	return err_set(err, ST_BAD_USAGE, "--date takes 2005-11-22 or 2005-11-22T00:00:00Z, not '%s'", text);
}

static enum status option_xex_key(struct options *o, const char *text, struct err *err)
{
	o->session.image.key = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--xex-key takes a file");
}

static enum status option_record(struct options *o, const char *text, struct err *err)
{
	o->session.record_path = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--record takes a file");
}

static enum status option_patch(struct options *o, const char *text, struct err *err)
{
	o->session.image.patch = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--patch takes a file");
}

static enum status option_reference(struct options *o, const char *text, struct err *err)
{
	o->session.reference = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--reference takes a file");
}

static enum status option_mount(struct options *o, const char *text, struct err *err)
{
	struct err why;
	const char *equals = strchr(text, '=');
	char device[FS_LINK_MAX + 1];
	size_t n = equals ? (size_t)(equals - text) : 0;
	if (!n || n >= sizeof device || !equals[1])
		return err_set(err, ST_BAD_USAGE, "--mount takes DEV=PATH, as in game:=/home/me/disc, not '%.200s'", text);
	memcpy(device, text, n);
	device[n] = 0;
	return mounts_add(o->session.machine.mounts, device, equals + 1, &why) == ST_OK
		? ST_OK : err_set(err, ST_BAD_USAGE, "--mount: %.400s", why.text);
}

/* The last one wins: it may stand before the --mount that it means. */
static enum status option_dead_device(struct options *o, const char *text, struct err *err)
{
	o->dead_device = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--dead-device takes a device");
}

static enum status option_write_through(struct options *o, const char *text, struct err *err)
{
	o->write_through = text;
	return *text ? ST_OK : err_set(err, ST_BAD_USAGE, "--write-through takes a device");
}

static enum status option_symbols(struct options *o, const char *text, struct err *err)
{
	if (!*text)
		return err_set(err, ST_BAD_USAGE, "--symbols takes a file");
	o->symbols = xrealloc(o->symbols, (o->session.symbol_files + 1) * sizeof *o->symbols);
	o->symbols[o->session.symbol_files++] = text;
	o->session.symbols = o->symbols;
	return ST_OK;
}

static enum status option_directory(struct options *o, const char *text, struct err *err)
{
	size_t n = o->directories ? strlen(o->directories) : 0;
	if (!*text)
		return err_set(err, ST_BAD_USAGE, "--directory takes a folder");
	o->directories = xrealloc(o->directories, n + strlen(text) + 2);
	sprintf(o->directories + n, "%s%s", n ? ":" : "", text);
	o->session.directories = o->directories;
	return ST_OK;
}

static option_fn *const functions[] = {
#define OPTION(ID, ...) option_##ID,
#include "ui/options.def"
#undef OPTION
};

/* ---- the line --------------------------------------------------------------------------------------------------------------- */

#define LONG_BASE 256                 /* getopt's value of row i is LONG_BASE + i */
#define TITLE 1                       /* getopt's value of what is no option */

static void prepare(struct option longs[], char *shorts)
{
	*shorts++ = '-';              /* in order: what is no option is handed out too */
	*shorts++ = ':';
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		longs[i] = (struct option){ rows[i].name, (int)rows[i].argument, NULL, LONG_BASE + (int)i };
		if (rows[i].letter) {
			*shorts++ = (char)rows[i].letter;
			if (rows[i].argument == YES)
				*shorts++ = ':';
		}
	}
	longs[ARRAY_LEN(rows)] = (struct option){ 0 };
	*shorts = 0;
}

static int row_of(int value)
{
	if (value >= LONG_BASE)
		return value - LONG_BASE;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].letter == value)
			return (int)i;
	return -1;
}

/* Row @i was given. What changes the machine or its image decides the run. */
static enum status give(struct options *o, int i, struct err *err)
{
	const struct session_options before = o->session;
	unsigned mounts = before.machine.mounts->count;
	enum status st = functions[i](o, optarg, err);
	bool same = mounts == o->session.machine.mounts->count && !o->dead_device && !o->write_through && !memcmp(&before.machine, &o->session.machine, sizeof before.machine) &&
		    !memcmp(&before.image, &o->session.image, sizeof before.image);
	if (!same)
		o->inputs_given = rows[i].name;
	return st;
}

static enum status take(struct options *o, int value, char **argv, struct err *err)
{
	/* An unknown long option leaves optopt 0, and is the word before the next one. */
	const char *word = argv[optind - 1];
	int i = row_of(value);
	if (value == TITLE && !o->session.title && !o->replay && !strcmp(optarg, "replay")) {
		o->replay = true;
		return ST_OK;
	}
	if (value == TITLE && !o->session.title) {
		o->session.title = optarg;
		return *optarg ? ST_OK : err_set(err, ST_BAD_USAGE, "TITLE is empty");
	}
	if (value == TITLE)
		return err_set(err, ST_BAD_USAGE, "'%s' is one argument too many", optarg);
	if (value == ':')
		return err_set(err, ST_BAD_USAGE, "%s takes an argument", word);
	if (i >= 0)
		return give(o, i, err);
	if (optopt && optopt < LONG_BASE)
		return err_set(err, ST_BAD_USAGE, "there is no option -%c (wedge --help lists them)", optopt);
	if (optopt)
		return err_set(err, ST_BAD_USAGE, "%s takes no argument", word);
	return err_set(err, ST_BAD_USAGE, "there is no option %s (wedge --help lists them)", word);
}

/* What stands behind `--`, apart by blanks. False if it is too long. */
static bool title_arguments(struct options *o, int argc, char **argv)
{
	size_t n = 0;
	for (int i = optind; i < argc; i++) {
		n += (size_t)snprintf(o->arguments + n, sizeof o->arguments - n, "%s%s", n ? " " : "", argv[i]);
		if (n >= sizeof o->arguments)
			return false;
	}
	o->session.machine.arguments = o->arguments;
	o->inputs_given = "arguments";
	return true;
}

static enum status check(struct options *o, int argc, char **argv, struct err *err)
{
	if (o->help || o->version)
		return ST_OK;
	if (optind < argc && !title_arguments(o, argc, argv))
		return err_set(err, ST_BAD_USAGE, "the title's arguments are longer than %u bytes", TITLE_ARGUMENTS_MAX);
	if (o->demo && o->session.title)
		return err_set(err, ST_BAD_USAGE, "--demo stands in place of TITLE, and TITLE is '%s'", o->session.title);
	if (!o->demo && !o->session.title)
		return err_set(err, ST_BAD_USAGE, o->replay ? "a recording is missing: wedge replay [options] FILE"
							    : "a title is missing: wedge [options] TITLE (wedge --help)");
	if (o->demo && o->replay)
		return err_set(err, ST_BAD_USAGE, "a recording names its title: --demo has no place in wedge replay");
	if ((o->session.log.kinds || o->session.log.tids) && !o->session.log_path)
		return err_set(err, ST_BAD_USAGE, "--log-%s says what --log writes: --log is missing", o->session.log.kinds ? "kinds" : "threads");
	return ST_OK;
}

enum status options_parse(struct options *o, int argc, char **argv, struct err *err)
{
	struct option longs[ARRAY_LEN(rows) + 1];
	char shorts[3 * ARRAY_LEN(rows) + 3];
	int value;
	enum status st = ST_OK;
	*o = (struct options){ 0 };
	machine_options_default(&o->session.machine);
	o->session.machine.mounts = mounts_new();
	o->session.max_instr = UINT64_MAX;
	const char *traced = getenv("WEDGE_TRACE_HANDLES");
	if (traced)
		st = option_trace_handles(o, traced, err);
	prepare(longs, shorts);
	opterr = 0;
	optind = 0;
	while (st == ST_OK && (value = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
		st = take(o, value, argv, err);
	return st == ST_OK ? check(o, argc, argv, err) : st;
}

void options_fini(struct options *o)
{
	free(o->commands);
	free(o->symbols);
	free(o->directories);
	o->directories = NULL;
	o->commands = NULL;
	mounts_free(o->session.machine.mounts);
	o->session.machine.mounts = NULL;
	o->symbols = NULL;
}

void options_help(FILE *f)
{
	fprintf(f, "usage: wedge [options] TITLE [-- title arguments]\n"
	           "       wedge replay [options] FILE\n"
	           "       wedge [options] SAVED\n"
	           "       wedge info [--xex-key FILE] [--patch FILE] TITLE|DISC|PACKAGE\n"
	           "       wedge disas TITLE ADDRESS [N]\n"
	           "Runs an Xbox 360 title under a debugger that knows the kernel's objects.\n");
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		char left[64];
		const char *open = rows[i].argument == MAY ? "[=" : rows[i].argument == YES ? " " : "";
		if (rows[i].letter)
			snprintf(left, sizeof left, "-%c, --%s%s%s%s", rows[i].letter, rows[i].name, open, rows[i].word, rows[i].argument == MAY ? "]" : "");
		else
			snprintf(left, sizeof left, "    --%s%s%s%s", rows[i].name, open, rows[i].word, rows[i].argument == MAY ? "]" : "");
		fprintf(f, "  %-30s %s\n", left, rows[i].help);
	}
	fprintf(f, "Without --batch, a prompt opens: `help` lists its commands.\n"
	           "Exit code: 0 the title ended, 1 `expect` failed, 2 bad usage or input, 3 WEDGE, 4 fault, 5 instruction limit,\n"
	           "6 unimplemented export, 70 a bug of wedge, 130 interrupted, 143 terminated, N of `exit N`.\n");
}
