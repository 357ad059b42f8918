/* src/mem/mem_access.c - every access that is not one plain host load or store: slow paths, MMIO, reservations, the kernel's and
 * the debugger's doors. */
#include "config.h"

#include "src/mem/mem.h"

#include "src/mem/mem_priv.h"

#define LINE_BYTES 128u           /* reservation granule of the Xenon */

static uint32_t line_of(uint32_t ga)
{
	return (mem_canonical(ga) & ~(LINE_BYTES - 1)) | 1u;
}

/* ---- checks -------------------------------------------------------------------------------------------------------- */

/* Looks at every page of [ga, ga+size) for an attribute bit that refuses the access; the range may wrap at 4 GiB. */
static enum mem_result check(const struct mem *m, uint32_t ga, uint32_t size, uint8_t refuse, uint32_t *fault_ga)
{
	while (size) {
		uint32_t n = page_part(ga, size);
		if (m->attr[page_of(ga)] & refuse) {
			if (fault_ga)
				*fault_ga = ga;
			return page_refusal(m, page_of(ga));
		}
		ga += n;
		size -= n;
	}
	return MEM_OK;
}

/* The same where protection does not count: every page must be committed. */
static enum mem_result check_mapped(const struct mem *m, uint32_t ga, uint32_t size)
{
	while (size) {
		uint32_t n = page_part(ga, size), page = page_of(ga);
		if (page >= MEM_TOP || page_peek(m, page_canonical(page))->state != MEM_COMMITTED)
			return page_refusal(m, page);
		ga += n;
		size -= n;
	}
	return MEM_OK;
}

static void watch(struct mem *m, uint32_t ga, uint32_t size, bool store)
{
	uint8_t bit = store ? MEM_WATCH_W : MEM_WATCH_R, seen = 0;
	for (uint32_t at = ga, left = size; left;) {
		uint32_t n = page_part(at, left);
		seen |= m->attr[page_of(at)];
		at += n;
		left -= n;
	}
	if ((seen & bit) && m->hooks.watched)
		m->hooks.watched(m->hooks.watch_ctx, ga, size, store);
}

/* ---- devices --------------------------------------------------------------------------------------------------------- */

static bool mmio_shape(uint32_t ga, uint32_t size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) && (ga & (size - 1)) == 0;
}

static const struct mem_device *device_at(const struct mem *m, uint32_t ga, uint32_t size)
{
	for (unsigned i = 0; i < m->devices; i++) {
		const struct mem_device *d = &m->device[i];
		if (ga >= d->base && ga - d->base < d->size && size <= d->size - (ga - d->base))
			return d;
	}
	return NULL;
}

