/* kernel/object.c - see object.h */
#include "config.h"

#include "kernel/object.h"

#include <strings.h>

#include "kernel/emit.h"
#include "kernel/enumerator.h"
#include "kernel/handle.h"
#include "kernel/io.h"
#include "kernel/ledger.h"
#include "kernel/mutant.h"
#include "kernel/notify.h"
#include "kernel/pool.h"
#include "kernel/request.h"
#include "kernel/rows.h"
#include "kernel/stall.h"
#include "kernel/thread.h"
#include "kernel/timer.h"
#include "kernel/vars.h"

#define NO_DISPATCHER 0xffu
#define BUCKETS (1u << 20)
#define HEADER_ROOM 0x20u /* before a body in the pool: keeps it 16-byte aligned; the header is the last 0x18 bytes of it */

static const struct {
	const char *name;
	uint8_t dispatcher;   /* type byte of the header */
} types[] = {
#define OBJECT_TYPE(id, name, dispatcher) { name, dispatcher },
	OBJECT_TYPES(OBJECT_TYPE)
#undef OBJECT_TYPE
};

static const char *const families[] = {
	[OT_NONE] = "None", [OT_EVENT_MANUAL] = "Event", [OT_EVENT_AUTO] = "Event", [OT_MUTANT] = "Mutant",
	[OT_SEMAPHORE] = "Semaphore", [OT_THREAD] = "Thread", [OT_TIMER_MANUAL] = "Timer", [OT_TIMER_AUTO] = "Timer",
	[OT_LISTENER] = "Listener",
	[OT_CRITSEC] = "CritSec", [OT_FILE] = "File", [OT_COMPLETION] = "IoCompletion", [OT_ENUMERATOR] = "Enumerator",
	[OT_QUEUE] = "Queue", [OT_RWLOCK_EXCL] = "RwLock", [OT_RWLOCK_SHARED] = "RwLock",
	[OT_SYMLINK] = "SymbolicLink", [OT_DEVICE] = "Device",
};
_Static_assert(ARRAY_LEN(families) == OT_COUNT, "every type has a family");

const char *object_type_name(enum object_type t)
{
	return (unsigned)t < OT_COUNT ? types[t].name : "?";
}

const char *object_type_family(enum object_type t)
{
	return (unsigned)t < OT_COUNT ? families[t] : "?";
}

uint64_t creator_key(const struct machine *m, uint32_t thread)
{
	return thread ? thread_peek(m, thread)->key : 0;
}

/* ---- registries ---------------------------------------------------------------------------------------------------- */

/* Neighbouring addresses fall into neighbouring buckets: few pages are touched. */
static uint32_t ga_bucket(uint32_t ga)
{
	return (ga >> 4) % BUCKETS + 1;
}

static uint32_t id_bucket(uint32_t id)
{
	return id % BUCKETS + 1;
}

static uint32_t bucket_peek(const struct machine *m, unsigned table, uint32_t row)
{
	const struct w_bucket *b = arena_peek(&m->world, table, row);
	return b->object;
}

static void bucket_set(struct machine *m, unsigned table, uint32_t row, uint32_t object)
{
	arena_cover(&m->world, table, row);
	struct w_bucket *b = arena_row(&m->world, table, row);
	b->object = object;
}

static void registry_add(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	o->hash_next = bucket_peek(m, m->t_registry, ga_bucket(o->body_ga));
	bucket_set(m, m->t_registry, ga_bucket(o->body_ga), object);
}

static void registry_remove(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	uint32_t bucket = ga_bucket(o->body_ga), at = bucket_peek(m, m->t_registry, bucket);
	if (at == object) {
		bucket_set(m, m->t_registry, bucket, o->hash_next);
	} else {
		while (object_peek(m, at)->hash_next != object)
			at = object_peek(m, at)->hash_next;
		object_row(m, at)->hash_next = o->hash_next;
	}
	o->hash_next = 0;
}

static void idmap_add(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	o->id_next = bucket_peek(m, m->t_idmap, id_bucket(o->id));
	bucket_set(m, m->t_idmap, id_bucket(o->id), object);
}

static void idmap_remove(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	uint32_t bucket = id_bucket(o->id), at = bucket_peek(m, m->t_idmap, bucket);
	if (at == object) {
		bucket_set(m, m->t_idmap, bucket, o->id_next);
	} else {
		while (object_peek(m, at)->id_next != object)
			at = object_peek(m, at)->id_next;
		object_row(m, at)->id_next = o->id_next;
	}
	o->id_next = 0;
}

uint32_t object_by_id(const struct machine *m, uint32_t id)
{
	uint32_t at = id ? bucket_peek(m, m->t_idmap, id_bucket(id)) : 0;
	while (at && object_peek(m, at)->id != id)
		at = object_peek(m, at)->id_next;
	return at;
}

