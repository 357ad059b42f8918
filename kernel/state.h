/* kernel/state.h - the rows of the world arena that the kernel owns. Readable by ui/inspect; written only by kernel/.
 *
 * References are row numbers (0 = none) of the table that the comment names. Guest addresses are called ga or end in _ga.
 * Fixed-width fields only, no padding: the digest reads the bytes.
 */
#ifndef KERNEL_STATE_H
#define KERNEL_STATE_H

#include "src/base/arena.h"
#include "src/base/base.h"

#define HW_THREADS 6u
#define PRIORITIES 32u

/** How handles are numbered, and which number is given out again. HANDLE_POLICY(id, "word", first handle, first host handle)
 * Host handles name what the machine made for itself; they are never recycled (facts: Handle spaces; F0000000-F7FFFFFF is wedge's own).
 *   fifo    the number closed longest ago      bump    never again
 *   lifo    the one closed last: the console   canary  the lowest closed one: Xenia canary, slots from 1 */
#define HANDLE_POLICIES(HANDLE_POLICY) \
	HANDLE_POLICY(FIFO, "fifo", 0x00001000, 0xF0000000) HANDLE_POLICY(BUMP, "bump", 0x00001000, 0xF0000000) \
	HANDLE_POLICY(LIFO, "lifo", 0xF8000000, 0xF0000000) HANDLE_POLICY(CANARY, "canary", 0xF8000004, 0x01000004)
enum handle_policy {
#define HANDLE_POLICY(id, word, base, host) HANDLES_##id,
	HANDLE_POLICIES(HANDLE_POLICY)
#undef HANDLE_POLICY
	HANDLE_POLICY_COUNT
};

/** Object types. OBJECT_TYPE(id, "name", dispatcher type byte; 0xff: it has no dispatcher header, and counts as signalled) */
#define OBJECT_TYPES(OBJECT_TYPE) \
	OBJECT_TYPE(NONE, "None", 0xff) \
	OBJECT_TYPE(EVENT_MANUAL, "Event/Man", 0) \
	OBJECT_TYPE(EVENT_AUTO, "Event/Auto", 1) \
	OBJECT_TYPE(MUTANT, "Mutant", 2) \
	OBJECT_TYPE(SEMAPHORE, "Semaphore", 5) \
	OBJECT_TYPE(THREAD, "Thread", 6) \
	OBJECT_TYPE(TIMER_MANUAL, "Timer/Man", 8) \
	OBJECT_TYPE(TIMER_AUTO, "Timer/Auto", 9) \
	OBJECT_TYPE(CRITSEC, "CritSec", 1) \
	OBJECT_TYPE(FILE, "File", 0) \
	OBJECT_TYPE(LISTENER, "Listener", 0) \
	OBJECT_TYPE(COMPLETION, "IoCompletion", 4) \
	OBJECT_TYPE(ENUMERATOR, "Enumerator", 0xff) \
	OBJECT_TYPE(QUEUE, "Queue", 4) \
	OBJECT_TYPE(RWLOCK_EXCL, "RwLock/Excl", 1) \
	OBJECT_TYPE(RWLOCK_SHARED, "RwLock/Shared", 5) \
	OBJECT_TYPE(SYMLINK, "SymbolicLink", 0xff) \
	OBJECT_TYPE(DEVICE, "Device", 0xff)
enum object_type {
#define OBJECT_TYPE(id, name, dispatcher) OT_##id,
	OBJECT_TYPES(OBJECT_TYPE)
#undef OBJECT_TYPE
	OT_COUNT
};

/** thread.state, the console's numbers (facts: Threads). */
enum thread_state { TS_INIT, TS_READY, TS_RUNNING, TS_STANDBY, TS_TERMINATED, TS_WAITING };

/** What a parked thread does when it runs again: table in kernel/cont.def, one function each. */
enum cont_kind {
#define CONT(id, text) CONT_##id,
#include "kernel/cont.def"
#undef CONT
};

/** The machine's one row: clock, round, counters. Table "machine". */
/** Parts of the L2 cache that can be locked. Titles number them 0 and 1. */
#define L2_LOCKS 2u

