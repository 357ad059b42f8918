/* ui/recording.c - see recording.h */
#include "config.h"

#include "ui/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "kernel/handle.h"
#include "kernel/stub.h"

#define FIRST "wedge-recording 1"
#define FIRST_WORD "wedge-recording "
#define LINE_MAX_BYTES 8192
#define BYTES_MAX (64u << 20)

uint64_t recording_hash(const struct image *img)
{
	return fnv_u64(img->digest, image_digest(img));
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

static enum status put_path(FILE *f, const char *what, const char *path, struct err *err)
{
	char *whole = path ? realpath(path, NULL) : NULL;
	const char *p = whole ? whole : path;
	enum status st = ST_OK;
	if (p && strpbrk(p, "\n\r"))
		st = err_set(err, ST_UNSUPPORTED, "a path with a line's end in it cannot be recorded");
	else if (p)
		fprintf(f, "%s%s\n", what, p);
	free(whole);
	return st;
}

static void put_position(FILE *f, const struct machine_position *p)
{
	fprintf(f, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %u %u %u %u %u ", p->instr, p->event, p->cycle, p->round_hw,
		p->round_begun, p->slice_used, p->slice_budget, p->slice_thread);
}

static void put_entry(FILE *f, const struct journal_entry *e)
{
	char policy[STUB_POLICY_TEXT];
	put_position(f, &e->at);
	switch (e->kind) {
	case JOURNAL_HOLD: fprintf(f, "hold %u\n", e->tid); break;
	case JOURNAL_REGISTER: fprintf(f, "register %u %s %" PRIx64 "\n", e->tid, e->name, e->value); break;
	case JOURNAL_MEMORY: fprintf(f, "memory %08x %u %" PRIx64 "\n", e->ga, e->size, e->value); break;
	case JOURNAL_POKE: fprintf(f, "poke %s %u\n", poke_word(e->poke), e->object); break;
	case JOURNAL_ON_STUB:
		fprintf(f, "on-stub %s\n", stub_policy_text((struct stub_policy){ .value = e->value, .go_on = e->on }, policy));
		break;
	case JOURNAL_PAD:
		fprintf(f, "pad %u %s %x %" PRIu64 " %" PRIu64 "\n", e->pad.pad, pad_op_word(e->pad.op), e->pad.value, e->pad.cycle,
			e->pad.hold);
		break;
	default: break;
	}
}

static void put_options(FILE *f, const struct machine_options *o)
{
	char policy[STUB_POLICY_TEXT];
	fprintf(f,
		"option quantum %u\noption cpi %u\noption seed %" PRIu64 "\noption date %" PRIu64 "\noption stall %" PRIu64
		"\noption handles %s\n",
		o->quantum, o->cpi, o->seed, o->boot_time, o->stall_ticks, handle_policy_word(o->handles));
	if (o->on_stub.go_on)
		fprintf(f, "option on-stub %s\n", stub_policy_text(o->on_stub, policy));
	if (o->arguments)
		fprintf(f, "option arguments %s\n", o->arguments);
}

static enum status put_mounts(FILE *f, const struct mounts *ms, struct err *err)
{
	enum status st = ST_OK;
	for (unsigned i = 0; ms && i < ms->count && st == ST_OK; i++) {
		const struct mount *m = &ms->mount[i];
		char what[FS_LINK_MAX + 16];
		snprintf(what, sizeof what, "mount %s=", m->device);
		if (m->given)
			st = put_path(f, what, volume_path(m->volume), err);
		if (m->dead)
			fprintf(f, "dead %s\n", m->device);
	}
	if (ms)
		fprintf(f, "mounts %016" PRIx64 "\n", mounts_digest(ms));
	return st;
}

enum status recording_make(const struct session *s, char **text, struct err *err)
{
	size_t size;
	FILE *f = open_memstream(text, &size);
	INVARIANT(f);
	struct machine_position here = machine_position(session_machine(s));
	const struct session_options *o = &s->options;
	fprintf(f, FIRST "\ntitle %016" PRIx64 " ", recording_hash(s->image));
	enum status st = put_path(f, "", o->title, err);
	if (st == ST_OK)
		st = put_path(f, "key ", o->image.key, err);
	if (st == ST_OK)
		st = put_path(f, "patch ", o->image.patch, err);
	if (st == ST_OK && o->machine.arguments && strpbrk(o->machine.arguments, "\n\r"))
		st = err_set(err, ST_UNSUPPORTED, "title arguments with a line's end in them cannot be recorded");
	if (st == ST_OK)
		st = put_mounts(f, o->machine.mounts, err);
	put_options(f, &o->machine);
	for (unsigned i = 0; i < s->journal.done; i++)
		put_entry(f, &s->journal.entry[i]);
	put_position(f, &here);
	fprintf(f, "end %s %016" PRIx64 "\n", stop_kind_word(s->stop.kind), machine_digest(session_machine(s)));
	fflush(f);
	fprintf(f, "sum %016" PRIx64 "\n", (uint64_t)XXH3_64bits(*text, size));
	fclose(f);
	if (st != ST_OK) {
		free(*text);
		*text = NULL;
	}
	return st;
}

enum status recording_write(const struct session *s, const char *path, struct err *err)
{
	char *text, part[4096];
	enum status st = recording_make(s, &text, err);
	if (st != ST_OK)
		return st;
	if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part) {
		free(text);
		return err_set(err, ST_IO, "%.200s...: cannot write the recording: the name is too long", path);
	}
	FILE *f = fopen(part, "we");
	bool ok = f && fputs(text, f) >= 0 && fflush(f) == 0;
	int why = errno;
	if (f && fclose(f) != 0 && ok) {
		why = errno;
		ok = false;
	}
	if (ok && rename(part, path) != 0) {
		why = errno;
		ok = false;
	}
	free(text);
	if (ok)
		return ST_OK;
	if (f)
		unlink(part);
	return err_set(err, ST_IO, "%s: cannot write the recording: %s", path, strerror(why));
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

struct reader {
	const char *name;
	const char *text, *at; /* at: behind the present line */
	unsigned number;
	char line[LINE_MAX_BYTES];
	struct recording *r;
	struct err *err;
	bool seen_title, seen_end;
};

static enum status wrong(struct reader *x, const char *what)
{
	return err_set(x->err, ST_BAD_INPUT, "%s:%u: damaged recording: %s", x->name, x->number, what);
}

/* The next whole line; false at the end of the text. */
static bool next_line(struct reader *x)
{
	const char *end = strchr(x->at, '\n');
	if (!end || end - x->at >= LINE_MAX_BYTES)
		return false;
	snprintf(x->line, sizeof x->line, "%.*s", (int)(end - x->at), x->at);
	x->at = end + 1;
	x->number++;
	return true;
}

static bool after(const char *line, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);
	*rest = line + n;
	return !strncmp(line, prefix, n);
}

