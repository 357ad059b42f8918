/* ui/report_json.c - the report as one line of JSON; the keys of design "Command line" stay, others may follow. */
#include "config.h"

#include "ui/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kernel/deadline.h"
#include "kernel/gpu.h"
#include "kernel/stall.h"
#include "ui/inspect/books.h"
#include "ui/inspect/sites.h"
#include "ui/json.h"

static void strings(struct json *j, const char *key, const struct lines *l)
{
	json_key(j, key);
	json_open(j, '[');
	for (unsigned i = 0; i < l->count; i++)
		json_str(j, l->line[i]);
	json_close(j, ']');
}

static void numbers(struct json *j, const char *key, const uint32_t *v, unsigned from, unsigned to)
{
	json_key(j, key);
	json_open(j, '[');
	for (unsigned i = from; i < to; i++)
		json_u64(j, v[i]);
	json_close(j, ']');
}

static void proof(struct json *j, const struct quiescence *q)
{
	json_key(j, "proof");
	json_open(j, '{');
	json_put_u64(j, "runnable", q->runnable);
	json_put_u64(j, "timers", q->timers);
	json_put_u64(j, "timeouts", q->timeouts);
	json_put_u64(j, "apcs", q->apcs);
	json_put_u64(j, "dpcs", q->dpcs);
	json_put_u64(j, "io", q->io);
	if (q->io_lost)
		json_put_u64(j, "io_lost", q->io_lost);
	json_put_u64(j, "interrupts", q->interrupts);
	json_put_u64(j, "audio", q->audio + q->xma);
	if (q->inputs)
		json_put_u64(j, "inputs", q->inputs);
	json_put_u64(j, "threads", q->threads);
	json_put_u64(j, "parked", q->parked);
	json_put_u64(j, "suspended", q->suspended);
	json_close(j, '}');
}

static void symbol(struct json *j, const struct report *r, const char *key, uint32_t ga)
{
	char name[SYMBOL_TEXT];
	json_put_opt(j, key, code_text(r->query.machine, ga, name, sizeof name));
}