uint32_t object_by_ga(const struct machine *m, uint32_t ga)
{
	uint32_t at = ga ? bucket_peek(m, m->t_registry, ga_bucket(ga)) : 0;
	while (at && object_peek(m, at)->body_ga != ga)
		at = object_peek(m, at)->hash_next;
	return at;
}

uint32_t object_by_osid(const struct machine *m, uint64_t osid)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_object); row++)
		if (object_peek(m, row)->id && object_peek(m, row)->osid == osid)
			return row;
	return 0;
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

uint32_t object_by_name(const struct machine *m, const char *name)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_name); row++) {
		const struct w_name *n = name_peek(m, row);
		if (n->length && !strcasecmp(n->text, name))
			return n->object;
	}
	return 0;
}

bool object_name_set(struct machine *m, uint32_t object, const char *name)
{
	uint32_t row = arena_take(&m->world, m->t_name);
	size_t length = strlen(name);
	if (!row)
		return false;
	INVARIANT(length && length <= OBJECT_NAME_MAX && !object_peek(m, object)->name_row);
	struct w_name *n = arena_row(&m->world, m->t_name, row);
	n->object = object;
	n->length = (uint32_t)length;
	memcpy(n->text, name, length);
	object_row(m, object)->name_row = row;
	return true;
}

void object_name_drop(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	if (!o->name_row)
		return;
	memset(arena_row(&m->world, m->t_name, o->name_row), 0, sizeof(struct w_name));
	arena_give(&m->world, m->t_name, o->name_row);
	o->name_row = 0;
}

/* ---- birth ------------------------------------------------------------------------------------------------------------- */

static void stable_id(struct machine *m, struct w_object *o, uint32_t thread)
{
	uint64_t j = 0;
	if (thread)
		j = thread_row(m, thread)->created_objects++;
	o->creator_key = creator_key(m, thread);
	o->creator_tid = thread ? thread_peek(m, thread)->tid : 0;
	uint64_t h = fnv_u64(fnv_u64(fnv_str(FNV_BASIS, "o"), o->creator_key), j);
	o->osid = fnv_str(h, object_type_family(o->type));
}

static uint32_t take(struct machine *m, uint32_t thread, enum object_type type, uint32_t body_ga)
{
	uint32_t row = arena_take(&m->world, m->t_object);
	if (!row)
		return 0;
	struct w_object *o = object_row(m, row);
	o->id = machine_row_mut(m)->next_object++;
	o->type = (uint8_t)type;
	o->body_ga = body_ga;
	stable_id(m, o, thread);
	registry_add(m, row);
	idmap_add(m, row);
	return row;
}

/* Header of a body in the pool: the kernel's own memory. */
static void header_init(struct machine *m, uint32_t ga, enum object_type type, uint32_t body_bytes)
{
	mem_put8(&m->mem, GA(ga, g_dispatch_header, type), types[type].dispatcher);
	mem_put8(&m->mem, GA(ga, g_dispatch_header, size), (uint8_t)(body_bytes / 4));
	mem_put32(&m->mem, GA(ga, g_dispatch_header, wait_list_flink), GA(ga, g_dispatch_header, wait_list_flink));
	mem_put32(&m->mem, GA(ga, g_dispatch_header, wait_list_blink), GA(ga, g_dispatch_header, wait_list_flink));
}

/* Is @thread one of the system's at this moment? What the loader makes is the title's. */
static bool of_system(const struct machine *m, uint32_t thread)
{
	uint32_t k = thread ? thread_peek(m, thread)->kthread_ga : 0;
	return k && mem_get8(&m->mem, GA(k, g_kthread, process_type)) == 2;
}

uint32_t object_new(struct machine *m, uint32_t thread, enum object_type type, uint32_t body_bytes)
{
	uint32_t block = pool_alloc(m, HEADER_ROOM + body_bytes, POOL_KERNEL);
	if (!block)
		return 0;
	uint32_t body = block + HEADER_ROOM, row = take(m, thread, type, body);
	if (!row) {
		pool_free(m, block, POOL_KERNEL);
		return 0;
	}
	object_row(m, row)->pool = 1;
	if (types[type].dispatcher != NO_DISPATCHER)
		header_init(m, body, type, body_bytes);
	uint32_t header = body - (uint32_t)sizeof(struct g_object_header);
	mem_put32(&m->mem, GA(header, g_object_header, object_type_ptr), vars_object_type(type));
	mem_put8(&m->mem, GA(header, g_object_header, flags), of_system(m, thread) ? 0 : OBJECT_OF_TITLE);
	return row;
}

