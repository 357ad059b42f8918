/* ui/progress.c - see progress.h */
#include "config.h"

#include "ui/progress.h"

#include <stdio.h>
#include <time.h>

/* A piece is as long as PIECE_NS of the processor's time take at the speed of the piece before it: a person must not wait for a slow one. */
#define PIECE_FIRST UINT64_C(100000)
#define PIECE_LEAST UINT64_C(1000)
#define PIECE_MOST UINT64_C(4000000)
#define PIECE_NS UINT64_C(4000000)
#define PATIENCE_NS UINT64_C(1000000000) /* a shorter run shows nothing */
#define RENEW_NS UINT64_C(250000000)

static struct {
	const struct progress_watcher *watcher;
	uint64_t began, shown, began_instr;
	uint64_t piece, piece_began, piece_instr; /* the last one: its length; where it began, in the processor's time and in instructions */
	uint64_t stepped;                         /* when a step was looked at last */
	bool fresh, visible;                      /* fresh: the run's first instruction is not known yet */
} p;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static uint64_t used_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

void progress_watch(const struct progress_watcher *w)
{
	p.watcher = w;
}

void progress_begin(struct session *s)
{
	if (!s->interactive)
		return;
	p.began = p.shown = now_ns();
	p.fresh = true;
	p.piece = PIECE_FIRST;
	p.visible = false;
}

static void show_line(struct session *s, const struct machine *m, uint64_t now)
{
	char instr[CYCLES_TEXT], cycles[CYCLES_TEXT];
	uint64_t done = machine_instructions(m), ran = done > p.began_instr ? done - p.began_instr : 0;
	if (now - p.began < PATIENCE_NS || now - p.shown < RENEW_NS)
		return;
	cycles_text(instr, done);
	cycles_text(cycles, machine_cycle(m));
	fflush(s->out->file);
	fprintf(stderr, "\rrunning: instr %s   cyc %s   %llu MIPS   (Ctrl-C stops)   ", instr, cycles,
		(unsigned long long)(ran * 1000 / (now - p.began)));
	fflush(stderr);
	p.shown = now;
	p.visible = true;
}

static void adapt(uint64_t ran, uint64_t took)
{
	uint64_t fits = took ? ran * PIECE_NS / took : 2 * p.piece;
	if (fits > 2 * p.piece)
		fits = 2 * p.piece;
	p.piece = fits < PIECE_LEAST ? PIECE_LEAST : fits > PIECE_MOST ? PIECE_MOST : fits;
}

static void look(struct session *s, const struct machine *m, uint64_t now)
{
	if (p.fresh)
		p.began_instr = p.piece_instr = machine_instructions(m);
	p.fresh = false;
	if (p.watcher)
		p.watcher->look(p.watcher->ctx, m);
	else
		show_line(s, m, now);
}

uint64_t progress_piece(struct session *s, const struct machine *m)
{
	if (!s->interactive)
		return UINT64_MAX;
	uint64_t instr = machine_instructions(m);
	if (!p.fresh && instr > p.piece_instr)
		adapt(instr - p.piece_instr, used_ns() - p.piece_began);
	look(s, m, now_ns());
	p.piece_began = used_ns();
	p.piece_instr = instr;
	return p.piece;
}

void progress_step(struct session *s)
{
	if (!s->interactive)
		return;
	uint64_t now = now_ns();
	if (now - p.stepped < PIECE_NS)
		return;
	look(s, session_machine(s), now);
	p.stepped = now;
}

void progress_end(struct session *s)
{
	if (!p.visible)
		return;
	p.visible = false;
	fprintf(stderr, "\r%*s\r", 90, "");
	fflush(stderr);
	p.began = now_ns(); /* the next piece of the same command is a new run */
	(void)s;
}
