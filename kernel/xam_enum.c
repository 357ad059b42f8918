/* kernel/xam_enum.c - see enumerator.h; XamEnumerate and the enumerators that belong to no other part. */
#include "config.h"

#include "kernel/args.h"
#include "kernel/emit.h"
#include "kernel/enumerator.h"
#include "kernel/handlers.h"
#include "kernel/object.h"
#include "kernel/overlapped.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/xam.h"
#include "kernel/xam_guest.h"
#include "kernel/xmsg.h"

#define ENUMERATORS_MAX (1u << 12)
#define PRIVATE_MAX 0x1000u /* the largest that is known is 0x248 (Xenia) */
#define ITEMS_FIRST 8u

void enumerators_layout(struct machine *m)
{
	m->t_enumerator = arena_table_add(&m->world, "enumerator", sizeof(struct w_enumerator), ENUMERATORS_MAX);
}

static struct w_enumerator *enumerator_mut(struct machine *m, uint32_t object)
{
	return arena_row(&m->world, m->t_enumerator, object_peek(m, object)->part);
}

uint32_t enumerator_new(struct machine *m, uint32_t thread, const struct enumerator_spec *spec)
{
	const struct g_kenumerator k = { be32_of(spec->app), be32_of(spec->open_message), be32_of(spec->close_message),
		be32_of(spec->user), be32_of(spec->per_call), be32_of(spec->flags) };
	uint32_t row = arena_take(&m->world, m->t_enumerator);
	uint32_t object = row ? object_new(m, thread, OT_ENUMERATOR, (uint32_t)sizeof k + spec->private_size) : 0;
	if (!object) {
		if (row)
			arena_give(&m->world, m->t_enumerator, row);
		return 0;
	}
	object_row(m, object)->part = row;
	object_hold(m, object); /* till enumerator_open */
	*enumerator_mut(m, object) = (struct w_enumerator){
		.object = object, .item_size = spec->item_size, .per_call = spec->per_call, .layout = spec->layout
	};
	object_put(m, object_peek(m, object)->body_ga, &k, sizeof k);
	return object;
}

/* Room for one item more. */
static bool grow(struct machine *m, struct w_enumerator *e)
{
	uint32_t bytes = e->item_size * (e->count ? e->count * 2 : ITEMS_FIRST);
	if (e->items_ga && pool_size(m, e->items_ga, POOL_KERNEL) >= (e->count + 1) * e->item_size)
		return true;
	uint32_t ga = pool_alloc(m, bytes, POOL_KERNEL);
	if (!ga)
		return false;
	for (uint32_t i = 0; i < e->count * e->item_size; i++)
		mem_put8(&m->mem, ga + i, mem_get8(&m->mem, e->items_ga + i));
	if (e->items_ga)
		pool_free(m, e->items_ga, POOL_KERNEL);
	e->items_ga = ga;
	return true;
}

bool enumerator_add(struct machine *m, uint32_t object, const void *item)
{
	struct w_enumerator *e = enumerator_mut(m, object);
	if (!grow(m, e))
		return false;
	object_put(m, e->items_ga + e->count++ * e->item_size, item, e->item_size);
	return true;
}

void enumerator_open(struct machine *m, struct call *c, uint32_t object, uint32_t out)
{
	arg_handle_out(m, c, object, out);
	object_hold_end(m, object);
	if ((uint32_t)c->result != NT_SUCCESS)
		call_return(c, ERROR_NO_SYSTEM_RESOURCES);
}

void enumerator_gone(struct machine *m, uint32_t object)
{
	uint32_t row = object_peek(m, object)->part;
	struct w_enumerator *e = enumerator_mut(m, object);
	if (e->items_ga)
		pool_free(m, e->items_ga, POOL_KERNEL);
	memset(e, 0, sizeof *e);
	arena_give(&m->world, m->t_enumerator, row);
}

/* ---- exports ------------------------------------------------------------------------------------------------------------------ */

/* Bytes that an item takes in the title's buffer. */
static uint32_t room_of(const struct w_enumerator *e)
{
	return e->layout == ENUMERATOR_DETAILS ? (uint32_t)sizeof(struct g_xachievement_details) : e->item_size;
}

/* How many items go out now; 0: *@error says why. DEBT(xam-guesses): a buffer that has no room for all of them gets what fits. */
static uint32_t batch(const struct w_enumerator *e, uint32_t buffer, uint32_t size, uint32_t *error)
{
	uint32_t n = e->count - e->next;
	if (n > e->per_call)
		n = e->per_call;
	*error = !buffer ? ERROR_INVALID_PARAMETER : n ? ERROR_SUCCESS : ERROR_NO_MORE_FILES;
	if (n && size / room_of(e) < n)
		n = size / room_of(e);
	if (*error == ERROR_SUCCESS && !n)
		*error = ERROR_INSUFFICIENT_BUFFER;
	return *error ? 0 : n;
}