static void ref(struct machine *m, uint32_t object, uint32_t *count, enum ledger_reason reason, uint32_t what, uint32_t generation);

uint32_t object_new_at(struct machine *m, uint32_t thread, enum object_type type, uint32_t body_ga, bool ghost)
{
	uint32_t row = take(m, thread, type, body_ga);
	if (!row)
		return 0;
	object_row(m, row)->ghost = ghost;
	ref(m, row, &object_row(m, row)->pointers, LEDGER_MEMORY, 0, 0);
	return row;
}

void object_born(struct machine *m, uint32_t thread, uint32_t object)
{
	emit_object(m, object_peek(m, object)->ghost ? EV_OBJECT_FOUND : EV_OBJECT_CREATE, thread, object, 0, 0, 0);
}

/* ---- death ------------------------------------------------------------------------------------------------------------- */

static void die(struct machine *m, uint32_t object)
{
	timer_cancel(m, m->acting, object, 0);
	emit_object(m, EV_OBJECT_DESTROY, m->acting, object, 0, 0, 0);
	struct w_object *o = object_row(m, object);
	INVARIANT(!o->wait_head && !o->slot_first && !o->deadline_row);
	if (o->type == OT_MUTANT && o->thread)
		mutant_disown(m, object);
	if (o->type == OT_FILE && o->part)
		open_gone(m, object);
	else if (o->type == OT_FILE)
		devfile_gone(m, object);
	if (o->type == OT_COMPLETION)
		port_gone(m, object);
	if (o->type == OT_ENUMERATOR)
		enumerator_gone(m, object);
	if (o->type == OT_LISTENER)
		listener_gone(m, object);
	object_name_drop(m, object);
	if (!o->detached)
		registry_remove(m, object);
	idmap_remove(m, object);
	stall_object_gone(m, object);
	uint32_t body = o->body_ga, thread = o->type == OT_THREAD ? o->thread : 0;
	bool pool = o->pool;
	ledger_end(m, object);
	memset(o, 0, sizeof *o);
	arena_give(&m->world, m->t_object, object);
	if (thread)
		thread_row_free(m, thread);
	if (pool)
		INVARIANT(pool_free(m, body - HEADER_ROOM, POOL_KERNEL));
}

/* Every change of references comes here: sums are checked, the ledger and the guest's header are kept true, the last one ends the object. */
static void changed(struct machine *m, uint32_t object, enum ledger_reason reason, int change, uint32_t what, uint32_t generation)
{
	const struct w_object *o = object_peek(m, object);
	uint32_t running = o->type == OT_THREAD ? thread_peek(m, o->thread)->running_ref : 0;
	INVARIANT(o->refs == o->handles + o->pointers + o->waiters + running);
	ledger_note(m, object, reason, change, what, generation);
	if (o->pool) {
		uint32_t header = o->body_ga - (uint32_t)sizeof(struct g_object_header);
		mem_put32(&m->mem, GA(header, g_object_header, pointer_count), o->refs);
		mem_put32(&m->mem, GA(header, g_object_header, handle_count), o->handles);
	}
	if (!o->refs)
		die(m, object);
}

/* @count: the part of refs that goes with @reason. */
static void ref(struct machine *m, uint32_t object, uint32_t *count, enum ledger_reason reason, uint32_t what, uint32_t generation)
{
	object_row(m, object)->refs++;
	++*count;
	changed(m, object, reason, 1, what, generation);
}

static void unref(struct machine *m, uint32_t object, uint32_t *count, enum ledger_reason reason, uint32_t what, uint32_t generation)
{
	struct w_object *o = object_row(m, object);
	INVARIANT(*count && o->refs);
	o->refs--;
	--*count;
	changed(m, object, reason, -1, what, generation);
}

void object_ref_pointer(struct machine *m, uint32_t object)
{
	ref(m, object, &object_row(m, object)->pointers, LEDGER_POINTER, 0, 0);
}

bool object_unref_pointer(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	uint32_t theirs = o->pointers - o->holds;
	if (!theirs || (!o->pool && theirs == 1 && !o->detached)) {
		ledger_surplus(m, object);
		emit_object(m, EV_OBJECT_SURPLUS, machine_current_thread(m), object, 0, 0, 0);
		return false; /* the last reference of an object in the title's memory is that memory's own */
	}
	unref(m, object, &o->pointers, LEDGER_POINTER, 0, 0);
	return true;
}

void object_hold(struct machine *m, uint32_t object)
{
	object_row(m, object)->holds++;
	ref(m, object, &object_row(m, object)->pointers, LEDGER_HOLD, 0, 0);
}

void object_hold_end(struct machine *m, uint32_t object)
{
	INVARIANT(object_row(m, object)->holds--);
	unref(m, object, &object_row(m, object)->pointers, LEDGER_HOLD, 0, 0);
}

