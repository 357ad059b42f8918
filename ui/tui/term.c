/* ui/tui/term.c - see term.h */
#include "config.h"

#include "ui/tui/term.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "ui/interrupt.h"
#include "ui/terminal.h"

/* Mouse reports: presses, and where, as SGR numbers (xterm's control sequences 1000 and 1006). */
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

static struct {
	SCREEN *screen;
	FILE *out;                    /* to the terminal, whatever standard output is now */
	struct grid shown;
	bool all;                     /* @shown is not what is on the screen */
	bool utf8, mouse, has_mouse;
	int colours;                  /* 0, 8, 256 */
	attr_t look[ROLES];
	short pair[ROLES];
	struct termios before;        /* the terminal's modes when it was opened */
	char restore[256];            /* what gives it back */
	size_t restore_size;
	volatile sig_atomic_t open;
} term;
static volatile sig_atomic_t notes;

/* ---- signals ---------------------------------------------------------------------------------------------------------- */

static const int noted[] = { SIGWINCH, SIGTSTP, SIGCONT };
static struct sigaction before[ARRAY_LEN(noted)];

static void note(int number)
{
	notes |= number == SIGWINCH ? TERM_NOTE_SIZE : number == SIGTSTP ? TERM_NOTE_STOP : TERM_NOTE_GOES_ON;
}

static void block(sigset_t *old)
{
	static const int also[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t ours;
	sigemptyset(&ours);
	for (unsigned i = 0; i < ARRAY_LEN(noted); i++)
		sigaddset(&ours, noted[i]);
	for (unsigned i = 0; i < ARRAY_LEN(also); i++)
		sigaddset(&ours, also[i]);
	sigprocmask(SIG_BLOCK, &ours, old);
}

static void signals_begin(void)
{
	struct sigaction a = { .sa_handler = note, .sa_flags = SA_RESTART };
	sigemptyset(&a.sa_mask);
	for (unsigned i = 0; i < ARRAY_LEN(noted); i++)
		sigaction(noted[i], &a, &before[i]);
}

static void signals_end(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(noted); i++)
		sigaction(noted[i], &before[i], NULL);
}

unsigned term_notes(void)
{
	sigset_t old;
	block(&old);
	unsigned n = (unsigned)notes;
	notes = 0;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return n;
}

bool term_is_quiet(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	return !notes && poll(&p, 1, 0) <= 0;
}

