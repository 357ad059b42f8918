/* ui/json.h - a JSON writer: one line, no spaces, keys in the order written. */
#ifndef UI_JSON_H
#define UI_JSON_H

#include <stdio.h>

#include "src/base/base.h"

#define JSON_DEPTH 16

/** A document being written to @file (borrowed). The writer sees to the commas. */
struct json {
	FILE *file;
	unsigned depth;
	bool comma[JSON_DEPTH]; /* something was written at this depth */
};

void json_init(struct json *j, FILE *file);
/** '{' or '['; json_close writes what json_open's counterpart is. */
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);
void json_key(struct json *j, const char *key);
void json_u64(struct json *j, uint64_t v);
void json_s64(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);
/** Any bytes: what is no UTF-8 is taken as Latin-1, so that a guest's string always gives a valid document. */
void json_str(struct json *j, const char *s);
/** A string made by printf. */
void json_strf(struct json *j, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* key and value */
void json_put_u64(struct json *j, const char *key, uint64_t v);
void json_put_bool(struct json *j, const char *key, bool v);
void json_put_str(struct json *j, const char *key, const char *s);
/** @s NULL or "": null. */
void json_put_opt(struct json *j, const char *key, const char *s);

#endif
