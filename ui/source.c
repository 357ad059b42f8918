/* ui/source.c - see source.h */
#include "config.h"

#include "ui/source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "src/load/dwarf.h"
#include "ui/cmd.h"
#include "ui/inspect/stack.h"

#define SOURCE_BYTES_MAX (32 << 20)
#define PATH_BYTES 4096
#define TAB 8u

/* ---- finding ------------------------------------------------------------------------------------------------------------------ */

static FILE *open_file(const char *path)
{
	struct stat sb;
	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode) && sb.st_size <= SOURCE_BYTES_MAX ? fopen(path, "r") : NULL;
}

/* @name in @folder, with its folders or with fewer and fewer of them. */
static FILE *open_below(const char *folder, size_t n, const char *name, char path[PATH_BYTES])
{
	for (const char *rest = name; rest; rest = strchr(rest, '/') ? strchr(rest, '/') + 1 : NULL) {
		FILE *f = NULL;
		if (*rest && *rest != '/' && snprintf(path, PATH_BYTES, "%.*s/%s", (int)n, folder, rest) < PATH_BYTES)
			f = open_file(path);
		if (f)
			return f;
	}
	return NULL;
}

static FILE *find(const struct session *s, const char *name, char path[PATH_BYTES])
{
	const char *title = s->options.title, *slash = title ? strrchr(title, '/') : NULL;
	FILE *f = NULL;
	if (snprintf(path, PATH_BYTES, "%s", name) < PATH_BYTES)
		f = open_file(path);
	if (!f && title)
		f = slash ? open_below(title, (size_t)(slash - title), name, path) : open_below(".", 1, name, path);
	for (const char *p = s->settings.directories; !f && p && *p;) {
		size_t n = strcspn(p, ":");
		if (n)
			f = open_below(p, n, name, path);
		p += n + (p[n] == ':');
	}
	return f;
}

/* ---- reading --------------------------------------------------------------------------------------------------------------------- */

static char *expanded(const char *text)
{
	size_t n = 0, tabs = 0;
	for (const char *p = text; *p; p++)
		tabs += *p == '\t';
	char *out = xmalloc(strlen(text) + tabs * TAB + 1);
	for (const char *p = text; *p && *p != '\r'; p++) {
		if (*p != '\t')
			out[n++] = *p;
		else
			do
				out[n++] = ' ';
			while (n % TAB);
	}
	out[n] = 0;
	return out;
}

static void add_line(struct source_text *t, unsigned *room, const char *text)
{
	if (t->lines == *room)
		t->line = xrealloc(t->line, (*room = *room ? 2 * *room : 256) * sizeof *t->line);
	t->line[t->lines++] = expanded(text);
}

enum status source_open(const struct session *s, const char *name, struct source_text *out, struct err *err)
{
	char path[PATH_BYTES], *line = NULL;
	size_t size = 0;
	unsigned room = 0;
	FILE *f = find(s, name, path);
	*out = (struct source_text){ 0 };
	if (!f)
		return err_set(err, ST_NOT_FOUND,
			"%.200s is not found, nor beside the title (`set directories DIR:DIR` says where else)", name);
	out->path = xstrdup(path);
	while (getline(&line, &size, f) >= 0) {
		line[strcspn(line, "\n")] = 0;
		add_line(out, &room, line);
	}
	free(line);
	fclose(f);
	return ST_OK;
}

void source_free(struct source_text *t)
{
	for (unsigned i = 0; t->line && i < t->lines; i++)
		free(t->line[i]);
	free(t->line);
	free(t->path);
	*t = (struct source_text){ 0 };
}

/* ---- places ------------------------------------------------------------------------------------------------------------------------ */

const char *source_text_at(const struct image *img, uint32_t ga, char *buf, size_t size)
{
	struct line_place p;
	buf[0] = 0;
	if (image_line_at(img, ga, &p))
		snprintf(buf, size, "%s:%u", p.file, p.line);
	return buf;
}

const char *source_here(const struct session *s, char *buf, size_t size)
{
	uint32_t pc = s->thread ? frame_code(session_machine(s), s->thread, s->frame) : 0;
	return source_text_at(s->image, pc, buf, size);
}

void source_show(struct session *s)
{
	struct line_place p;
	struct source_text text;
	uint32_t pc = s->thread ? frame_code(session_machine(s), s->thread, s->frame) : 0;
	if (s->out->json || !pc || !image_line_at(s->image, pc, &p) || source_open(s, p.file, &text, NULL) != ST_OK)
		return;
	if (text.line && p.line && p.line <= text.lines) {
		char shown[CELL_TEXT];
		visible_text(shown, sizeof shown, text.line[p.line - 1]);
		say(s, "%-5u %s", p.line, shown);
	}
	source_free(&text);
}

/* The length of FILE in FILE:LINE, 0 = it is none. A name with two colons (C++) is none: what follows the first is no number. */
static size_t file_length(const char *text)
{
	size_t n = strcspn(text, ": \t\"'()[]{}=<>!&|^*?,");
	if (!n || text[n] != ':' || !isdigit((unsigned char)text[n + 1]) || *text == '$')
		return 0;
	return n;
}

bool source_is_place(const char *text)
{
	return file_length(text) != 0;
}

/* DEBT(line-places): a line whose code stands in several places (inlined, repeated) has all of them in `info line`; this is the first. */
enum status source_place(const struct image *img, const char *text, const char **end, uint32_t *ga, struct err *err)
{
	char name[SOURCE_TEXT], *behind;
	bool several;
	struct line_place p;
	size_t n = file_length(text);
	if (!n || n >= sizeof name)
		return err_set(err, ST_NOT_FOUND, "'%.60s' is no FILE:LINE", text);
	memcpy(name, text, n);
	name[n] = 0;
	unsigned long line = strtoul(text + n + 1, &behind, 10);
	const char *file = image_source_find(img, name, &several);
	*end = behind + strspn(behind, " \t");
	if (!file && !dwarf_has_lines(img->dwarf))
		return err_set(err, ST_NOT_FOUND,
			"no source lines are known: the title has no debug information (`symbol load FILE` may add some)");
	if (!file)
		return err_set(err, ST_NOT_FOUND, "there is no source file '%.100s' (`info sources` lists them)", name);
	if (several)
		return err_set(
			err, ST_AMBIGUOUS, "'%.100s' is the name of several source files (`info sources` lists them)", name);
	if (!line || line > UINT32_MAX || !image_line_find(img, file, (uint32_t)line, 0, &p))
		return err_set(err, ST_NOT_FOUND, "there is no code for line %lu of %.100s, nor behind it", line, file);
	*ga = p.begin;
	return ST_OK;
}
