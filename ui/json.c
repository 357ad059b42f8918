/* ui/json.c - see json.h */
#include "config.h"

#include "ui/json.h"

#include <stdarg.h>

#include "ui/out.h"

void json_init(struct json *j, FILE *file)
{
	*j = (struct json){ .file = file };
}

/* A comma, if a value stands before this one; after a key json_key has taken the mark away. */
static void separate(struct json *j)
{
	if (j->comma[j->depth])
		fputc(',', j->file);
	j->comma[j->depth] = true;
}

void json_open(struct json *j, char bracket)
{
	separate(j);
	fputc(bracket, j->file);
	INVARIANT(j->depth + 1 < JSON_DEPTH);
	j->comma[++j->depth] = false;
}

void json_close(struct json *j, char bracket)
{
	INVARIANT(j->depth > 0);
	j->depth--;
	fputc(bracket, j->file);
}

static void string(struct json *j, const char *s)
{
	fputc('"', j->file);
	for (; *s; s++) {
		uint8_t c = (uint8_t)*s;
		if (c == '"' || c == '\\') {
			fputc('\\', j->file);
			fputc(c, j->file);
		} else if (c >= 0x80 && utf8_length(s)) {
			unsigned n = utf8_length(s);
			fwrite(s, 1, n, j->file);
			s += n - 1;
		} else if (c < 0x20 || c >= 0x7f) {
			fprintf(j->file, "\\u%04x", c);
		} else {
			fputc(c, j->file);
		}
	}
	fputc('"', j->file);
}

void json_key(struct json *j, const char *key)
{
	separate(j);
	string(j, key);
	fputc(':', j->file);
	j->comma[j->depth] = false;
}

void json_u64(struct json *j, uint64_t v)
{
	separate(j);
	fprintf(j->file, "%llu", (unsigned long long)v);
}

void json_s64(struct json *j, int64_t v)
{
	separate(j);
	fprintf(j->file, "%lld", (long long)v);
}

void json_bool(struct json *j, bool v)
{
	separate(j);
	fputs(v ? "true" : "false", j->file);
}

void json_null(struct json *j)
{
	separate(j);
	fputs("null", j->file);
}

void json_str(struct json *j, const char *s)
{
	separate(j);
	string(j, s);
}

void json_strf(struct json *j, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(buf, sizeof buf, fmt, ap);
	va_end(ap);
	json_str(j, buf);
}

void json_put_u64(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_u64(j, v);
}

void json_put_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}

void json_put_str(struct json *j, const char *key, const char *s)
{
	json_key(j, key);
	json_str(j, s);
}

void json_put_opt(struct json *j, const char *key, const char *s)
{
	json_key(j, key);
	if (s && *s)
		json_str(j, s);
	else
		json_null(j);
}