static bool number(const char **p, unsigned base, uint64_t most, uint64_t *v)
{
	char *end;
	if (!strchr("0123456789abcdef", **p) || !**p)
		return false;
	errno = 0;
	*v = strtoull(*p, &end, (int)base);
	if (end == *p || errno || (*end && *end != ' ') || *v > most)
		return false;
	*p = *end ? end + 1 : end;
	return true;
}

static bool number32(const char **p, unsigned base, uint64_t most, uint32_t *v)
{
	uint64_t wide = 0;
	bool ok = number(p, base, most, &wide);
	*v = (uint32_t)wide;
	return ok;
}

static bool position(const char **p, struct machine_position *at)
{
	return number(p, 10, UINT64_MAX, &at->instr) && number(p, 10, UINT64_MAX, &at->event) &&
	       number(p, 10, UINT64_MAX, &at->cycle) && number32(p, 10, HW_THREADS, &at->round_hw) &&
	       number32(p, 10, 1, &at->round_begun) && number32(p, 10, UINT32_MAX, &at->slice_used) &&
	       number32(p, 10, UINT32_MAX, &at->slice_budget) && number32(p, 10, UINT32_MAX, &at->slice_thread);
}

static enum status read_title(struct reader *x, const char *p)
{
	if (!number(&p, 16, UINT64_MAX, &x->r->hash) || !*p)
		return wrong(x, "title HASH PATH was expected");
	x->r->title = xstrdup(p);
	x->seen_title = true;
	return ST_OK;
}

static enum status read_option(struct reader *x, const char *p)
{
	struct machine_options *o = &x->r->machine;
	const char *v;
	bool ok = false;
	if (after(p, "quantum ", &v))
		ok = number32(&v, 10, 1u << 24, &o->quantum) && o->quantum;
	else if (after(p, "cpi ", &v))
		ok = number32(&v, 10, 1u << 10, &o->cpi) && o->cpi;
	else if (after(p, "seed ", &v))
		ok = number(&v, 10, UINT64_MAX, &o->seed);
	else if (after(p, "date ", &v))
		ok = number(&v, 10, UINT64_MAX, &o->boot_time);
	else if (after(p, "stall ", &v))
		ok = number(&v, 10, UINT64_MAX, &o->stall_ticks);
	else if (after(p, "on-stub ", &v))
		ok = stub_policy_parse(v, &o->on_stub);
	else if (after(p, "arguments ", &v)) {
		ok = (size_t)snprintf(x->r->arguments, sizeof x->r->arguments, "%s", v) < sizeof x->r->arguments;
		o->arguments = x->r->arguments;
	} else if (after(p, "handles ", &v))
		for (enum handle_policy h = 0; h < HANDLE_POLICY_COUNT; h++)
			if (!strcmp(handle_policy_word(h), v)) {
				o->handles = h;
				ok = true;
			}
	return ok ? ST_OK : wrong(x, "an option that is not known, or a value that it cannot have");
}

