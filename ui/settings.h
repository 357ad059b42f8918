/* ui/settings.h - the user's settings, from settings.def. */
#ifndef UI_SETTINGS_H
#define UI_SETTINGS_H

#include "src/base/base.h"

/** The words of scheduler-locking, in their order. */
enum { LOCKING_OFF, LOCKING_ON, LOCKING_STEP };

struct settings {
#define SETTING(id, name, kind, def, least, most, help) uint64_t id;
#include "ui/settings.def"
#undef SETTING
};

void settings_init(struct settings *s);
/** Name by unique beginning. ST_NOT_FOUND, ST_AMBIGUOUS, ST_BAD_VALUE with a line; on failure nothing has changed. */
MUST_CHECK enum status settings_set(struct settings *s, const char *name, const char *value, struct err *err);
unsigned settings_count(void);
const char *settings_name(unsigned i);

/** "100", "100k", "5M", "2G" (powers of ten), decimal or 0x; false if it is anything else or too large. */
bool parse_count(const char *text, uint64_t *v);
/** Decimal or 0x hex, nothing behind it. */
bool parse_number(const char *text, uint64_t *v);

#endif