static void created(struct json *j, const struct report *r, const struct report_object *o)
{
	const struct audit_trail *t = o->trail;
	if (!t || t->origin != AUDIT_CREATED) {
		json_null(j);
		return;
	}
	json_open(j, '{');
	json_put_u64(j, "tid", t->tid);
	json_put_u64(j, "cycle", t->created_tick * CYCLES_PER_TICK);
	json_put_opt(j, "export", source_name(t->source));
	json_key(j, "lr");
	json_strf(j, "%08x", t->lr);
	json_key(j, "stack");
	json_open(j, '[');
	for (unsigned i = 0; i < o->frames; i++) {
		json_open(j, '{');
		json_key(j, "lr");
		json_strf(j, "%08x", o->frame[i].lr);
		symbol(j, r, "symbol", o->frame[i].lr);
		json_put_str(j, "rule", o->frame[i].rule);
		json_put_opt(j, "why", o->frame[i].why);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void members(struct json *j, const struct report *r, const struct report_root *root)
{
	json_key(j, "created");
	created(j, r, &root->members[0]);
	if (root->member_count == 1)
		return;
	json_put_str(j, "circle", root->circle);
	json_key(j, "members");
	json_open(j, '[');
	for (unsigned i = 0; i < root->member_count; i++) {
		json_open(j, '{');
		json_put_u64(j, "object", object_peek(r->query.machine, root->members[i].row)->id);
		json_key(j, "created");
		created(j, r, &root->members[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void handles(struct json *j, const struct machine *m, uint32_t object)
{
	json_key(j, "handles");
	json_open(j, '[');
	for (uint32_t row = object_peek(m, object)->slot_first; row; row = slot_peek(m, row)->next)
		json_strf(j, "%x#%u", slot_peek(m, row)->handle, slot_peek(m, row)->generation);
	json_close(j, ']');
}

static void waiters(struct json *j, const struct machine *m, uint32_t object)
{
	json_key(j, "waiters");
	json_open(j, '[');
	for (uint32_t row = object_peek(m, object)->wait_head; row; row = wait_peek(m, row)->next)
		json_u64(j, thread_peek(m, wait_peek(m, row)->thread)->tid);
	json_close(j, ']');
}

static void sites(struct json *j, const struct report *r, uint32_t object)
{
	struct sites found;
	sites_find(&r->query, object, &found);
	json_key(j, "sites");
	json_open(j, '[');
	for (unsigned i = 0; i < found.count; i++) {
		const struct site *s = &found.site[i];
		json_open(j, '{');
		json_key(j, "pc");
		json_strf(j, "%08x", s->pc);
		symbol(j, r, "symbol", s->pc);
		json_put_str(j, "export", s->export);
		json_put_str(j, "names", site_reach_word(s->reach));
		json_put_bool(j, "ran", s->ran);
		json_put_bool(j, "entered", s->entered);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_put_u64(j, "unresolved_calls", found.indirect);
	sites_free(&found);
}

static void root(struct json *j, const struct report *r, const struct report_root *root)
{
	const struct machine *m = r->query.machine;
	json_open(j, '{');
	json_put_u64(j, "object", root->id);
	json_key(j, "osid");
	json_strf(j, "%016" PRIx64, root->osid);
	json_put_str(j, "type", root->log_type);
	handles(j, m, root->object);
	numbers(j, "threads", root->tids, 0, root->tid_count);
	json_put_u64(j, "signals", root->signals);
	json_put_str(j, "cause", cause_word(root->verdict.cause));
	json_put_str(j, "confidence", confidence_word(root->verdict.confidence));
	json_put_str(j, "evidence", root->verdict.evidence);
	json_put_str(j, "kind", root->type);
	json_key(j, "address");
	json_strf(j, "%08x", object_peek(m, root->object)->body_ga);
	json_put_opt(j, "name", object_name(m, root->object));
	numbers(j, "proven", root->tids, 0, root->proven_count);
	numbers(j, "inferred", root->tids, root->proven_count, root->tid_count);
	waiters(j, m, root->object);
	json_put_u64(j, "waits", root->waits);
	json_put_u64(j, "wakes", root->wakes);
	json_put_u64(j, "refs", object_peek(m, root->object)->refs);
	members(j, r, root);
	if (root->member_count == 1 && !root->thread)
		sites(j, r, root->object);
	json_close(j, '}');
}

static void edges(struct json *j, const struct report *r)
{
	json_key(j, "edges");
	json_open(j, '[');
	for (unsigned i = 0; i < r->edge_count; i++) {
		json_open(j, '{');
		json_put_str(j, "from", r->edges[i].from);
		json_put_str(j, "to", r->edges[i].to);
		json_put_bool(j, "proven", r->edges[i].proven);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void parked_tids(struct json *j, const char *words)
{
	char *end;
	json_key(j, "threads");
	json_open(j, '[');
	for (; *words; words = end) {
		json_u64(j, strtoul(words, &end, 10));
		while (*end == ' ')
			end++;
	}
	json_close(j, ']');
}

static void parked(struct json *j, const struct report *r)
{
	json_key(j, "parked");
	json_open(j, '[');
	for (unsigned i = 0; i < r->parked_count; i++) {
		json_open(j, '{');
		json_put_u64(j, "count", r->parked[i].count);
		parked_tids(j, r->parked[i].tids);
		json_put_str(j, "stack", r->parked[i].line);
		if (r->parked[i].idle)
			json_put_bool(j, "idle", true);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void roles(struct json *j, const struct report *r)
{
	const struct machine *m = r->query.machine;
	for (unsigned pass = 0; pass < 2; pass++) {
		json_key(j, pass ? "goes_on" : "parked");
		json_open(j, '[');
		for (uint32_t row = 1; row < arena_count(&m->world, m->t_thread); row++) {
			if (pass ? r->roles[row] != STALL_GOES_ON : !stall_counted(r->roles[row]))
				continue;
			json_open(j, '{');
			json_put_u64(j, "tid", thread_peek(m, row)->tid);
			if (!pass)
				json_put_u64(j, "since", thread_peek(m, row)->wait_since);
			json_key(j, pass ? "pc" : "objects");
			if (pass) {
				json_strf(j, "%08x", thread_pc(m, row));
			} else {
				json_open(j, '[');
				for (uint32_t w = thread_peek(m, row)->wait_first; w; w = wait_peek(m, w)->thread_next)
					json_u64(j, object_peek(m, wait_peek(m, w)->object)->id);
				json_close(j, ']');
			}
			json_close(j, '}');
		}
		json_close(j, ']');
	}
}

static void stall(struct json *j, const struct report *r)
{
	json_key(j, "stall");
	json_open(j, '{');
	json_put_u64(j, "cycles", r->query.machine->options.stall_ticks * CYCLES_PER_TICK);
	roles(j, r);
	json_close(j, '}');
}

static void code(struct json *j, const struct report *r, const char *key, const char *symbol_key, uint32_t ga)
{
	json_key(j, key);
	if (ga)
		json_strf(j, "%08x", ga);
	else
		json_null(j);
	symbol(j, r, symbol_key, ga);
}

static void standstill(struct json *j, const struct report *r)
{
	json_key(j, "standstill");
	json_open(j, '{');
	json_put_u64(j, "periods", r->still.periods);
	json_put_u64(j, "since", r->still.since);
	json_put_bool(j, "inferred", true);
	json_key(j, "callbacks");
	json_open(j, '[');
	for (unsigned i = 0; i < r->callback_count; i++) {
		const struct report_callback *c = &r->callbacks[i];
		json_open(j, '{');
		if (c->source)
			json_put_str(j, "device", source_text(c->source - 1));
		else
			json_put_u64(j, "object", object_peek(r->query.machine, c->object)->id);
		json_put_u64(j, "period_ms", c->period_ms);
		json_put_u64(j, "times", c->times);
		code(j, r, "dpc", "dpc_symbol", c->dpc);
		code(j, r, "apc", "apc_symbol", c->apc);
		json_close(j, '}');
	}
	json_close(j, ']');
	roles(j, r);
	json_close(j, '}');
}

static void gpu(struct json *j, const struct report *r)
{
	const struct w_gpu *g = gpu_peek(r->query.machine);
	const struct h_gpu *c = gpu_count(r->query.machine);
	char wait[120];
	json_key(j, "gpu");
	json_open(j, '{');
	json_put_u64(j, "frames", c->swaps);
	json_put_u64(j, "fences", r->gpu_fences);
	json_put_u64(j, "read", g->rptr);
	json_put_u64(j, "written", g->wptr);
	json_put_bool(j, "hung", g->hung);
	if (g->waiting) {
		gpu_wait_text(r->query.machine, wait, sizeof wait);
		json_put_str(j, "waits", wait);
		json_put_u64(j, "since", g->wait_since);
	}
	json_close(j, '}');
}

void report_json(const struct report *r, struct out *o)
{
	struct json j;
	json_init(&j, o->file);
	json_open(&j, '{');
	json_put_str(&j, "verdict", verdict_word(r));
	json_put_u64(&j, "cycles", r->cycles);
	json_put_u64(&j, "instructions", r->instructions);
	json_key(&j, "digest");
	json_strf(&j, "%016" PRIx64, r->digest);
	json_put_str(&j, "signature", r->signature);
	proof(&j, &r->quiet);
	if (gpu_peek(r->query.machine)->ring_dwords)
		gpu(&j, r);
	json_key(&j, "roots");
	json_open(&j, '[');
	for (unsigned i = 0; i < r->root_count; i++)
		root(&j, r, &r->roots[i]);
	json_close(&j, ']');
	edges(&j, r);
	json_put_u64(&j, "events", r->events);
	json_put_bool(&j, "ended", r->ended);
	json_put_bool(&j, "tainted", session_tainted(r->session));
	json_put_opt(&j, "state", r->state);
	json_put_opt(&j, "stopped", r->stopped);
	if (r->verdict == VERDICT_STALL)
		stall(&j, r);
	if (r->verdict == VERDICT_STANDSTILL)
		standstill(&j, r);
	parked(&j, r);
	if (r->diff[0])
		json_put_str(&j, "diff", r->diff);
	strings(&j, "odd", &r->odd);
	strings(&j, "next", &r->next);
	json_close(&j, '}');
	fputc('\n', o->file);
}
