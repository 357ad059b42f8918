/* src/mem/mem.h - the guest's 4 GiB: pages, protection, mirrors, MMIO, and every access to it.
 *
 * Map (facts: kernel semantics, "Memory map"):
 *   00000000-3FFFFFFF virtual, 4 KiB pages      40000000-7EFFFFFF virtual, 64 KiB pages (stacks 70000000-7EFFFFFF)
 *   7F000000-7FFFFFFF MMIO, but for its first 2 MiB (4 KiB pages): where the command processor writes back, where the cache is locked
 *   80000000-8FFFFFFF images, 64 KiB            90000000-9FFFFFFF the same bytes, 4 KiB
 *   A0000000-BFFFFFFF physical, 64 KiB          C0000000-DFFFFFFF physical, 16 MiB (same bytes)
 *   E0000000-FFCFFFFF physical + 1000, 4 KiB    FFD00000-FFFFFFFF nothing
 *
 * The whole space is reserved once; guest byte ga lies at base + ga, mirrors are the same memory mapped several times.
 * One attribute byte per 4 KiB page is tested by every access: no bit of the access's kind set = the fast path. The attribute byte
 * is derived (rebuilt by mem_rebuild_attributes after a restore) from the page table, a table of the world arena, and
 * from what the debugger and the code cache asked for. The host never takes a SIGSEGV on the guest's behalf.
 */
#ifndef SRC_MEM_MEM_H
#define SRC_MEM_MEM_H

#include "src/base/arena.h"
#include "src/base/base.h"

#define MEM_PAGE_SHIFT 12
#define MEM_PAGE (1u << MEM_PAGE_SHIFT)
#define MEM_PAGES (1u << (32 - MEM_PAGE_SHIFT))
#define MEM_PHYSICAL_BYTES 0x20000000u
#define MEM_FRAMES (MEM_PHYSICAL_BYTES >> MEM_PAGE_SHIFT)
#define MEM_HWTHREADS 6u
/* Memory that mem_find_free does not give out, 1 MiB each: the command processor's write-back window (kernel/gpu.h), and what KeLockL2 makes of the L2
 * cache (kernel/ke_cpu.c). Nothing is committed there at first. */
#define MEM_WRITEBACK 0x7F000000u
#define MEM_LOCKED_CACHE 0x7F100000u
#define MEM_LOCKED_CACHE_END 0x7F200000u

/* Attribute bits. */
#define MEM_NOREAD 0x01u      /* unmapped, unreadable, or MMIO */
#define MEM_NOWRITE 0x02u     /* unmapped, read-only, or MMIO */
#define MEM_NOEXEC 0x04u
#define MEM_CLEAN 0x08u       /* the next store notes the page as touched and dirty */
#define MEM_CODE 0x10u        /* decoded code lies here: a store drops it */
#define MEM_WATCH_R 0x20u     /* a read watchpoint lies on this page */
#define MEM_WATCH_W 0x40u     /* a write watchpoint lies on this page */
#define MEM_RESERVED 0x80u    /* a hardware thread that is not running holds a lwarx reservation on this page */
#define MEM_LOAD_SLOW (MEM_NOREAD | MEM_WATCH_R)
#define MEM_STORE_SLOW (MEM_NOWRITE | MEM_CLEAN | MEM_CODE | MEM_WATCH_W | MEM_RESERVED)

/* Protection of a page, as the guest's kernel gives it. */
#define MEM_PROT_R 1u
#define MEM_PROT_W 2u
#define MEM_PROT_X 4u

enum mem_page_state { MEM_FREE, MEM_RESERVED_ONLY, MEM_COMMITTED, MEM_MMIO };

/** Who owns a page and the physical frame behind it. OWNER(name) rows: the words of `info pframes`. */
#define MEM_OWNERS(OWNER) OWNER(none) OWNER(image) OWNER(stack) OWNER(heap) OWNER(physical) OWNER(cache) OWNER(kernel)
enum mem_owner {
#define OWNER(name) MEM_OWNER_##name,
	MEM_OWNERS(OWNER)
#undef OWNER
	MEM_OWNERS_COUNT
};

/** A row of the world table "page"; row number = page number + 1. Only canonical pages have rows (mem_page_at finds a mirror's). */
struct mem_page {
	uint32_t alloc_base;  /* ga of the allocation that this page belongs to; 0 = none (page 0 is never allocated) */
	uint32_t frame;       /* physical frame + 1, 0 = none */
	uint8_t state;        /* enum mem_page_state */
	uint8_t protect;      /* MEM_PROT_* */
	uint8_t owner;        /* enum mem_owner */
	uint8_t alloc_protect;/* MEM_PROT_* given at reservation */
};
ARENA_ROW_SIZE(mem_page, 12);

