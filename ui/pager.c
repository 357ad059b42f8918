/* ui/pager.c - see pager.h */
#include "config.h"

#include "ui/pager.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "ui/interrupt.h"

static struct {
	FILE *to;
	unsigned used, column; /* of the page, of its last line */
	bool on, drop;         /* drop: the rest of this command's output is not wanted */
} pager;

static struct winsize window(void)
{
	struct winsize w = { .ws_row = 24, .ws_col = 80 };
	if (ioctl(fileno(pager.to), TIOCGWINSZ, &w) || !w.ws_row || !w.ws_col)
		w = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	return w;
}

/* One key of the terminal, without waiting for the end of a line. */
static int key(void)
{
	struct termios old, raw;
	unsigned char c = 'q';
	if (tcgetattr(STDIN_FILENO, &old))
		return 'c';
	raw = old;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	bool ready = interrupt_wait(STDIN_FILENO);
	if (!ready || read(STDIN_FILENO, &c, 1) != 1)
		c = 'q';
	tcsetattr(STDIN_FILENO, TCSADRAIN, &old);
	return c;
}

static void ask(void)
{
	static const char question[] = "--more-- (Enter: next page, c: all of it, q: no more)";
	fputs(question, pager.to);
	fflush(pager.to);
	int c = key();
	fprintf(pager.to, "\r%*s\r", (int)sizeof question, "");
	pager.used = 0;
	if (c == 'q' || c == 'Q' || c == 4)
		pager.drop = true;
	else if (c == 'c')
		pager.on = false;
}

/* Counts what a terminal line holds; escape sequences are counted too: a page is then a little shorter. */
static ssize_t put(void *cookie, const char *text, size_t n)
{
	struct winsize w = window();
	(void)cookie;
	for (size_t i = 0; i < n && !pager.drop; i++) {
		putc(text[i], pager.to);
		pager.column += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (text[i] != '\n' && pager.column <= w.ws_col)
			continue;
		pager.column = text[i] != '\n';
		if (pager.on && ++pager.used + 1 >= w.ws_row)
			ask();
	}
	fflush(pager.to);
	return (ssize_t)n;
}

FILE *pager_open(FILE *to)
{
	static const cookie_io_functions_t functions = { .write = put };
	pager.to = to;
	FILE *f = fopencookie(NULL, "w", functions);
	if (f)
		setvbuf(f, NULL, _IOLBF, BUFSIZ);
	return f;
}

void pager_begin(bool on)
{
	pager.used = pager.column = 0;
	pager.drop = false;
	pager.on = on;
}