/* @n items as they will lie at @buffer, details first, in a block of the pool; 0 = no room. */
static uint32_t arrange(struct machine *m, const struct w_enumerator *e, uint32_t buffer, uint32_t n)
{
	uint32_t block = pool_alloc(m, n * room_of(e), POOL_KERNEL), texts = n * (uint32_t)sizeof(struct g_xachievement_details);
	for (uint32_t i = 0; block && i < n; i++) {
		struct g_xachievement_item item;
		INVARIANT(mem_peek(&m->mem, e->items_ga + (e->next + i) * e->item_size, &item, sizeof item) == MEM_OK);
		be32 *const address[] = { &item.details.label, &item.details.description, &item.details.unachieved };
		uint32_t at = texts + i * (uint32_t)sizeof item.text;
		for (unsigned k = 0; k < ARRAY_LEN(address); k++)
			if (be32_get(*address[k]))
				*address[k] = be32_of(buffer + at + be32_get(*address[k]) - 1);
		object_put(m, block + i * (uint32_t)sizeof item.details, &item.details, sizeof item.details);
		if (e->layout == ENUMERATOR_DETAILS_AND_TEXTS)
			object_put(m, block + at, item.text, sizeof item.text);
	}
	return block;
}

/* (handle, flags, buffer, bytes, items *, XOVERLAPPED): the number of items is the length, or written to *items. (Xenia canary) */
void k_XamEnumerate(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_ENUMERATOR), NULL), error, block = 0;
	if (!object) {
		call_return(c, ERROR_INVALID_HANDLE);
		return;
	}
	struct w_enumerator *e = enumerator_mut(m, object);
	if (e->layout == ENUMERATOR_FOREIGN)
		emit_call(m, EV_STUB, c);
	uint32_t n = batch(e, arg32(c, 2), arg32(c, 3), &error), from = e->items_ga + e->next * e->item_size;
	if (n && e->layout >= ENUMERATOR_DETAILS)
		from = block = arrange(m, e, arg32(c, 2), n);
	if (n && !from) {
		call_return(c, ERROR_NO_SYSTEM_RESOURCES);
		return;
	}
	const be32 items = be32_of(n);
	struct overlapped_request r = { .ga = arg32(c, 5), .end = overlapped_failing(error, n), .ticks = OVERLAPPED_TICKS };
	if (e->layout == ENUMERATOR_OFFLINE)
		r.end = (struct overlapped_end){ ERROR_FUNCTION_FAILED, ERROR_FUNCTION_FAILED, XMSG_NOT_LOGGED_ON, 0 };
	r.out[0] = (struct overlapped_out){ arg32(c, 2), n * room_of(e), NULL, from };
	if (!r.ga)
		r.out[1] = (struct overlapped_out){ arg32(c, 4), sizeof items, &items, 0 };
	overlapped_begin(m, c, &r);
	if (!c->faulted)
		e->next += n;
	if (block)
		pool_free(m, block, POOL_KERNEL);
}

/* (user, app, message that opens, message that closes, bytes of the private structure, items at a time, flags, handle *): what the app would
 * list is not known, and so it is empty; XamEnumerate says that it is a stub. (Xenia canary) */
void k_XamCreateEnumeratorHandle(struct machine *m, struct call *c)
{
	const struct enumerator_spec spec = { .user = arg32(c, 0),
		.app = arg32(c, 1),
		.open_message = arg32(c, 2),
		.close_message = arg32(c, 3),
		.private_size = arg32(c, 4),
		.item_size = arg32(c, 4) ? arg32(c, 4) : 1,
		.per_call = arg32(c, 5),
		.flags = arg32(c, 6),
		.layout = ENUMERATOR_FOREIGN };
	if (spec.private_size > PRIVATE_MAX || !arg32(c, 7)) {
		call_return(c, ERROR_INVALID_PARAMETER);
		return;
	}
	uint32_t object = enumerator_new(m, c->thread, &spec);
	if (object)
		enumerator_open(m, c, object, arg32(c, 7));
	else
		call_return(c, ERROR_NO_SYSTEM_RESOURCES);
}

/* A pointer reference: ObDereferenceObject drops it. (Xenia canary) */
void k_XamGetPrivateEnumStructureFromHandle(struct machine *m, struct call *c)
{
	uint32_t object = arg_by_handle(m, c, arg32(c, 0), OT_BIT(OT_ENUMERATOR), NULL);
	if (!object) {
		call_return(c, NT_INVALID_HANDLE);
		return;
	}
	if (arg32(c, 1) && !probe_bytes(m, c, arg32(c, 1), 4, true))
		return;
	object_ref_pointer(m, object);
	out32(m, c, arg32(c, 1), object_peek(m, object)->body_ga);
}