bool term_wait(int ms)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	sigset_t old;
	int n = 0;
	block(&old);
	if (!notes && !interrupt_pending())
		n = ppoll(&p, 1, ms < 0 ? NULL : &t, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (n <= 0)
		return true;
	/* Readable and empty is no sign: Ctrl-C may have come between. */
	return !(p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* ---- how it looks ------------------------------------------------------------------------------------------------------ */

static void choose_looks(void)
{
	static const struct {
		attr_t mono, some, many;
		short eight, of_256;
	} looks[ROLES] = {
#define LOOK(role, mono, eight, some, of_256, many) [ROLE_##role] = { mono, some, many, eight, of_256 },
#include "ui/tui/looks.def"
#undef LOOK
	};
	term.colours = terminal_may_colour() && start_color() == OK ? COLORS >= 256 ? 256 : 8 : 0;
	bool own = term.colours && use_default_colors() == OK;
	for (unsigned i = 0; i < ROLES; i++) {
		short colour = term.colours == 256 ? looks[i].of_256 : looks[i].eight;
		term.look[i] = term.colours == 256 ? looks[i].many : term.colours ? looks[i].some : looks[i].mono;
		term.pair[i] = 0;
		if (term.colours && colour >= 0 && init_pair((short)(i + 1), colour, own ? -1 : COLOR_BLACK) == OK)
			term.pair[i] = (short)(i + 1);
	}
}

bool term_utf8(void) { return term.utf8; }
const char *term_colours(void) { return term.colours == 256 ? "256" : term.colours ? "8" : "none"; }

/* A terminal that is no UTF-8 one gets what is like it. */
static uint32_t plain_character(uint32_t c)
{
	if (c < 0x80)
		return c;
	if (c == 0x2500 || c == 0x2550)
		return '-';
	if (c == 0x2502 || c == 0x2551)
		return '|';
	return c > 0x2500 && c < 0x2580 ? '+' : '?';
}

static void paint(unsigned row, unsigned col, const struct grid_cell *c)
{
	wchar_t text[2] = { (wchar_t)(term.utf8 ? c->ch : plain_character(c->ch)), 0 };
	cchar_t cell;
	if (!c->ch && term.utf8)
		return; /* the right half of the one before */
	if (!text[0])
		text[0] = ' ';
	attr_t a = term.look[c->role];
	if (c->flags & CELL_CHANGED)
		a |= A_BOLD;
	if (c->flags & CELL_SELECTED)
		a ^= A_REVERSE;
	setcchar(&cell, text, a, term.pair[c->role], NULL);
	mvadd_wch((int)row, (int)col, &cell);
}

static bool same(const struct grid_cell *a, const struct grid_cell *b)
{
	return a->ch == b->ch && a->role == b->role && a->flags == b->flags;
}

/* A character that is painted over half of a wide one takes its other half away: a row in which anything differs is painted whole if it has one. */
static void paint_row(const struct grid *g, unsigned row)
{
	const struct grid_cell *now = &g->cell[(size_t)row * g->cols];
	struct grid_cell *was = &term.shown.cell[(size_t)row * g->cols];
	bool wide = false;
	if (!term.all && !memcmp(now, was, g->cols * sizeof *now))
		return;
	for (unsigned col = 0; col < g->cols; col++)
		wide |= !now[col].ch || !was[col].ch;
	for (unsigned col = 0; col < g->cols; col++)
		if (term.all || wide || !same(&now[col], &was[col]))
			paint(row, col, &now[col]);
	memcpy(was, now, g->cols * sizeof *now);
}

void term_show(const struct grid *g)
{
	if (!term.open)
		return;
	if (term.shown.rows != g->rows || term.shown.cols != g->cols) {
		resizeterm((int)g->rows, (int)g->cols);
		grid_resize(&term.shown, g->rows, g->cols);
		term.all = true;
	}
	if (term.all)
		clear();
	for (unsigned row = 0; row < g->rows; row++)
		paint_row(g, row);
	term.all = false;
	curs_set(g->cursor_shown);
	if (g->cursor_shown)
		move((int)g->cursor_row, (int)g->cursor_col);
	refresh();
}

void term_repaint(void) { term.all = true; }

void term_size(unsigned *rows, unsigned *cols)
{
	struct winsize w;
	*rows = 24;
	*cols = 80;
	if (!ioctl(fileno(term.out), TIOCGWINSZ, &w) && w.ws_row && w.ws_col) {
		*rows = w.ws_row;
		*cols = w.ws_col;
	}
}

/* ---- taking it over, giving it back ------------------------------------------------------------------------------------ */

static void say_to_terminal(const char *text)
{
	fputs(text, term.out);
	fflush(term.out);
}

void term_mouse(bool on)
{
	if (!term.open || !term.has_mouse || term.mouse == on)
		return;
	term.mouse = on;
	say_to_terminal(on ? MOUSE_ON : MOUSE_OFF);
}

/* Terminfo's delays are for terminals of old: what stands between "$<" and ">" is left out. */
static void add_to_restore(const char *text)
{
	bool has = text && text != (const char *)-1;
	for (const char *p = has ? text : ""; *p && term.restore_size + 1 < sizeof term.restore; p++) {
		if (p[0] == '$' && p[1] == '<' && strchr(p, '>'))
			p = strchr(p, '>');
		else
			term.restore[term.restore_size++] = *p;
	}
}

static void prepare_restore(void)
{
	static const char *const last[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };
	const char *leaves = tigetstr("rmcup");
	term.restore_size = 0;
	if (term.has_mouse)
		add_to_restore(MOUSE_OFF);
	for (unsigned i = 0; i < ARRAY_LEN(last); i++)
		add_to_restore(tigetstr(last[i]));
	add_to_restore(leaves && leaves != (const char *)-1 ? "\r" : "\r\n");
}

/* Only what a signal handler may call. */
void term_rescue(void)
{
	if (!term.open)
		return;
	term.open = 0;
	if (write(fileno(term.out), term.restore, term.restore_size) < 0)
		return; /* the terminal is gone */
	tcsetattr(STDIN_FILENO, TCSANOW, &term.before);
}

static void set_modes(void)
{
	struct termios t;
	cbreak();
	noecho();
	nonl();
	/* C-s, C-q, C-v, C-o and C-\ are keys; C-c and C-z stay signals, so that they reach a running machine at once. */
	if (!tcgetattr(STDIN_FILENO, &t)) {
		t.c_iflag &= (tcflag_t) ~(IXON | IXOFF);
		t.c_lflag |= NOFLSH; /* a C-c takes no key away that was pressed before it */
		t.c_cc[VQUIT] = t.c_cc[VLNEXT] = t.c_cc[VDISCARD] = t.c_cc[VREPRINT] = _POSIX_VDISABLE;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	}
	def_prog_mode();
}

static enum status open_screen(struct err *err)
{
	const char *name = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, ST_STATE, "the panes need a terminal on standard input and output");
	if (!name || !*name || !terminal_can_move())
		return err_set(err, ST_STATE, "the panes need a terminal whose cursor can be moved, and TERM=%.60s is none that terminfo knows",
		               name ? name : "");
	if (tcgetattr(STDIN_FILENO, &term.before))
		return err_set(err, ST_STATE, "the terminal's modes cannot be read: %s", strerror(errno));
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	term.out = fd < 0 ? NULL : fdopen(fd, "w");
	use_tioctl(TRUE);
	term.screen = term.out ? newterm(NULL, term.out, stdin) : NULL;
	if (term.screen)
		return ST_OK;
	if (term.out)
		fclose(term.out);
	else if (fd >= 0)
		close(fd);
	return err_set(err, ST_STATE, "the terminal TERM=%.60s cannot be taken over", name);
}

enum status term_open(struct err *err)
{
	signals_begin(); /* before curses would put its own in */
	enum status st = open_screen(err);
	if (st != ST_OK) {
		signals_end();
		return st;
	}
	const char *mouse = tigetstr("kmous");
	term.has_mouse = mouse && mouse != (const char *)-1;
	term.mouse = false;
	prepare_restore();
	term.open = 1;
	set_modes();
	term.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	choose_looks();
	term_input_open();
	grid_init(&term.shown, 0, 0);
	term.all = true;
	notes = 0;
	return ST_OK;
}

bool term_is_open(void) { return term.open; }

void term_close(void)
{
	if (!term.open)
		return;
	term_mouse(false);
	endwin();
	term.open = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
	term_input_close();
	delscreen(term.screen);
	fclose(term.out);
	grid_fini(&term.shown);
	signals_end();
}

void term_resume(void)
{
	bool mouse = term.mouse;
	reset_prog_mode();
	term.mouse = false;
	term_mouse(mouse);
	term.all = true;
}

void term_suspend(void)
{
	struct sigaction standard = { .sa_handler = SIG_DFL }, ours;
	bool mouse = term.mouse;
	sigset_t stop, old;
	term_mouse(false);
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &term.before);
	sigemptyset(&standard.sa_mask);
	sigaction(SIGTSTP, &standard, &ours);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, &old); /* here it stops, and here it goes on */
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	term.mouse = mouse;
	term_resume();
}