void object_ref_handle(struct machine *m, uint32_t object, uint32_t handle, uint32_t generation)
{
	ref(m, object, &object_row(m, object)->handles, LEDGER_HANDLE, handle, generation);
}

void object_unref_handle(struct machine *m, uint32_t object, uint32_t handle, uint32_t generation)
{
	unref(m, object, &object_row(m, object)->handles, LEDGER_HANDLE, handle, generation);
}

void object_ref_waiter(struct machine *m, uint32_t object, uint32_t thread)
{
	ref(m, object, &object_row(m, object)->waiters, LEDGER_WAIT, thread_peek(m, thread)->tid, 0);
}

void object_unref_waiter(struct machine *m, uint32_t object, uint32_t thread)
{
	unref(m, object, &object_row(m, object)->waiters, LEDGER_WAIT, thread_peek(m, thread)->tid, 0);
}

void object_ref_running(struct machine *m, uint32_t object)
{
	struct w_thread *t = thread_row(m, object_peek(m, object)->thread);
	ref(m, object, &t->running_ref, LEDGER_RUNNING, t->tid, 0);
}

void object_unref_running(struct machine *m, uint32_t object)
{
	struct w_thread *t = thread_row(m, object_peek(m, object)->thread);
	unref(m, object, &t->running_ref, LEDGER_RUNNING, t->tid, 0);
}

/* ---- objects in the title's memory --------------------------------------------------------------------------------- */

/* The memory is no longer this object's. */
static void detach(struct machine *m, uint32_t object)
{
	struct w_object *o = object_row(m, object);
	INVARIANT(!o->pool);
	timer_cancel(m, m->acting, object, 0);
	registry_remove(m, object);
	o->detached = 1;
	if (o->type == OT_MUTANT && o->thread)
		mutant_disown(m, object);
	unref(m, object, &o->pointers, LEDGER_MEMORY, 0, 0);
}

static enum object_type type_of_byte(uint8_t byte)
{
	static const enum object_type lazy[] = { OT_EVENT_MANUAL, OT_EVENT_AUTO, OT_MUTANT, OT_SEMAPHORE,
		                              OT_TIMER_MANUAL, OT_TIMER_AUTO, OT_QUEUE };
	for (unsigned i = 0; i < ARRAY_LEN(lazy); i++)
		if (types[lazy[i]].dispatcher == byte)
			return lazy[i];
	return OT_NONE;
}

uint32_t object_at(struct machine *m, uint32_t thread, uint32_t ga, enum mem_result *why)
{
	struct g_dispatch_header h;
	*why = mem_peek(&m->mem, ga, &h, sizeof h);
	if (*why != MEM_OK)
		return 0;
	uint32_t object = object_by_ga(m, ga);
	if (object && (object_peek(m, object)->pool || types[object_peek(m, object)->type].dispatcher == h.type))
		return object;
	enum object_type type = type_of_byte(h.type);
	if (type == OT_NONE)
		return 0;
	if (object)
		detach(m, object);
	object = object_new_at(m, thread, type, ga, true);
	if (object)
		object_born(m, thread, object);
	return object;
}

uint32_t object_initialize(struct machine *m, uint32_t thread, enum object_type type, uint32_t ga)
{
	uint32_t old = object_by_ga(m, ga);
	if (old && object_peek(m, old)->pool)
		return 0;
	if (old)
		detach(m, old);
	return object_new_at(m, thread, type, ga, false);
}

/* ---- state ------------------------------------------------------------------------------------------------------------- */

int32_t object_signal_state(const struct machine *m, uint32_t row)
{
	be32 v;
	uint32_t ga = GA(object_peek(m, row)->body_ga, g_dispatch_header, signal_state);
	if (types[object_peek(m, row)->type].dispatcher == NO_DISPATCHER)
		return 1; /* a wait for it is over at once (facts: Signal / wait rules) */
	return mem_peek(&m->mem, ga, &v, sizeof v) == MEM_OK ? (int32_t)be32_get(v) : 0;
}

void object_put(struct machine *m, uint32_t ga, const void *bytes, uint32_t size)
{
	/* mem_write tells the watchpoints; a page that the title has protected since, or given back, is the title's affair. */
	if (mem_write(&m->mem, ga, bytes, size) != MEM_OK && mem_poke(&m->mem, ga, bytes, size) != MEM_OK)
		return;
}

void object_state_set(struct machine *m, uint32_t object, int32_t state)
{
	be32 v = be32_of((uint32_t)state);
	object_put(m, GA(object_peek(m, object)->body_ga, g_dispatch_header, signal_state), &v, sizeof v);
}
