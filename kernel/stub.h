/* kernel/stub.h - exports that are not built (NONE) or only answer (STUB): what a call of one does, and the book of who called which.
 *
 * The policy lies in the world arena (it decides what a call of a NONE export does), the book in the history arena: going back takes it back.
 */
#ifndef KERNEL_STUB_H
#define KERNEL_STUB_H

#include "kernel/machine.h"

struct call;

#define STUB_SITES 16u /* call sites kept of one export; then the one that called longest ago gives its place up */
#define STUB_POLICY_TEXT 48u

struct h_stub_site {
	uint64_t calls, last; /* cycle of the last one */
	uint32_t lr;          /* return address in the title */
	uint32_t tid;         /* of the last call; 0 = no thread (a DPC) */
};

/** Calls of a STUB or NONE export that were answered; table "stub", row + 1 of exports.def. */
struct h_stub {
	uint64_t calls, first, last; /* cycles of the first and the last one */
	uint64_t answered;           /* r3 of the last one */
	uint64_t dropped_calls;      /* calls of sites that are no longer kept */
	uint32_t first_tid, last_tid;
	uint32_t sites, dropped; /* kept; how often one was given up */
	struct h_stub_site site[STUB_SITES];
};
ARENA_ROW_SIZE(h_stub, 440);

void stubs_layout(struct machine *m);
/** Call @c of a STUB or NONE export has been answered: into the book. */
void stub_note(struct machine *m, const struct call *c);
/** @row: as in events, row of exports.def + 1. */
const struct h_stub *stub_of_export(const struct machine *m, uint32_t row);

/** "stop", "continue" or "continue=VALUE" (decimal or 0x). False: it is none of them, nothing is written. */
bool stub_policy_parse(const char *text, struct stub_policy *p);
/** The same word; into @buf, returns it. */
const char *stub_policy_text(struct stub_policy p, char buf[STUB_POLICY_TEXT]);
/** What a call of an export that is not built does from now on. The user's doing: it decides the future. */
void machine_on_stub(struct machine *m, struct stub_policy p);
struct stub_policy machine_stub_policy(const struct machine *m);

#endif