struct w_machine {
	uint64_t cycle;           /* at the begin of the present round */
	uint64_t instr;           /* executed so far, all threads together */
	uint64_t boot_time;       /* FILETIME at cycle 0 */
	uint64_t timer_seq;       /* counts deadlines: ties are served in order of creation */
	uint64_t rng;             /* --seed: state of the perturbation; 0 = none */
	uint32_t quantum, cpi;    /* options, fixed at start */
	uint32_t round_hw;        /* position in the round of the slice that is due; without --seed the hardware thread's number */
	uint32_t round_order;     /* nibble i = hardware thread at position i */
	uint32_t round_begun;     /* 1 = the round's deadlines have been looked at and its order drawn */
	uint32_t slice_used;      /* instructions it has used of it */
	uint32_t slice_budget;    /* 0 = slice not begun; else its size (seed perturbs it) */
	uint32_t slice_thread;    /* thread row that ran when the slice was left, 0 = none */
	uint32_t next_tid;        /* counts up from 1, never reused */
	uint32_t next_object;     /* object ids count up from 1, never reused */
	uint32_t process_ga;      /* KPROCESS of the title */
	uint32_t trap_ga;         /* trap page: where guest code called by the kernel returns to */
	uint32_t timestamp_ga;    /* KeTimeStampBundle */
	uint32_t exe_module_ga;   /* LDR entry of the title */
	uint32_t tls_ga, tls_raw_size, tls_size, tls_slots; /* the title's static TLS */
	uint32_t stack_size;      /* default */
	uint32_t threads_alive;   /* threads not terminated */
	uint32_t ended;           /* 1 = the title has ended, 2 = it has bugchecked; nothing runs any more */
	uint32_t exit_status;     /* or the bugcheck's code */
	uint32_t image_base, image_size;
	uint32_t main_thread;     /* thread row */
	uint32_t timestamp_ms;    /* tick count last written to KeTimeStampBundle */
	uint32_t only_thread;     /* thread row: the user holds all others; 0 = all run */
	uint32_t stubs_go_on;     /* 1 = a call of an export that is not built returns stub_value; 0 = it stops the run */
	uint64_t stub_value;
	uint32_t cache_locked[L2_LOCKS]; /* where in the locked cache's window the part of this number lies, 0 = nowhere (kernel/ke_cpu.c) */
};
ARENA_ROW_SIZE(w_machine, 168);

/** A hardware thread; table "hw", rows 1-6 = hw 0-5. */
struct w_hw {
	uint32_t current;         /* thread row running on it, 0 = idle */
	uint32_t kpcr_ga;
	uint32_t ready_bitmap;    /* bit p = a thread of priority p is ready */
	uint32_t ready_head[PRIORITIES], ready_tail[PRIORITIES]; /* thread rows */
	uint32_t dpc_first, dpc_last; /* dpc rows: its queue */
	uint32_t dpc_thread;      /* the thread row, of no thread, in which its DPCs run; 0 = none has run yet */
	uint32_t dpc_active;      /* ga of the KDPC whose routine runs, of an interrupt's routine; 0 = none */
	uint32_t dpc_interrupt;   /* 1 = it is an interrupt's */
};
ARENA_ROW_SIZE(w_hw, 288);

#define WAIT_OBJECTS_MAX 64u
#define DEADLINE_NEVER UINT64_MAX

/** A guest thread; table "thread"; the same row of table "context" holds its registers. */
struct w_thread {
	uint64_t key;             /* "tk" of design "Event log" */
	uint64_t deadline;        /* of the present wait, ticks; DEADLINE_NEVER */
	uint64_t wait_since;      /* cycle at which the present wait began */
	uint64_t cont_arg[4];     /* of the continuation */
	uint64_t result;          /* what the present call will put into r3 */
	uint32_t tid;
	uint32_t object;          /* object row */
	uint32_t kthread_ga;
	uint32_t stack_base, stack_limit; /* ga: high end, low end */
	uint32_t stack_alloc, stack_alloc_size; /* ga of the whole allocation with its guards, bytes */
	uint32_t tls_ga, tls_bytes;       /* block with static data and slots */
	uint32_t start_ga, start_arg, startup_ga; /* ExCreateThread's */
	uint32_t created_threads, created_handles, created_objects; /* n, i, j of the stable ids */
	uint32_t ready_next, ready_prev;  /* thread rows, on a ready list */
	uint32_t wait_first;      /* wait row: this thread's first block; 0 = not on an object */
	uint32_t wait_count;
	uint32_t deadline_row;    /* its row in "deadline", 0 = none */
	uint32_t export_row;      /* export being executed, row + 1; 0 = none */
	uint32_t exit_status;
	uint32_t owned_first;     /* object row: first mutant that it owns */
	uint32_t creation_flags;
	uint32_t parent_tid;
	uint8_t state;            /* enum thread_state */
	uint8_t hw;               /* 0-5 */
	uint8_t priority, base_priority;
	uint8_t suspend_count;
	uint8_t wait_all;         /* 1 = WaitAll */
	uint8_t alertable, wait_mode;
	uint8_t cont;             /* enum cont_kind */
	uint8_t started;          /* has run its first instruction */
	uint8_t in_call;          /* a handler has begun and not returned to the guest */
	uint8_t wait_reason;
	int32_t quantum;          /* NT quantum left */
	char name[32];            /* "" until given */
	uint8_t priority_decrement, saturation;
	uint8_t parked;           /* 1 = in a wait or delay that is not over */
	uint8_t spinning;         /* 1 = the present call is a spin on a taken lock; its events have been emitted */
	uint32_t running_ref;     /* 1 = the reference that a running thread has on its own object */
	uint32_t apc_first[2], apc_last[2]; /* apc rows: kernel, user */
	uint32_t apc_frame;       /* apc.frame row: the innermost APC that it executes, 0 = none */
	uint8_t apc_user;         /* 1 = its user APCs are delivered before the present call returns */
	uint8_t wait_held;        /* 1 = its wait is interrupted by a kernel APC: the blocks are in no queue till it goes on */
	uint8_t host;             /* 1 = the machine's own: it keeps no title running */
	uint8_t pad;
	uint32_t timer_first;     /* object row: first timer whose APC comes to it */
};
ARENA_ROW_SIZE(w_thread, 248);

