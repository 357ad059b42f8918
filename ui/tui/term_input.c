/* ui/tui/term_input.c - see term.h: from what the terminal sends to keys and clicks. */
#include "config.h"

#include <ctype.h>
#include <curses.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "ui/tui/term.h"

#define PATIENCE_MS 25                /* within one sequence; a lone Esc is waited on for so long */
#define DOUBLE_CLICK_MS 400

/* Keys of our own, for the beginnings of the mouse's reports: SGR (1006) and the old one. */
enum { KEY_SGR_MOUSE = KEY_MAX + 1, KEY_OLD_MOUSE };

static WINDOW *pad;                   /* keys are read through it: reading from a window would paint it */
static struct {
	unsigned row, col, button;
	uint64_t ms;
} clicked;

static const struct {
	int curses;
	tui_key_code key;
} key_map[] = {
	{ KEY_UP, TK_UP }, { KEY_DOWN, TK_DOWN }, { KEY_LEFT, TK_LEFT }, { KEY_RIGHT, TK_RIGHT }, { KEY_HOME, TK_HOME }, { KEY_FIND, TK_HOME },
	{ KEY_END, TK_END }, { KEY_SELECT, TK_END }, { KEY_LL, TK_END }, { KEY_PPAGE, TK_PGUP }, { KEY_NPAGE, TK_PGDN }, { KEY_A1, TK_HOME },
	{ KEY_A3, TK_PGUP }, { KEY_C1, TK_END }, { KEY_C3, TK_PGDN }, { KEY_DC, TK_DELETE }, { KEY_IC, TK_INSERT }, { KEY_BTAB, TK_BACKTAB },
	{ KEY_BACKSPACE, TK_BACKSPACE }, { KEY_ENTER, TK_ENTER }, { KEY_SUSPEND, TK_CTRL | 'z' },
};

void term_input_open(void)
{
	pad = newpad(1, 1);
	keypad(pad, TRUE);
	nodelay(pad, TRUE);
	if (!getenv("ESCDELAY"))
		set_escdelay(PATIENCE_MS);
	define_key(NULL, KEY_MOUSE); /* curses would wait for clicks to become double ones */
	define_key("\033[<", KEY_SGR_MOUSE);
	define_key("\033[M", KEY_OLD_MOUSE);
	/* Terminals send these whatever terminfo says of their mode. */
	define_key("\033[A", KEY_UP);
	define_key("\033[B", KEY_DOWN);
	define_key("\033[C", KEY_RIGHT);
	define_key("\033[D", KEY_LEFT);
	define_key("\033[H", KEY_HOME);
	define_key("\033[F", KEY_END);
	define_key("\033[1~", KEY_HOME);
	define_key("\033[4~", KEY_END);
	define_key("\033[Z", KEY_BTAB);
}

void term_input_close(void)
{
	if (pad)
		delwin(pad);
	pad = NULL;
}

static bool read_code(wint_t *c, int *kind)
{
	*kind = wget_wch(pad, c);
	return *kind == OK || *kind == KEY_CODE_YES;
}

/* The next byte of a sequence that has begun; -1: it does not come. */
static int more(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	wint_t c;
	int kind;
	for (unsigned i = 0; i < 2; i++) {
		if (read_code(&c, &kind))
			return kind == OK ? (int)c : -1;
		if (poll(&p, 1, PATIENCE_MS) <= 0)
			return -1;
	}
	return -1;
}

/* ---- the mouse ------------------------------------------------------------------------------------------------------------ */

