/* ui/tui/key.h - keys as numbers with names: "a", "Up", "F5", "C-x", "M-a", "Space"; no terminal is needed to press one. */
#ifndef UI_TUI_KEY_H
#define UI_TUI_KEY_H

#include "src/base/base.h"

/** A key: a code point, or one of the special ones; with TK_CTRL and TK_ALT. */
typedef uint32_t tui_key_code;
#define TK_CTRL 0x1000000u            /* on a lower-case letter, or one of @ [ \ ] ^ _ */
#define TK_ALT 0x2000000u

/** Special keys: SPECIAL(id, "name", "other name") */
#define TUI_SPECIAL_KEYS(SPECIAL) \
	SPECIAL(ENTER, "Enter", "Return") SPECIAL(TAB, "Tab", "C-i") SPECIAL(BACKTAB, "S-Tab", "BackTab") SPECIAL(ESC, "Esc", "Escape") \
	SPECIAL(BACKSPACE, "Backspace", "C-h") SPECIAL(DELETE, "Delete", "Del") SPECIAL(INSERT, "Insert", "Ins") \
	SPECIAL(UP, "Up", "") SPECIAL(DOWN, "Down", "") SPECIAL(LEFT, "Left", "") SPECIAL(RIGHT, "Right", "") \
	SPECIAL(HOME, "Home", "") SPECIAL(END, "End", "") SPECIAL(PGUP, "PgUp", "PageUp") SPECIAL(PGDN, "PgDn", "PageDown") \
	SPECIAL(F1, "F1", "") SPECIAL(F2, "F2", "") SPECIAL(F3, "F3", "") SPECIAL(F4, "F4", "") SPECIAL(F5, "F5", "") SPECIAL(F6, "F6", "") \
	SPECIAL(F7, "F7", "") SPECIAL(F8, "F8", "") SPECIAL(F9, "F9", "") SPECIAL(F10, "F10", "") SPECIAL(F11, "F11", "") SPECIAL(F12, "F12", "")
enum {
	TK_NONE = 0x110000,
#define SPECIAL(id, name, other) TK_##id,
	TUI_SPECIAL_KEYS(SPECIAL)
#undef SPECIAL
	TK_LAST
};

/** The key of that name; false: there is none. Blank is "Space". */
bool key_parse(const char *name, tui_key_code *key);
/** Its name into @buf; returns @buf. */
const char *key_text(tui_key_code key, char *buf, size_t size);
#define KEY_TEXT 24u

#endif
