/* ui/terminal.c - see terminal.h */
#include "config.h"

#include "ui/terminal.h"

#include <curses.h>
#include <stdlib.h>
#include <term.h>
#include <unistd.h>

#define COLOURS_USED 8 /* the ANSI colours */

bool terminal_may_colour(void)
{
	const char *no = getenv("NO_COLOR");
	int found;
	return !(no && *no) && setupterm(NULL, STDOUT_FILENO, &found) == OK && tigetnum("colors") >= COLOURS_USED;
}

static bool has(const char *capability)
{
	const char *text = tigetstr(capability);
	return text && text != (const char *)-1;
}

bool terminal_can_move(void)
{
	int found;
	return setupterm(NULL, STDOUT_FILENO, &found) == OK && has("cup") && has("clear");
}