/** Every frame is free, reserved (by a physical window's reservation, not handed out), or owned by exactly one owner for one address. */
enum mem_frame_state { MEM_FRAME_FREE, MEM_FRAME_RESERVED, MEM_FRAME_OWNED };

/** A row of the world table "frame"; row number = frame number + 1. */
struct mem_frame {
	uint8_t state;        /* enum mem_frame_state */
	uint8_t owner;        /* enum mem_owner */
	uint16_t pad;
	uint32_t ga;          /* the address that it was reserved or allocated for; free: 0 */
};
ARENA_ROW_SIZE(mem_frame, 8);

/** The one row of the world table "mem". A reservation is the 128-byte line's address | 1, 0 = none. */
struct mem_world {
	uint32_t reservation[MEM_HWTHREADS];
	uint32_t frames_free;
	uint32_t frames_owned[8]; /* by enum mem_owner */
	uint32_t hw;          /* = mem.hw, so that a restored machine goes on with the same one */
	uint32_t frame_hint;  /* no frame below this one is free */
	uint32_t pad;
};
ARENA_ROW_SIZE(mem_world, 72);

#define MEM_ATTR_BEFORE MEM_PAGES /* bytes */

enum mem_result {
	MEM_OK,
	MEM_FAULT_UNMAPPED,   /* no page there */
	MEM_FAULT_PROTECTED,  /* a page that does not allow this */
	MEM_FAULT_MMIO,       /* device range, but no device, or an access that the device does not know */
};

/** A device: registered at set-up; its state lies in the world arena, @ctx finds it. Values are as the register says (u32). */
struct mem_device {
	uint32_t base, size;  /* ga, bytes */
	bool (*read)(void *ctx, uint32_t ga, unsigned size, uint64_t *value);
	bool (*write)(void *ctx, uint32_t ga, unsigned size, uint64_t value);
	void *ctx;
	const char *name;     /* static */
};

/** Called by the slow path; set by their owners, NULL = nobody. None may change guest state. */
struct mem_hooks {
	void (*code_stored)(void *ctx, uint32_t page);    /* a store, unmap or protection change hit a MEM_CODE page: called for the
	                                                     page and each of its mirrors, MEM_CODE being cleared on all of them already */
	void *code_ctx;
	void (*watched)(void *ctx, uint32_t ga, unsigned size, bool store); /* before the access takes place */
	void *watch_ctx;
	void (*frame_moved)(void *ctx, uint32_t frame, const struct mem_frame *before, const struct mem_frame *now);
	void *frame_ctx;
};

struct mem {
	uint8_t *base;        /* host address of guest byte 0 */
	uint8_t *attr;        /* MEM_PAGES attribute bytes; always base - MEM_ATTR_BEFORE: whoever has the one has the other */
	uint8_t *touched;     /* MEM_PAGES bytes: 1 = stored to since it was last zero-filled (else it is known to be zero); for mirrors: on
	                         the canonical page (A0000000+ for physical, 80000000+ for images) */
	uint8_t *dirty;       /* MEM_PAGES bytes: 1 = the canonical page's bytes may have changed since mem_clean() */
	uint32_t *dirty_page; /* numbers of those pages, in the order in which they became so */
	uint32_t dirty_pages; /* how many */
	struct arena *world;  /* borrowed */
	unsigned t_page, t_frame, t_mem; /* table numbers */
	uint32_t hw;          /* hardware thread whose slice is running: its stores do not end its own reservation */
	struct mem_hooks hooks;
	struct mem_device device[16];
	unsigned devices;
};

/** Reserves the space and lays out the tables in @world (borrowed). Everything is unmapped. */
MUST_CHECK enum status mem_init(struct mem *m, struct arena *world);
void mem_fini(struct mem *m);
/** Registers a device (set-up only). INVARIANT: room. The pages become MEM_MMIO. */
void mem_device_add(struct mem *m, const struct mem_device *d);

/* ---- accesses by the guest (CPU) ---------------------------------------------------------------------------- */

/** True if @size bytes at @ga can be read by plain host loads at base + ga. */
static inline bool mem_load_is_fast(const struct mem *m, uint32_t ga, unsigned size)
{
	return LIKELY(!(m->attr[ga >> MEM_PAGE_SHIFT] & MEM_LOAD_SLOW) && (ga & (MEM_PAGE - 1)) <= MEM_PAGE - size);
}
static inline bool mem_store_is_fast(const struct mem *m, uint32_t ga, unsigned size)
{
	return LIKELY(!(m->attr[ga >> MEM_PAGE_SHIFT] & MEM_STORE_SLOW) && (ga & (MEM_PAGE - 1)) <= MEM_PAGE - size);
}

/** Any access of 1..128 bytes, also across pages; bytes in guest order. All or nothing: on a fault no byte was
 * moved and @fault_ga (if any) is the first byte that failed. MMIO is possible for naturally aligned 1, 2, 4, 8 bytes. Wraps at 4 GiB. */