static struct term_event mouse(unsigned code, unsigned col, unsigned row)
{
	static const enum tui_button buttons[] = { TUI_LEFT, TUI_MIDDLE, TUI_RIGHT };
	struct term_event e = { .kind = TERM_MOUSE, .row = row, .col = col, .clicks = 1 };
	struct timespec t;
	code &= ~28u; /* Shift, Alt, Ctrl */
	if (code == 64 || code == 65) {
		e.button = code == 64 ? TUI_WHEEL_UP : TUI_WHEEL_DOWN;
		return e;
	}
	if (code >= ARRAY_LEN(buttons))
		return (struct term_event){ .kind = TERM_NOTHING }; /* moved, let go, or a button that no mouse had */
	e.button = buttons[code];
	clock_gettime(CLOCK_MONOTONIC, &t);
	uint64_t now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	bool again = clicked.row == row && clicked.col == col && clicked.button == code && now - clicked.ms <= DOUBLE_CLICK_MS;
	if (again)
		e.clicks = 2;
	clicked.row = row;
	clicked.col = col;
	clicked.button = code;
	clicked.ms = again ? 0 : now;
	return e;
}

/* "BUTTON;COLUMN;ROW" and M (pressed) or m (let go). */
static struct term_event sgr_mouse(void)
{
	unsigned n[3] = { 0 }, at = 0;
	for (unsigned i = 0; i < 24; i++) {
		int c = more();
		if (c >= '0' && c <= '9' && n[at] < 100000)
			n[at] = n[at] * 10 + (unsigned)(c - '0');
		else if (c == ';' && at < 2)
			at++;
		else if (c == 'M' && at == 2 && n[1] && n[2])
			return mouse(n[0], n[1] - 1, n[2] - 1);
		else {
			if (c >= 0 && c < ' ')
				unget_wch((wchar_t)c); /* cut short: this is a key again */
			break;
		}
	}
	return (struct term_event){ .kind = TERM_NOTHING };
}

static struct term_event old_mouse(void)
{
	int code = more(), col = more(), row = more();
	if (code < 32 || col < 33 || row < 33)
		return (struct term_event){ .kind = TERM_NOTHING };
	return mouse((unsigned)code - 32, (unsigned)col - 33, (unsigned)row - 33);
}

/* ---- keys --------------------------------------------------------------------------------------------------------------- */

static tui_key_code plain(wint_t c)
{
	switch (c) {
	case '\t': return TK_TAB;
	case '\r':
	case '\n': return TK_ENTER;
	case 27: return TK_ESC;
	case 8:
	case 127: return TK_BACKSPACE;
	case 0: return TK_CTRL | '@';
	}
	if (c < 27)
		return TK_CTRL | (c - 1 + 'a');
	return c < 32 ? TK_CTRL | (c - 1 + 'A') : c;
}

static tui_key_code special(int code)
{
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return TK_F1 + (unsigned)(code - KEY_F(1));
	for (unsigned i = 0; i < ARRAY_LEN(key_map); i++)
		if (key_map[i].curses == code)
			return key_map[i].key;
	return 0;
}

static struct term_event key_event(tui_key_code key)
{
	return (struct term_event){ .kind = key ? TERM_KEY : TERM_NOTHING, .key = key };
}

/* Esc, and what came with it: Alt and a key. What is no key is eaten up to its last letter, so that a sequence that nobody knows types nothing. */
static struct term_event escape(void)
{
	wint_t c;
	int kind;
	if (!read_code(&c, &kind))
		return key_event(TK_ESC);
	if (kind == OK && c == 27)
		return key_event(TK_ESC); /* pressed twice */
	if (kind == KEY_CODE_YES)
		return key_event(special((int)c) ? special((int)c) | TK_ALT : 0);
	if (c != '[' && c != 'O')
		return key_event(plain(c) | TK_ALT);
	int next = more();
	if (next < 0)
		return key_event(TK_ALT | c);
	while (next >= 0x20 && next < 0x40)
		next = more();
	return (struct term_event){ .kind = TERM_NOTHING };
}

struct term_event term_next(void)
{
	wint_t c;
	int kind;
	while (read_code(&c, &kind)) {
		struct term_event e;
		if (kind == OK)
			e = c == 27 ? escape() : key_event(plain(c));
		else if (c == KEY_SGR_MOUSE)
			e = sgr_mouse();
		else if (c == KEY_OLD_MOUSE)
			e = old_mouse();
		else
			e = key_event(special((int)c));
		if (e.kind != TERM_NOTHING)
			return e;
	}
	return (struct term_event){ .kind = TERM_NOTHING };
}
