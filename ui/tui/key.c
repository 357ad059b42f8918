/* ui/tui/key.c - see key.h */
#include "config.h"

#include "ui/tui/key.h"

#include <stdio.h>

#include "ui/out.h"

static const struct {
	const char *name, *other;
} specials[] = {
#define SPECIAL(id, name, other) { name, other },
	TUI_SPECIAL_KEYS(SPECIAL)
#undef SPECIAL
};

static bool parse_plain(const char *name, tui_key_code *key)
{
	if (!strcmp(name, "Space")) {
		*key = ' ';
		return true;
	}
	for (unsigned i = 0; i < ARRAY_LEN(specials); i++)
		if (!strcmp(name, specials[i].name) || (*specials[i].other && !strcmp(name, specials[i].other))) {
			*key = TK_NONE + 1 + i;
			return true;
		}
	unsigned n = utf8_length(name);
	if (!n || name[n])
		return false;
	const uint8_t *p = (const uint8_t *)name;
	uint32_t c = n == 1 ? *p : *p & (0x7fu >> n);
	for (unsigned i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	*key = c;
	return true;
}

bool key_parse(const char *name, tui_key_code *key)
{
	uint32_t modifiers = 0;
	if (parse_plain(name, key))
		return true;
	for (; (name[0] == 'C' || name[0] == 'M') && name[1] == '-' && name[2]; name += 2) {
		if (modifiers && parse_plain(name, key))
			break;
		modifiers |= name[0] == 'C' ? TK_CTRL : TK_ALT;
	}
	if (!modifiers || !parse_plain(name, key))
		return false;
	if (modifiers & TK_CTRL && *key >= 'A' && *key <= 'Z')
		*key += 'a' - 'A';
	*key |= modifiers;
	return true;
}

const char *key_text(tui_key_code key, char *buf, size_t size)
{
	uint32_t c = key & ~(TK_CTRL | TK_ALT);
	char utf8[5] = "";
	const char *name = utf8;
	if (c > TK_NONE && c < TK_LAST) {
		name = specials[c - TK_NONE - 1].name;
	} else if (c == ' ') {
		name = "Space";
	} else if (c < 0x80) {
		utf8[0] = (char)c;
	} else if (c < 0x800) {
		snprintf(utf8, sizeof utf8, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		snprintf(utf8, sizeof utf8, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)),
			(int)(0x80 | (c & 0x3f)));
	} else {
		snprintf(utf8, sizeof utf8, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
			(int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
	}
	snprintf(buf, size, "%s%s%s", key & TK_CTRL ? "C-" : "", key & TK_ALT ? "M-" : "", name);
	return buf;
}
