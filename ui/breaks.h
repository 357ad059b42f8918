/* ui/breaks.h - code breakpoints: they belong to the user, not to the machine, and outlive a restart of it. */
#ifndef UI_BREAKS_H
#define UI_BREAKS_H

#include "src/cpu/cpu.h"

struct breakpoint {
	unsigned number;      /* as the user sees it; counts up, never reused; 0 = an inner one, not shown */
	uint32_t ga;
	bool enabled, temporary;
	uint64_t hits;
};

struct breaks {
	struct breakpoint *list;
	unsigned count, room, last_number;
};

void breaks_fini(struct breaks *b);
/** Adds one and arms it in @cpu. Returns it; valid until the next change. */
struct breakpoint *breaks_add(struct breaks *b, struct cpu *cpu, uint32_t ga, bool temporary);
/** An inner one (nexti, finish), without a number. */
void breaks_add_inner(struct breaks *b, struct cpu *cpu, uint32_t ga);
void breaks_remove_inner(struct breaks *b, struct cpu *cpu);
/** By number, NULL = none. */
struct breakpoint *breaks_find(struct breaks *b, unsigned number);
void breaks_remove(struct breaks *b, struct cpu *cpu, unsigned number);
void breaks_enable(struct breaks *b, struct cpu *cpu, unsigned number, bool enabled);
/** The enabled numbered one at @ga, NULL = none. */
struct breakpoint *breaks_at(struct breaks *b, uint32_t ga);
/** Arms all enabled ones in a new core. */
void breaks_arm(const struct breaks *b, struct cpu *cpu);

#endif