/** A kernel object; table "object". The dispatcher state itself (signal_state, owner, recursion) lies in guest memory at @body_ga: the
 * kernel reads and writes it there, so that guest code that looks at it, or changes it, is right. */
struct w_object {
	uint64_t osid;
	uint64_t creator_key;
	uint32_t id;              /* @id */
	uint32_t body_ga;         /* dispatcher header */
	uint32_t refs;            /* handles + pointers + waiters + 1 while a thread runs */
	uint32_t handles;         /* live slots */
	uint32_t pointers;        /* pointer references; guest memory's hold on a dispatcher object that lies in it is one */
	uint32_t slot_first, slot_last;   /* slot rows, oldest first: the first one is canonical */
	uint32_t wait_head, wait_tail;    /* wait rows, longest-waiting first */
	uint32_t waiters;
	uint32_t thread;          /* thread row: OT_THREAD: itself; OT_MUTANT: owner; OT_TIMER_*: its APC comes to it */
	uint32_t owned_next, owned_prev;  /* object rows: mutants, timers of one thread */
	uint32_t hash_next;       /* object row: registry by guest address */
	uint32_t deadline_row;    /* armed timer */
	uint32_t creator_tid;
	uint32_t name_row;        /* table "name", 0 = unnamed */
	uint32_t id_next;         /* object row: registry by id */
	uint8_t type;             /* enum object_type */
	uint8_t pool;             /* 1 = the kernel allocated the body */
	uint8_t ghost;            /* 1 = found in guest memory: nobody was seen to create it */
	uint8_t detached;         /* 1 = its guest memory was initialised again while somebody waited on it: nothing can signal it */
	uint32_t part;            /* row of its type's own table: OT_FILE "open", OT_COMPLETION "port", OT_ENUMERATOR "enumerator" */
	uint32_t holds;           /* of the pointers, those of the kernel itself: no call of the title's gives them back */
	uint32_t pad;
};
ARENA_ROW_SIZE(w_object, 104);

enum slot_state { SLOT_NEVER, SLOT_OPEN, SLOT_CLOSED };

#define SLOTS_HOST 127u              /* slot rows 1-127: host handles, row = (handle - first host) / 4 + 1 */
#define SLOTS_MAX (1u << 22)         /* from 128 on: the title's, row = (handle - first) / 4 + 128 */

/** An entry of the handle table; table "slot". */
struct w_slot {
	uint64_t sid;             /* of this life */
	uint32_t object;          /* object row */
	uint32_t generation;      /* how often filled */
	uint32_t handle;
	uint32_t next, prev;      /* slot rows of the same object, oldest first */
	uint32_t free_next;       /* slot row: fifo's queue, lifo's stack */
	uint32_t creator_tid;
	uint8_t state;            /* enum slot_state */
	uint8_t pad[3];
};
ARENA_ROW_SIZE(w_slot, 40);

/** The handle table's own state; table "handles", one row. */
struct w_handles {
	uint32_t next_row;        /* next slot row never used */
	uint32_t next_host;       /* the same of host handles */
	uint32_t free_head, free_tail; /* slot rows; fifo, lifo: closed numbers in the order in which they go out again */
	uint32_t open;
	uint32_t policy;          /* enum handle_policy */
};
ARENA_ROW_SIZE(w_handles, 24);

