/* ui/progress.c - see progress.h */
#include "config.h"

#include "ui/progress.h"

#include <stdio.h>
#include <time.h>

#define PIECE UINT64_C(4000000)
#define PATIENCE_MS 1000 /* a shorter run shows nothing */
#define RENEW_MS 250

static uint64_t began, shown, began_instr;
static bool visible;

static uint64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void progress_begin(struct session *s)
{
	if (!s->interactive)
		return;
	began = shown = now_ms();
	began_instr = machine_instructions(session_machine(s));
	visible = false;
}

uint64_t progress_piece(struct session *s)
{
	const struct machine *m = session_machine(s);
	char instr[CYCLES_TEXT], cycles[CYCLES_TEXT];
	if (!s->interactive)
		return UINT64_MAX;
	uint64_t now = now_ms();
	if (now - began < PATIENCE_MS || now - shown < RENEW_MS)
		return PIECE;
	cycles_text(instr, machine_instructions(m));
	cycles_text(cycles, machine_cycle(m));
	fflush(s->out->file);
	fprintf(stderr, "\rrunning: instr %s   cyc %s   %llu MIPS   (Ctrl-C stops)   ", instr, cycles,
		(unsigned long long)((machine_instructions(m) - began_instr) / (1000 * (now - began))));
	fflush(stderr);
	shown = now;
	visible = true;
	return PIECE;
}

void progress_end(struct session *s)
{
	if (!visible)
		return;
	visible = false;
	fprintf(stderr, "\r%*s\r", 90, "");
	fflush(stderr);
	began = now_ms(); /* the next piece of the same command is a new run */
	(void)s;
}