static bool read_register(const char *p, struct journal_entry *e)
{
	size_t n;
	if (!number32(&p, 10, UINT32_MAX, &e->tid) || !(n = strcspn(p, " ")) || n >= sizeof e->name || p[n] != ' ')
		return false;
	snprintf(e->name, sizeof e->name, "%.*s", (int)n, p);
	p += n + 1;
	return number(&p, 16, UINT64_MAX, &e->value) && !*p;
}

static bool read_memory(const char *p, struct journal_entry *e)
{
	return number32(&p, 16, UINT32_MAX, &e->ga) && number32(&p, 10, 8, &e->size) && e->size && !(e->size & (e->size - 1)) &&
	       number(&p, 16, UINT64_MAX, &e->value) && !*p;
}

static bool read_poke(const char *p, struct journal_entry *e)
{
	char word[16];
	size_t n = strcspn(p, " ");
	snprintf(word, sizeof word, "%.*s", (int)(n < 15 ? n : 15), p);
	int k = poke_find(word);
	if (k < 0 || p[n] != ' ')
		return false;
	e->poke = (enum poke)k;
	p += n + 1;
	return number32(&p, 10, UINT32_MAX, &e->object) && e->object && !*p;
}

static bool read_on_stub(const char *p, struct journal_entry *e)
{
	struct stub_policy policy;
	if (!stub_policy_parse(p, &policy))
		return false;
	e->on = policy.go_on;
	e->value = policy.value;
	return true;
}

static bool read_pad(const char *p, struct journal_entry *e)
{
	char word[16];
	if (!number32(&p, 10, PADS - 1, &e->pad.pad))
		return false;
	size_t n = strcspn(p, " ");
	snprintf(word, sizeof word, "%.*s", (int)(n < 15 ? n : 15), p);
	int k = pad_op_find(word);
	if (k < 0 || p[n] != ' ')
		return false;
	e->pad.op = (enum pad_op)k;
	p += n + 1;
	return number32(&p, 16, UINT32_MAX, &e->pad.value) && number(&p, 10, UINT64_MAX, &e->pad.cycle) &&
	       number(&p, 10, UINT64_MAX, &e->pad.hold) && !*p;
}

static enum status read_end(struct reader *x, const struct machine_position *at, const char *p)
{
	static const char *const words[] = {
#define STOP(id, word) word,
		STOPS(STOP)
#undef STOP
	};
	size_t n = strcspn(p, " ");
	unsigned k = 0;
	while (k < ARRAY_LEN(words) && (strlen(words[k]) != n || strncmp(words[k], p, n) != 0))
		k++;
	p += n + (p[n] == ' ');
	if (k == ARRAY_LEN(words) || !number(&p, 16, UINT64_MAX, &x->r->digest))
		return wrong(x, "end STOP DIGEST was expected");
	x->r->stop = (enum stop_kind)k;
	x->r->end = *at;
	x->seen_end = true;
	return ST_OK;
}

static enum status read_input(struct reader *x)
{
	struct journal_entry e = { 0 };
	const char *p = x->line, *v;
	bool ok = false;
	if (!position(&p, &e.at))
		return wrong(x, "an input begins with its position: eight numbers");
	if (after(p, "end ", &v))
		return read_end(x, &e.at, v);
	if (after(p, "hold ", &v)) {
		e.kind = JOURNAL_HOLD;
		ok = number32(&v, 10, UINT32_MAX, &e.tid) && !*v;
	} else if (after(p, "register ", &v)) {
		e.kind = JOURNAL_REGISTER;
		ok = read_register(v, &e);
	} else if (after(p, "memory ", &v)) {
		e.kind = JOURNAL_MEMORY;
		ok = read_memory(v, &e);
	} else if (after(p, "poke ", &v)) {
		e.kind = JOURNAL_POKE;
		ok = read_poke(v, &e);
	} else if (after(p, "on-stub ", &v)) {
		e.kind = JOURNAL_ON_STUB;
		ok = read_on_stub(v, &e);
	} else if (after(p, "pad ", &v)) {
		e.kind = JOURNAL_PAD;
		ok = read_pad(v, &e);
	}
	if (!ok)
		return wrong(x, "an input that is not known, or not whole");
	journal_append(&x->r->journal, &e);
	return ST_OK;
}

