/* ui/settings.h - the user's settings, from settings.def. */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "src/base/base.h"

/** The words of scheduler-locking, in their order. */
enum { LOCKING_OFF, LOCKING_ON, LOCKING_STEP };

#define SETTING_TEXT 512u         /* bytes of a text, its NUL among them */
#define SETTING_FIELD_BOOL(id) uint64_t id;
#define SETTING_FIELD_NUMBER(id) uint64_t id;
#define SETTING_FIELD_CHOICE(id) uint64_t id;
#define SETTING_FIELD_MACHINE(id) char id; /* its value is the machine's */
#define SETTING_FIELD_TEXT(id) char id[SETTING_TEXT];
struct settings {
#define SETTING(id, name, kind, def, least, most, help) SETTING_FIELD_##kind(id)
#include "ui/settings.def"
#undef SETTING
};

void settings_init(struct settings *s);
/** Name by unique beginning, not of a MACHINE row. ST_NOT_FOUND, ST_AMBIGUOUS, ST_BAD_VALUE with a line; on failure nothing has changed. */
MUST_CHECK enum status settings_set(struct settings *s, const char *name, const char *value, struct err *err);
/** The whole name of a unique beginning; NULL: there is none. */
const char *settings_whole(const char *name);
unsigned settings_count(void);
const char *settings_name(unsigned i);

/** "100", "100k", "5M", "2G" (powers of ten), decimal or 0x; false if it is anything else or too large. */
bool parse_count(const char *text, uint64_t *v);
/** Decimal or 0x hex, nothing behind it. */
bool parse_number(const char *text, uint64_t *v);

#endif
