/* ui/breaks.c - see breaks.h */
#include "config.h"

#include "ui/breaks.h"

#include <stdlib.h>

void breaks_fini(struct breaks *b)
{
	free(b->list);
	*b = (struct breaks){ 0 };
}

static struct breakpoint *add(struct breaks *b, struct cpu *cpu, struct breakpoint new)
{
	if (b->count == b->room) {
		b->room = b->room ? b->room * 2 : 16;
		b->list = xrealloc(b->list, b->room * sizeof *b->list);
	}
	b->list[b->count] = new;
	cpu_break_set(cpu, new.ga);
	return &b->list[b->count++];
}

struct breakpoint *breaks_add(struct breaks *b, struct cpu *cpu, uint32_t ga, bool temporary)
{
	return add(b, cpu, (struct breakpoint){ .number = ++b->last_number, .ga = ga, .enabled = true, .temporary = temporary });
}

void breaks_add_inner(struct breaks *b, struct cpu *cpu, uint32_t ga)
{
	add(b, cpu, (struct breakpoint){ .ga = ga, .enabled = true });
}

/* The core's breakpoint at @ga stays as long as anyone wants it. */
static void disarm(const struct breaks *b, struct cpu *cpu, uint32_t ga)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->list[i].enabled && b->list[i].ga == ga)
			return;
	cpu_break_clear(cpu, ga);
}

static void take_out(struct breaks *b, struct cpu *cpu, unsigned i)
{
	uint32_t ga = b->list[i].ga;
	memmove(&b->list[i], &b->list[i + 1], (b->count - i - 1) * sizeof *b->list);
	b->count--;
	disarm(b, cpu, ga);
}

void breaks_remove_inner(struct breaks *b, struct cpu *cpu)
{
	for (unsigned i = b->count; i-- > 0;)
		if (!b->list[i].number)
			take_out(b, cpu, i);
}

struct breakpoint *breaks_find(struct breaks *b, unsigned number)
{
	for (unsigned i = 0; i < b->count; i++)
		if (number && b->list[i].number == number)
			return &b->list[i];
	return NULL;
}

void breaks_remove(struct breaks *b, struct cpu *cpu, unsigned number)
{
	struct breakpoint *p = breaks_find(b, number);
	if (p)
		take_out(b, cpu, (unsigned)(p - b->list));
}

void breaks_enable(struct breaks *b, struct cpu *cpu, unsigned number, bool enabled)
{
	struct breakpoint *p = breaks_find(b, number);
	if (!p)
		return;
	p->enabled = enabled;
	if (enabled)
		cpu_break_set(cpu, p->ga);
	else
		disarm(b, cpu, p->ga);
}

struct breakpoint *breaks_at(struct breaks *b, uint32_t ga)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->list[i].number && b->list[i].enabled && b->list[i].ga == ga)
			return &b->list[i];
	return NULL;
}

void breaks_arm(const struct breaks *b, struct cpu *cpu)
{
	for (unsigned i = 0; i < b->count; i++)
		if (b->list[i].enabled)
			cpu_break_set(cpu, b->list[i].ga);
}