static enum status read_line(struct reader *x)
{
	const char *v;
	if (x->seen_end)
		return wrong(x, "lines behind its end");
	if (after(x->line, "title ", &v) && !x->seen_title)
		return read_title(x, v);
	if (after(x->line, "key ", &v) && !x->r->key && *v) {
		x->r->key = xstrdup(v);
		return ST_OK;
	}
	if (after(x->line, "patch ", &v) && !x->r->patch && *v) {
		x->r->patch = xstrdup(v);
		return ST_OK;
	}
	if (after(x->line, "mount ", &v) && strchr(v, '=') && x->r->mounts < MOUNTS_MAX) {
		x->r->mount[x->r->mounts++] = xstrdup(v);
		return ST_OK;
	}
	if (after(x->line, "dead ", &v) && *v && x->r->deads < MOUNTS_MAX) {
		x->r->dead[x->r->deads++] = xstrdup(v);
		return ST_OK;
	}
	if (after(x->line, "mounts ", &v))
		return number(&v, 16, UINT64_MAX, &x->r->mounts_hash) ? ST_OK : wrong(x, "mounts HASH was expected");
	if (after(x->line, "option ", &v))
		return read_option(x, v);
	return read_input(x);
}

static enum status read_sum(struct reader *x, const char *v, const char *line)
{
	uint64_t sum = 0;
	if (!number(&v, 16, UINT64_MAX, &sum) || sum != (uint64_t)XXH3_64bits(x->text, (size_t)(line - x->text)))
		return wrong(x, "its sum differs");
	if (*x->at)
		return wrong(x, "lines behind its sum");
	return x->seen_end && x->seen_title ? ST_OK : wrong(x, "it has no title, or no end");
}

static enum status read_text(struct reader *x)
{
	const char *v;
	if (!next_line(x) || !after(x->line, FIRST_WORD, &v))
		return err_set(x->err, ST_BAD_INPUT, "%s: not a recording of wedge", x->name);
	if (strcmp(x->line, FIRST) != 0)
		return err_set(x->err, ST_BAD_INPUT, "%s: recording of format %.20s, this wedge reads format %s", x->name, v,
			&FIRST[strlen(FIRST_WORD)]);
	for (;;) {
		const char *line = x->at;
		if (!next_line(x)) {
			x->number++;
			return err_set(
				x->err, ST_BAD_INPUT, "%s:%u: the recording is not whole: it ends here", x->name, x->number);
		}
		if (after(x->line, "sum ", &v))
			return read_sum(x, v, line);
		enum status st = read_line(x);
		if (st != ST_OK)
			return st;
	}
}

enum status recording_parse(const char *name, const char *text, struct recording *out, struct err *err)
{
	struct reader *x = xcalloc(1, sizeof *x);
	*out = (struct recording){ 0 };
	*x = (struct reader){ .name = name, .text = text, .at = text, .r = out, .err = err };
	machine_options_default(&out->machine);
	enum status st = read_text(x);
	free(x);
	if (st != ST_OK)
		recording_free(out);
	return st;
}

enum status recording_read(const char *path, struct recording *out, struct err *err)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(err, ST_IO, "%s: cannot open the recording: %s", path, strerror(errno));
	char *text = NULL;
	size_t used = 0, room = 0, n;
	do {
		room = room ? 2 * room : 1u << 16;
		text = xrealloc(text, room + 1);
		n = fread(text + used, 1, room - used, f);
		used += n;
	} while (used == room && used < BYTES_MAX);
	bool failed = ferror(f) != 0;
	fclose(f);
	text[used] = 0;
	enum status st = failed || used >= BYTES_MAX ? err_set(err, ST_BAD_INPUT, "%s: not a recording of wedge", path)
						     : recording_parse(path, text, out, err);
	if (st == ST_OK && strlen(text) != used) {
		recording_free(out);
		st = err_set(err, ST_BAD_INPUT, "%s: damaged recording: a byte of zero", path);
	}
	free(text);
	return st;
}

void recording_free(struct recording *r)
{
	free(r->title);
	free(r->key);
	free(r->patch);
	journal_fini(&r->journal);
	while (r->mounts)
		free(r->mount[--r->mounts]);
	while (r->deads)
		free(r->dead[--r->deads]);
	r->title = r->key = r->patch = NULL;
}

/* ---- going its way ------------------------------------------------------------------------------------------------------ */