/** A word of canary's map of closed slots; table "slot.free": a tree of bits, kernel/freemap.h. */
struct w_free_word {
	uint64_t bits;
};
ARENA_ROW_SIZE(w_free_word, 8);

#define AUDIO_CLIENTS 8u

/** A client of the audio driver; table "audio", row = its number + 1. (facts: Guest interrupts) */
struct w_audio {
	uint32_t callback;        /* 0 = the row is free, or its worker has yet to end */
	uint32_t cell_ga;         /* the word that holds the callback's argument */
	uint32_t thread;          /* thread row of its worker; 0 = none */
	uint32_t object;          /* object row: the semaphore that the worker parks on, one count for each frame that may be made */
	uint32_t slot;            /* slot row of its host handle */
	uint32_t queued;          /* frames that have been made and not played */
	uint64_t frame;           /* number, counted from cycle 0, of the next frame's time */
};
ARENA_ROW_SIZE(w_audio, 32);

#define XMA_CONTEXTS 320u
#define XMA_WORDS (XMA_CONTEXTS / 32)

/** The XMA decoder; table "xma", one row. Bit n is context n. (kernel/xma.h) */
struct w_xma {
	uint32_t taken[XMA_WORDS];
	uint32_t works[XMA_WORDS];   /* kicked, and not done */
	uint32_t told[XMA_WORDS];    /* kicked by a register, and nobody has been told yet */
	uint32_t stopped[XMA_WORDS]; /* the same of locks */
	uint32_t tell;            /* 1 = one of those bits is set */
	uint32_t mapped;          /* 1 = the contexts' memory is there */
	uint32_t busy, turn;      /* 1 = a frame of context @turn is being done; the one that had its turn last */
	uint32_t current;         /* the register's */
	uint32_t pad;
};
ARENA_ROW_SIZE(w_xma, 184);

/** What the decoder keeps of a context beside its memory; table "xma.context", row = its number + 1. */
struct w_xma_context {
	uint32_t blocks;          /* of the frame at hand that the output had no room for yet */
	uint32_t skip;            /* packets of other streams at the next buffer's begin */
	uint32_t loop_begins;     /* 1 = the next frame is a loop's first one */
	uint32_t pad;
};
ARENA_ROW_SIZE(w_xma_context, 16);

#define XMA_REGISTERS_ROW 64u
/** What was written to registers n*64 to n*64+63; table "xma.register", row n + 1. */
struct w_xma_registers {
	uint32_t value[XMA_REGISTERS_ROW];
};
ARENA_ROW_SIZE(w_xma_registers, 256);

#define GPU_BUFFERS 8u        /* indirect buffers within one another */

/** Where the command processor reads: dwords from physical address @at on. */
struct w_gpu_buffer {
	uint32_t at, left;
};

/** The null GPU; table "gpu", one row. Addresses are physical. (facts: Null GPU) */
struct w_gpu {
	uint64_t bin_mask, bin_select;
	uint64_t wait_since;      /* cycle at which it began to wait */
	uint64_t vblank;          /* the next one's number, counted from cycle 0 */
	uint32_t ring, ring_dwords; /* 0 = there is none */
	uint32_t rptr, wptr;      /* dwords */
	uint32_t writeback;       /* where rptr is told, 0 = nowhere */
	uint32_t callback, data;  /* the title's interrupt routine, 0 = none, and its second argument */
	uint32_t counter;         /* of swaps: what EVENT_WRITE_SHD can write */
	uint32_t waiting;         /* 1 = at a WAIT_REG_MEM whose condition does not hold */
	uint32_t wait_info, wait_at, wait_reference, wait_mask; /* its dwords */
	uint32_t hung;            /* 1 = it met what it cannot read, and reads no more */
	uint32_t depth;           /* indirect buffers entered */
	uint32_t pad;
	struct w_gpu_buffer buffer[GPU_BUFFERS];
};
ARENA_ROW_SIZE(w_gpu, 160);

#define GPU_REGISTERS 0x5010u /* the window's 4000 and the constants behind them */
#define GPU_REGISTERS_ROW 64u
/** Registers n*64 to n*64+63; table "gpu.register", row n + 1. */
struct w_gpu_registers {
	uint32_t value[GPU_REGISTERS_ROW];
};
ARENA_ROW_SIZE(w_gpu_registers, 256);