static enum mem_result mmio_load(struct mem *m, uint32_t ga, uint32_t size, uint8_t *bytes)
{
	const struct mem_device *d = mmio_shape(ga, size) ? device_at(m, ga, size) : NULL;
	uint64_t value = 0;
	if (!d)
		return MEM_FAULT_MMIO;
	watch(m, ga, size, false);
	if (!d->read || !d->read(d->ctx, ga, size, &value))
		return MEM_FAULT_MMIO;
	for (uint32_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
	return MEM_OK;
}

static enum mem_result mmio_store(struct mem *m, uint32_t ga, uint32_t size, const uint8_t *bytes)
{
	const struct mem_device *d = mmio_shape(ga, size) ? device_at(m, ga, size) : NULL;
	uint64_t value = 0;
	if (!d)
		return MEM_FAULT_MMIO;
	watch(m, ga, size, true);
	for (uint32_t i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return d->write && d->write(d->ctx, ga, size, value) ? MEM_OK : MEM_FAULT_MMIO;
}

void mem_device_add(struct mem *m, const struct mem_device *d)
{
	INVARIANT(m->devices < ARRAY_LEN(m->device) && d->size && !(d->base & (MEM_PAGE - 1)) && !(d->size & (MEM_PAGE - 1)));
	for (uint32_t p = page_of(d->base); p < page_of(d->base) + page_of(d->size); p++) {
		struct mem_page *row = arena_row(m->world, m->t_page, p + 1);
		INVARIANT(page_canonical(p) == p && row->state == MEM_FREE);
		arena_cover(m->world, m->t_page, p + 1);
		row->state = MEM_MMIO;
	}
	m->device[m->devices++] = *d;
}

/* ---- moving bytes ------------------------------------------------------------------------------------------------------ */

static void copy_out(const struct mem *m, uint32_t ga, uint32_t size, uint8_t *bytes)
{
	while (size) {
		uint32_t n = page_part(ga, size);
		memcpy(bytes, m->base + ga, n);
		bytes += n;
		ga += n;
		size -= n;
	}
}

static void copy_in(struct mem *m, uint32_t ga, uint32_t size, const uint8_t *bytes)
{
	while (size) {
		uint32_t n = page_part(ga, size);
		page_note_store(m, ga, n);
		memcpy(m->base + ga, bytes, n);
		bytes += n;
		ga += n;
		size -= n;
	}
}

static enum mem_result load(struct mem *m, uint32_t ga, uint32_t size, void *bytes, uint32_t *fault_ga)
{
	uint32_t at = ga;
	enum mem_result r = check(m, ga, size, MEM_NOREAD, &at);
	if (r == MEM_FAULT_MMIO && at == ga)
		r = mmio_load(m, ga, size, bytes);
	else if (r == MEM_OK) {
		watch(m, ga, size, false);
		copy_out(m, ga, size, bytes);
	}
	if (r != MEM_OK && fault_ga)
		*fault_ga = at;
	return r;
}

static enum mem_result store(struct mem *m, uint32_t ga, uint32_t size, const void *bytes, uint32_t *fault_ga)
{
	uint32_t at = ga;
	enum mem_result r = check(m, ga, size, MEM_NOWRITE, &at);
	if (r == MEM_FAULT_MMIO && at == ga)
		r = mmio_store(m, ga, size, bytes);
	else if (r == MEM_OK) {
		watch(m, ga, size, true);
		copy_in(m, ga, size, bytes);
	}
	if (r != MEM_OK && fault_ga)
		*fault_ga = at;
	return r;
}

enum mem_result mem_load_slow(struct mem *m, uint32_t ga, unsigned size, void *bytes, uint32_t *fault_ga)
{
	return load(m, ga, size, bytes, fault_ga);
}

enum mem_result mem_store_slow(struct mem *m, uint32_t ga, unsigned size, const void *bytes, uint32_t *fault_ga)
{
	return store(m, ga, size, bytes, fault_ga);
}

enum mem_result mem_read(struct mem *m, uint32_t ga, void *bytes, uint32_t size)
{
	return load(m, ga, size, bytes, NULL);
}

enum mem_result mem_write(struct mem *m, uint32_t ga, const void *bytes, uint32_t size)
{
	return store(m, ga, size, bytes, NULL);
}

enum mem_result mem_fetch(const struct mem *m, uint32_t ga, uint32_t *word)
{
	if (UNLIKELY(m->attr[page_of(ga)] & MEM_NOEXEC))
		return page_refusal(m, page_of(ga));
	*word = load_be32(m->base + (ga & ~3u));
	return MEM_OK;
}

enum mem_result mem_peek(const struct mem *m, uint32_t ga, void *bytes, uint32_t size)
{
	enum mem_result r = check_mapped(m, ga, size);
	if (r == MEM_OK)
		copy_out(m, ga, size, bytes);
	return r;
}

enum mem_result mem_poke(struct mem *m, uint32_t ga, const void *bytes, uint32_t size)
{
	enum mem_result r = check_mapped(m, ga, size);
	if (r == MEM_OK)
		copy_in(m, ga, size, bytes);
	return r;
}

/* No hardware thread stores here: the running one's reservation ends as the others' do. */
enum mem_result mem_device_write(struct mem *m, uint32_t ga, const void *bytes, uint32_t size)
{
	enum mem_result r = check_mapped(m, ga, size);
	if (r != MEM_OK)
		return r;
	uint32_t held = world_peek(m)->reservation[m->hw];
	if (held && held >= line_of(ga) && held <= line_of(ga + size - 1))
		mem_reserve_drop(m, m->hw);
	watch(m, ga, size, true);
	copy_in(m, ga, size, bytes);
	return MEM_OK;
}

/* ---- the kernel's shorthands ---------------------------------------------------------------------------------------------- */

static void get(const struct mem *m, uint32_t ga, void *bytes, uint32_t size)
{
	if (LIKELY(!(m->attr[page_of(ga)] & MEM_NOREAD) && page_part(ga, size) == size))
		memcpy(bytes, m->base + ga, size);
	else
		INVARIANT(mem_peek(m, ga, bytes, size) == MEM_OK);
}

static void put(struct mem *m, uint32_t ga, const void *bytes, uint32_t size)
{
	if (LIKELY(!(m->attr[page_of(ga)] & MEM_STORE_SLOW) && page_part(ga, size) == size))
		memcpy(m->base + ga, bytes, size);
	else
		INVARIANT(mem_poke(m, ga, bytes, size) == MEM_OK);
}

uint8_t mem_get8_slow(const struct mem *m, uint32_t ga)
{
	uint8_t v;
	get(m, ga, &v, sizeof v);
	return v;
}

uint16_t mem_get16(const struct mem *m, uint32_t ga)
{
	be16 v;
	get(m, ga, &v, sizeof v);
	return be16_get(v);
}

uint32_t mem_get32(const struct mem *m, uint32_t ga)
{
	be32 v;
	get(m, ga, &v, sizeof v);
	return be32_get(v);
}

uint64_t mem_get64(const struct mem *m, uint32_t ga)
{
	be64 v;
	get(m, ga, &v, sizeof v);
	return be64_get(v);
}

void mem_put8_slow(struct mem *m, uint32_t ga, uint8_t v)
{
	put(m, ga, &v, sizeof v);
}

void mem_put16(struct mem *m, uint32_t ga, uint16_t v)
{
	be16 b = be16_of(v);
	put(m, ga, &b, sizeof b);
}

void mem_put32(struct mem *m, uint32_t ga, uint32_t v)
{
	be32 b = be32_of(v);
	put(m, ga, &b, sizeof b);
}

void mem_put64(struct mem *m, uint32_t ga, uint64_t v)
{
	be64 b = be64_of(v);
	put(m, ga, &b, sizeof b);
}

void *mem_own_slow(struct mem *m, uint32_t ga, uint32_t size)
{
	uint8_t bytes[MEM_PAGE];
	INVARIANT(page_part(ga, size) == size && mem_peek(m, ga, bytes, size) == MEM_OK && mem_poke(m, ga, bytes, size) == MEM_OK);
	return m->base + ga;
}

void mem_zero(struct mem *m, uint32_t ga, uint32_t size)
{
	INVARIANT(check_mapped(m, ga, size) == MEM_OK);
	while (size) {
		uint32_t n = page_part(ga, size);
		if (m->touched[page_canonical(page_of(ga))]) {
			page_note_store(m, ga, n);
			memset(m->base + ga, 0, n);
		}
		ga += n;
		size -= n;
	}
}

bool mem_string(const struct mem *m, uint32_t ga, char *out, size_t size)
{
	for (size_t i = 0; i + 1 < size; i++, ga++) {
		if (mem_peek(m, ga, &out[i], 1) != MEM_OK) {
			out[i] = 0;
			return false;
		}
		if (!out[i])
			return true;
	}
	if (size)
		out[size - 1] = 0;
	return true;
}

/* ---- reservations ------------------------------------------------------------------------------------------------------------ */

static uint32_t reservation_page(uint32_t reservation)
{
	return page_of(reservation);
}

/* MEM_RESERVED on @page exactly if a hardware thread other than the running one holds a line of it. */
static void arm_page(struct mem *m, uint32_t page)
{
	const struct mem_world *w = world_peek(m);
	bool held = false;
	for (uint32_t hw = 0; hw < MEM_HWTHREADS; hw++)
		held |= hw != m->hw && w->reservation[hw] && reservation_page(w->reservation[hw]) == page;
	if (held)
		mem_attr_set(m, page << MEM_PAGE_SHIFT, MEM_RESERVED);
	else
		mem_attr_clear(m, page << MEM_PAGE_SHIFT, MEM_RESERVED);
}

void reservations_arm(struct mem *m)
{
	for (uint32_t hw = 0; hw < MEM_HWTHREADS; hw++) {
		uint32_t r = world_peek(m)->reservation[hw];
		if (r)
			arm_page(m, reservation_page(r));
	}
}

void reservations_end(struct mem *m, uint32_t ga, uint32_t size)
{
	uint32_t first = line_of(ga), last = line_of(ga + size - 1);
	struct mem_world *w = world_row(m);
	for (uint32_t hw = 0; hw < MEM_HWTHREADS; hw++) {
		if (hw != m->hw && w->reservation[hw] >= first && w->reservation[hw] <= last)
			w->reservation[hw] = 0;
	}
	arm_page(m, reservation_page(first));
}

void mem_reserve(struct mem *m, uint32_t ga)
{
	world_row(m)->reservation[m->hw] = line_of(ga);
}

bool mem_reserve_take(struct mem *m, uint32_t ga)
{
	if (!world_peek(m)->reservation[m->hw])
		return false;
	uint32_t *r = &world_row(m)->reservation[m->hw];
	bool covered = *r == line_of(ga);
	*r = 0;
	return covered;
}

void mem_hw_switch(struct mem *m, uint32_t hw)
{
	INVARIANT(hw < MEM_HWTHREADS);
	struct mem_world *w = world_row(m);
	uint32_t left = w->reservation[m->hw], entered = w->reservation[hw];
	m->hw = hw;
	w->hw = hw;
	if (left)
		arm_page(m, reservation_page(left));
	if (entered)
		arm_page(m, reservation_page(entered));
}

void mem_reserve_drop_slow(struct mem *m, uint32_t hw)
{
	INVARIANT(hw < MEM_HWTHREADS);
	uint32_t r = world_peek(m)->reservation[hw];
	if (!r)
		return;
	world_row(m)->reservation[hw] = 0;
	arm_page(m, reservation_page(r));
}