MUST_CHECK enum mem_result mem_load_slow(struct mem *m, uint32_t ga, unsigned size, void *bytes, uint32_t *fault_ga);
MUST_CHECK enum mem_result mem_store_slow(struct mem *m, uint32_t ga, unsigned size, const void *bytes, uint32_t *fault_ga);
/** An instruction fetch (4 bytes, aligned): MEM_OK or why not. */
MUST_CHECK enum mem_result mem_fetch(const struct mem *m, uint32_t ga, uint32_t *word);

/* Reservations: lwarx/ldarx take one, the same hardware thread's stwcx./stdcx. ends it, whatever its address. Beside that a reservation ends
 * when another hardware thread stores into its 128-byte line, and when its hardware thread switches to another thread. */
void mem_reserve(struct mem *m, uint32_t ga);
/** True if the running hardware thread's reservation covers @ga; ends the reservation. */
bool mem_reserve_take(struct mem *m, uint32_t ga);
/** Slice switch: @hw runs from now on; arms MEM_RESERVED on the pages of the others' reservations. */
void mem_hw_switch(struct mem *m, uint32_t hw);
/** Ends the reservation of @hw (thread switch). */
void mem_reserve_drop_slow(struct mem *m, uint32_t hw);
static inline void mem_reserve_drop(struct mem *m, uint32_t hw)
{
	const struct mem_world *w = arena_peek(m->world, m->t_mem, 1);
	if (UNLIKELY(w->reservation[hw % MEM_HWTHREADS]))
		mem_reserve_drop_slow(m, hw);
}

/* ---- accesses by the kernel and the debugger ------------------------------------------------------------------- */

/** Kernel access on the guest's behalf: like a guest access (protection counts). Any size. */
MUST_CHECK enum mem_result mem_read(struct mem *m, uint32_t ga, void *bytes, uint32_t size);
MUST_CHECK enum mem_result mem_write(struct mem *m, uint32_t ga, const void *bytes, uint32_t size);
/** Loader and debugger: protection does not count, MMIO is refused, watchpoints stay silent. MEM_OK or the fault. mem_peek changes nothing. */
MUST_CHECK enum mem_result mem_peek(const struct mem *m, uint32_t ga, void *bytes, uint32_t size);
MUST_CHECK enum mem_result mem_poke(struct mem *m, uint32_t ga, const void *bytes, uint32_t size);
/** A store by a device: protection does not count, watchpoints see it. MEM_OK or the fault: nothing has changed. */
MUST_CHECK enum mem_result mem_device_write(struct mem *m, uint32_t ga, const void *bytes, uint32_t size);
/** Big-endian shorthands for memory that the kernel itself owns: protection does not count, watchpoints stay silent. INVARIANT:
 * mapped. */
uint32_t mem_get32(const struct mem *m, uint32_t ga);
uint64_t mem_get64(const struct mem *m, uint32_t ga);
uint16_t mem_get16(const struct mem *m, uint32_t ga);
uint8_t mem_get8_slow(const struct mem *m, uint32_t ga);
static inline uint8_t mem_get8(const struct mem *m, uint32_t ga)
{
	return mem_load_is_fast(m, ga, 1) ? m->base[ga] : mem_get8_slow(m, ga);
}
void mem_put32(struct mem *m, uint32_t ga, uint32_t v);
void mem_put64(struct mem *m, uint32_t ga, uint64_t v);
void mem_put16(struct mem *m, uint32_t ga, uint16_t v);
void mem_put8_slow(struct mem *m, uint32_t ga, uint8_t v);
static inline void mem_put8(struct mem *m, uint32_t ga, uint8_t v)
{
	if (mem_store_is_fast(m, ga, 1))
		m->base[ga] = v;
	else
		mem_put8_slow(m, ga, v);
}
/** Those bytes themselves, to be read and written in place until the next call of anything here: @size at @ga, within a page. INVARIANT: mapped. */
void *mem_own_slow(struct mem *m, uint32_t ga, uint32_t size);
static inline void *mem_own(struct mem *m, uint32_t ga, uint32_t size)
{
	return mem_store_is_fast(m, ga, size) && mem_load_is_fast(m, ga, size) ? m->base + ga : mem_own_slow(m, ga, size);
}
/** Zeroes @size bytes that the kernel owns. */
void mem_zero(struct mem *m, uint32_t ga, uint32_t size);
/** Copies a NUL-ended guest string, at most @size - 1 bytes, always ended; false if it meets unmapped memory. */
bool mem_string(const struct mem *m, uint32_t ga, char *out, size_t size);

/* ---- pages -------------------------------------------------------------------------------------------------------- */