/* @path, or the file of that name beside @from. */
static void find_file(char **path, const char *from)
{
	char buf[4096];
	const char *name = *path ? strrchr(*path, '/') : NULL, *slash = strrchr(from, '/');
	if (!*path || access(*path, R_OK) == 0)
		return;
	int n = snprintf(buf, sizeof buf, "%.*s%s", slash ? (int)(slash - from) + 1 : 0, from, name ? name + 1 : *path);
	if (n < 0 || (size_t)n >= sizeof buf || access(buf, R_OK) != 0)
		return;
	free(*path);
	*path = xstrdup(buf);
}

static enum status apply_mounts(const struct recording *r, struct mounts *ms, struct err *err)
{
	enum status st = ST_OK;
	for (unsigned i = 0; i < r->mounts && st == ST_OK; i++) {
		char device[FS_LINK_MAX + 1];
		const char *equals = strchr(r->mount[i], '=');
		snprintf(device, sizeof device, "%.*s", (int)(equals - r->mount[i]), r->mount[i]);
		st = mounts_add(ms, device, equals + 1, err);
	}
	mounts_default(ms, r->title);
	for (unsigned i = 0; i < r->deads && st == ST_OK; i++)
		st = mounts_kill(ms, r->dead[i], err);
	return st;
}

enum status recording_apply(struct recording *r, const char *from, struct session_options *o, struct err *err)
{
	struct mounts *mounts = o->machine.mounts;
	find_file(&r->title, from);
	find_file(&r->key, from);
	find_file(&r->patch, from);
	o->title = r->title;
	o->image.key = r->key;
	o->image.patch = r->patch;
	o->machine = r->machine;
	o->machine.mounts = mounts;
	o->title_hash = r->hash;
	return mounts ? apply_mounts(r, mounts, err) : ST_OK;
}

/* These come by themselves, at their boundary. */
static bool is_natural(enum stop_kind k)
{
	switch (k) {
	case STOP_ENDED:
	case STOP_WEDGE:
	case STOP_STANDSTILL:
	case STOP_STALL:
	case STOP_FAULT:
	case STOP_ILLEGAL:
	case STOP_TRAP:
	case STOP_BUGCHECK:
	case STOP_EXCEPTION:
	case STOP_GPU:
	case STOP_UNIMPLEMENTED: return true;
	default: return false;
	}
}

void recording_follow(const struct recording *r, struct session *s)
{
	struct journal_entry end = { .at = r->end, .kind = JOURNAL_STOP };
	journal_fini(&s->journal);
	for (unsigned i = 0; i < r->journal.known; i++)
		journal_append(&s->journal, &r->journal.entry[i]);
	if (!is_natural(r->stop))
		journal_append(&s->journal, &end);
	journal_arm(s);
	s->following = r;
}

/* The whole way has been gone: what comes now is new. */
static void arrived(struct session *s, const struct recording *r)
{
	uint64_t digest = machine_digest(session_machine(s));
	bool same = digest == r->digest;
	s->following = NULL;
	s->journal.known = s->journal.done;
	journal_arm(s);
	if (!is_natural(r->stop)) {
		s->stop.kind = r->stop == STOP_LIMIT ? STOP_LIMIT : STOP_STEP;
		snprintf(s->stop.text, sizeof s->stop.text, "the recording ends here");
	}
	if (same)
		return;
	s->replay_differs = true;
	uint64_t mounts = mounts_digest(s->options.machine.mounts);
	char why[120] = "";
	if (mounts != r->mounts_hash)
		snprintf(why, sizeof why, "; what it read of the mounts has the hash %016" PRIx64 ", then %016" PRIx64, mounts,
			r->mounts_hash);
	snprintf(s->stop.text, sizeof s->stop.text,
		"not the run that was recorded: digest %016" PRIx64 ", recorded %016" PRIx64 "%s", digest, r->digest, why);
}

bool recording_goes_on(const struct session *s)
{
	struct machine_position now = machine_position(session_machine(s));
	if (!s->following || machine_position_equal(&now, &s->following->end))
		return false;
	return s->stop.kind == STOP_STALL || s->stop.kind == STOP_STANDSTILL || journal_due(s);
}

void recording_check(struct session *s)
{
	const struct recording *r = s->following;
	struct machine_position now = machine_position(session_machine(s));
	if (!r)
		return;
	bool there = machine_position_equal(&now, &r->end), done = s->journal.done >= r->journal.known;
	/* A run that ends for good somewhere else is another one. */
	if ((there && done) || s->stop.kind == STOP_ENDED || s->stop.kind == STOP_WEDGE || now.instr > r->end.instr)
		arrived(s, r);
}