/** One thread's wait on one object; table "wait". */
struct w_wait {
	uint32_t thread, object;  /* rows */
	uint32_t next, prev;      /* wait rows of the same object, FIFO */
	uint32_t thread_next;     /* wait row: this thread's next block */
	uint32_t index;           /* in the call's array */
	uint32_t slot;            /* slot row of the handle by which it waits, 0 = by pointer (the slot may have been closed since) */
};
ARENA_ROW_SIZE(w_wait, 28);

/** A queued APC; table "apc". Its routines and arguments lie in the KAPC, in guest memory; the order of the queue is kept here, and told there. */
struct w_apc {
	uint32_t thread;          /* thread row */
	uint32_t ga;              /* KAPC */
	uint32_t next, prev;      /* apc rows of the same list */
	uint8_t mode;             /* 0 kernel, 1 user */
	uint8_t special;          /* 1 = kernel APC without a normal routine: no critical region holds it */
	uint8_t flags;            /* APC_* of kernel/apc.h */
	uint8_t pad;
};
ARENA_ROW_SIZE(w_apc, 20);

/** A queued DPC, or a device's interrupt; table "dpc". A DPC's routine and arguments lie in the KDPC, in guest memory. */
struct w_dpc {
	uint32_t hw;              /* 0-5 */
	uint32_t ga;              /* KDPC, or the interrupt's routine; 0 = the row is free */
	uint32_t next;            /* dpc row, of the same hardware thread */
	uint32_t interrupt;       /* 1 = an interrupt */
	uint32_t arg[2];          /* its r3 and r4 */
};
ARENA_ROW_SIZE(w_dpc, 24);

/** What an APC interrupted; table "apc.frame"; the same row of table "apc.context" holds the registers. */
struct w_apc_frame {
	uint64_t deadline, wait_since, result, cont_arg[4]; /* as in w_thread, like all that follows to spinning */
	uint32_t wait_first, wait_count, export_row;
	uint8_t wait_all, alertable, wait_mode, wait_reason, cont, in_call, spinning, apc_user, wait_held;
	uint8_t irql;             /* that it had */
	uint8_t mode, normal;     /* of the APC; 1 = its normal routine runs, 0 = its kernel routine */
	uint32_t below;           /* apc.frame row, 0 = none */
	uint32_t sp;              /* r1 at the routine's entry */
};
ARENA_ROW_SIZE(w_apc_frame, 88);

/** A future moment; table "deadline", a binary heap over rows 1..count by (due, seq). */
struct w_deadline {
	uint64_t due;             /* ticks */
	uint64_t seq;
	uint32_t thread;          /* thread row: its wait's timeout; or */
	uint32_t object;          /* object row: a timer; or */
	uint32_t source;          /* enum source + 1: a device's; or */
	uint32_t io;              /* io row: a request is done; or */
	uint32_t overlapped;      /* overlapped row: a call of XAM is done */
	uint32_t pad;
};
ARENA_ROW_SIZE(w_deadline, 40);

/** Devices that make something happen by themselves: table "source", row = enum source + 1. */
enum source {
#define SOURCE(id, kind, text) SOURCE_##id,
#include "kernel/source.def"
#undef SOURCE
	SOURCE_COUNT
};
struct w_source {
	uint32_t deadline_row;    /* 0 = not armed */
};
ARENA_ROW_SIZE(w_source, 4);

/** A bucket of the registries: tables "registry" (objects by guest address) and "idmap" (by id); chained through the objects. */
struct w_bucket {
	uint32_t object;          /* object row */
};
ARENA_ROW_SIZE(w_bucket, 4);

/** A page of the kernel's pool; table "pool"; row = (ga - POOL_BASE) / 4 KiB + 1. */
struct w_pool_page {
	uint64_t used[4];         /* slab: bit i = block i is taken */
	uint32_t next, prev;      /* pool rows: slabs of the class that have room */
	uint32_t pages;           /* first page of a large block: how many */
	uint16_t live;            /* slab: blocks taken */
	uint8_t size_class;
	uint8_t state;            /* enum pool_state of kernel/pool.c */
};
ARENA_ROW_SIZE(w_pool_page, 48);

/** A size class of the pool; table "pool.class". */
struct w_pool_class {
	uint32_t partial;         /* pool row: first slab with room */
};
ARENA_ROW_SIZE(w_pool_class, 4);

#define OBJECT_NAME_MAX 108u

/** An object's name; table "name". */
struct w_name {
	uint32_t object;          /* object row */
	uint32_t length;          /* bytes */
	uint32_t next;            /* name row */
	uint32_t pad;
	char text[OBJECT_NAME_MAX + 4]; /* ended by NUL; compared without regard to ASCII case */
};
ARENA_ROW_SIZE(w_name, 128);

#endif