const struct mem_page *mem_page_at(const struct mem *m, uint32_t ga);
/** Bytes of the page size of the heap that @ga lies in (4 KiB, 64 KiB, 16 MiB), 0 for MMIO and nothing. */
uint32_t mem_heap_page_size(uint32_t ga);
/** Commits [ga, ga+size) (4 KiB-aligned; free or reserved pages), zero-filled, each page with a frame owned by @owner.
 * ST_NO_MEMORY: frames are out; ST_STATE: a page is committed already; ST_BAD_ADDRESS: not all in one heap. On failure nothing has
 * changed. @alloc_base is noted in pages that were free. In a physical window this is mem_commit_physical, with this @owner. */
MUST_CHECK enum status mem_commit(struct mem *m, uint32_t ga, uint32_t size, unsigned protect, enum mem_owner owner,
                                  uint32_t alloc_base);
/** Reserves without frames. ST_STATE: not all free. */
MUST_CHECK enum status mem_reserve_range(struct mem *m, uint32_t ga, uint32_t size, unsigned protect, uint32_t alloc_base);
/** Gives frames back; the bytes are zero from then on. @release false: committed pages become reserved. @release true: committed
 * and reserved pages become free. Other pages are skipped. */
void mem_release(struct mem *m, uint32_t ga, uint32_t size, bool release);
/** ST_STATE: a page is not committed; nothing has changed. */
MUST_CHECK enum status mem_protect(struct mem *m, uint32_t ga, uint32_t size, unsigned protect);
/** First free range of @size bytes, @align-aligned, inside [low, high); bottom-up or top-down. 0 = none. */
uint32_t mem_find_free(const struct mem *m, uint32_t low, uint32_t high, uint32_t size, uint32_t align, bool top_down);
/** Physical memory: commits frames [phys, phys+size) and maps them in the A0/C0/E0 windows alike. */
MUST_CHECK enum status mem_commit_physical(struct mem *m, uint32_t phys, uint32_t size, unsigned protect, uint32_t alloc_base);

/* ---- frames: virtual heaps, images, stacks and physical allocations all draw on this one inventory (src/mem/mem_frame.c) ---- */

#define MEM_FRAME_MAPS 3u     /* addresses that show one frame */
const struct mem_frame *mem_frame_at(const struct mem *m, uint32_t frame);
/** The frame behind @ga: that of its page, or, in a physical window, the one that would be shown there; false = there is none. */
bool mem_frame_behind(const struct mem *m, uint32_t ga, uint32_t *frame);
/** "free", ...; "heap", ...; static. */
const char *mem_frame_state_word(unsigned state);
const char *mem_owner_word(unsigned owner);
/** Frames reserved; those free and owned are counted in struct mem_world. */
uint32_t mem_frames_reserved(const struct mem *m);
/** The addresses at which an owned frame's bytes are seen; returns how many (0 if it is not owned). */
unsigned mem_frame_maps(const struct mem *m, uint32_t frame, uint32_t ga[MEM_FRAME_MAPS]);
/** Walks all frames and all pages and tells each fault: @frame is MEM_FRAMES where none is concerned. Any fault is our own bug. */
typedef void mem_frame_fault_fn(void *ctx, uint32_t frame, uint32_t ga, const char *what);
void mem_frames_check(const struct mem *m, mem_frame_fault_fn *found, void *ctx);

/** @ga's address on the canonical page of its mirror group (@ga itself if there is none); the offset into the page is kept. */
uint32_t mem_canonical(uint32_t ga);
/** Physical address behind @ga, or false. */
bool mem_physical(const struct mem *m, uint32_t ga, uint32_t *phys);

/* ---- debugger, code cache, snapshots ------------------------------------------------------------------------- */

/** Sets or clears MEM_CODE / MEM_WATCH_* on the page of @ga and all its mirrors. */
void mem_attr_set(struct mem *m, uint32_t ga, uint8_t bits);
void mem_attr_clear(struct mem *m, uint32_t ga, uint8_t bits);
/** Rebuilds all attribute bytes from the world's tables; MEM_CODE is gone (the code cache must be dropped), MEM_WATCH_* stay. */
void mem_rebuild_attributes(struct mem *m);
/** Forgets what is dirty. */
void mem_clean(struct mem *m);
/** Makes canonical page @page (a number) hold @bytes; NULL = zeros that take no host memory. For restores: tables, attributes, reservations and
 * decoded code are not looked at, and it counts as no store. */
void mem_page_put(struct mem *m, uint32_t page, const uint8_t *bytes);
/** Calls @fn for each canonical page that holds something other than zeros, in ascending order: so equal contents make equal
 * calls, whatever was stored in between. */
void mem_each_touched(const struct mem *m, void (*fn)(void *ctx, uint32_t ga, const uint8_t *bytes), void *ctx);

#endif
