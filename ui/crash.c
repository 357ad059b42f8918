/* ui/crash.c - see crash.h */
#include "config.h"

#include "ui/crash.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define KEPT 32u

/* As little of an event as says what happened: it is copied for every one of them. */
struct trace {
	uint64_t seq, cycle;
	const char *name;
	uint32_t kind, tid, lr, handle, generation, object;
};

static struct {
	int argc;
	char **argv;
	const struct machine *machine;
	void (*at_end)(void);
	struct trace ring[KEPT];
	unsigned next;
	bool reporting;
} crash;

void crash_machine(const struct machine *m) { crash.machine = m; }
void crash_at_end(void (*fn)(void)) { crash.at_end = fn; }

static void see(void *ctx, const struct event *ev)
{
	(void)ctx;
	crash.ring[crash.next++ % KEPT] = (struct trace){ ev->seq, ev->cycle, ev->name, ev->kind, ev->tid, ev->lr, ev->handle,
		                                          ev->generation, ev->object };
}

void crash_watch(struct event_stream *events)
{
	crash.next = 0;
	/* kernel.call says what import.call and kernel.return would say again: left out, since each event wanted costs run time. */
	const uint64_t kinds = ~(EV_BIT(EV_IMPORT_CALL) | EV_BIT(EV_KERNEL_RETURN));
	event_subscribe(events, &(struct event_observer){ kinds, see, NULL });
}

static void print_events(void)
{
	unsigned first = crash.next > KEPT ? crash.next - KEPT : 0;
	if (first == crash.next)
		return;
	fprintf(stderr, "the last events:\n");
	for (unsigned i = first; i < crash.next; i++) {
		const struct trace *t = &crash.ring[i % KEPT];
		fprintf(stderr, "  %" PRIu64 " cyc %" PRIu64 " tid %u %s %s lr %08X", t->seq, t->cycle, t->tid, event_kind_name(t->kind),
		        t->name ? t->name : "-", t->lr);
		if (t->handle)
			fprintf(stderr, " %X#%u", t->handle, t->generation);
		if (t->object)
			fprintf(stderr, " @%u", t->object);
		fprintf(stderr, "\n");
	}
}

static void print_quoted(const char *word)
{
	if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@") == strlen(word)) {
		fprintf(stderr, " %s", word);
		return;
	}
	fprintf(stderr, " '");
	for (; *word; word++)
		fprintf(stderr, *word == '\'' ? "'\\''" : "%c", *word);
	fprintf(stderr, "'");
}

static void give_terminal_back(void)
{
	void (*at_end)(void) = crash.at_end;
	crash.at_end = NULL; /* once */
	if (at_end)
		at_end();
}

void invariant_hook(void)
{
	if (crash.reporting)
		return;
	crash.reporting = true;
	give_terminal_back();
	print_events();
	if (!crash.argc)
		return;
	fprintf(stderr, "replay with:");
	for (int i = 0; i < crash.argc; i++)
		print_quoted(crash.argv[i]);
	fprintf(stderr, "\n");
	if (crash.machine)
		fprintf(stderr, "(it happened at instruction %" PRIu64 ", event %" PRIu64 ")\n", machine_row(crash.machine)->instr,
		        event_seq(&crash.machine->events));
}

/* ---- faults of our own ------------------------------------------------------------------------------------------------- */

#define EXIT_OWN_BUG 70
#define LAST_WORDS_SECONDS 10 /* whoever faults in printf may wait for its lock for ever */
#define STACK_BYTES 65536

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
static struct sigaction before[ARRAY_LEN(faults)];
static char fault_stack[STACK_BYTES];

static void on_fault(int number)
{
	for (unsigned i = 0; i < ARRAY_LEN(faults); i++)
		sigaction(faults[i], &before[i], NULL);
	signal(SIGALRM, SIG_DFL);
	alarm(LAST_WORDS_SECONDS);
	give_terminal_back();
	fprintf(stderr, "wedge: bug: %s\n", strsignal(number));
	invariant_hook();
	for (unsigned i = 0; i < ARRAY_LEN(faults); i++)
		if (faults[i] == number && before[i].sa_handler != SIG_DFL) {
			raise(number); /* delivered when this handler returns */
			return;
		}
	_exit(EXIT_OWN_BUG);
}

static void catch_faults(void)
{
	struct sigaction a = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
	sigemptyset(&a.sa_mask);
	sigaltstack(&(stack_t){ .ss_sp = fault_stack, .ss_size = sizeof fault_stack }, NULL);
	for (unsigned i = 0; i < ARRAY_LEN(faults); i++)
		sigaction(faults[i], &a, &before[i]);
}

void crash_init(int argc, char **argv)
{
	crash.argc = argc;
	crash.argv = argv;
	catch_faults();
}
