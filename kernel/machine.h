/* kernel/machine.h - one deterministic machine: memory, six hardware threads, kernel, clock, event stream.
 *
 * Everything that decides its future lies in guest memory and in @world. The rest of the struct is plumbing that is made anew in every process.
 * Any number of machines live side by side in a process. Only the front ends' session changes one from outside.
 */
#ifndef KERNEL_MACHINE_H
#define KERNEL_MACHINE_H

#include <stdatomic.h>

#include "kernel/state.h"
#include "src/base/arena.h"
#include "src/cpu/cpu.h"
#include "src/event/event.h"
#include "src/load/image.h"
#include "src/mem/mem.h"
#include "src/cpu/cover.h"

#define TICKS_PER_SECOND 50000000u
#define TICKS_PER_100NS 5u
#define TICKS_PER_MS (TICKS_PER_SECOND / 1000)

#define TITLE_ARGUMENTS_MAX 1000u     /* bytes of machine_options.arguments */

/** What a call of an export that is not built does: it stops the run, or @value is its answer and the run goes on (kernel/stub.h). */
struct stub_policy {
	uint64_t value;
	uint32_t go_on, pad;
};

struct machine_options {
	uint32_t quantum;             /* instructions per slice; default 1000 */
	uint32_t cpi;                 /* cycles per instruction of a core; default 4 */
	uint64_t seed;                /* 0 = no perturbation */
	uint64_t boot_time;           /* FILETIME, 100 ns since 1601 */
	uint64_t stall_ticks;         /* parked for longer without a signal while others go on: STOP_STALL; 0 = never. Default 10 s */
	enum handle_policy handles;   /* default fifo */
	unsigned code_pages;          /* decoded pages kept; 0 = default */
	struct stub_policy on_stub;   /* at the start; default stop */
	struct mounts *mounts;        /* kernel/mount.h; NULL = none. Borrowed until machine_free; any number of machines may share it */
	const uint8_t *xex_key;       /* XEX_KEY_BYTES bytes: for libraries, tried before the all-zero key; NULL = none. Borrowed until machine_free */
	const char *arguments;        /* what stands behind the title's name on its command line; NULL = nothing. Borrowed until machine_load is over */
};
/** The defaults: quantum 1000, cpi 4, seed 0, 2005-11-22T00:00:00Z, fifo handles, a stall after 10 s. */
void machine_options_default(struct machine_options *o);

/** Why the machine stands. STOP(id, "word") */
#define STOPS(STOP) \
	STOP(NONE, "running") STOP(ENTRY, "entry") STOP(LIMIT, "limit") STOP(STEP, "step") STOP(BREAK, "breakpoint") \
	STOP(EVENT, "event") STOP(WATCH, "watchpoint") STOP(HELD, "held") STOP(INTERRUPT, "interrupt") STOP(ENDED, "ended") STOP(WEDGE, "wedge") STOP(STANDSTILL, "standstill") STOP(STALL, "stall") STOP(FAULT, "fault") \
	STOP(ILLEGAL, "illegal-instruction") STOP(TRAP, "trap") STOP(BUGCHECK, "bugcheck") STOP(EXCEPTION, "unhandled-exception") STOP(UNIMPLEMENTED, "unimplemented-export") STOP(GPU, "gpu-hang") STOP(MOUNT, "mount-changed")
enum stop_kind {
#define STOP(id, word) STOP_##id,
	STOPS(STOP)
#undef STOP
};
const char *stop_kind_word(enum stop_kind k);

/** A stop, with the facts of its moment. */
struct stop {
	enum stop_kind kind;
	uint32_t tid;                 /* thread concerned, 0 = none */
	uint32_t pc, insn;            /* of the thread */
	uint32_t fault_ga, fault_size;/* STOP_FAULT: the access */
	bool fault_store, fault_fetch;
	enum mem_result fault;
	uint32_t export_row;          /* the export concerned (row + 1), 0 = none */
	uint32_t code;                /* exit status, bugcheck code */
	struct event event;           /* STOP_EVENT: what asked for the stop */
	char text[320];               /* one line for people: thread, pc, address, instruction, ... */
};

/** What the debugger is asked, and told, while the machine runs; none may change the machine. NULL = nobody. */
struct machine_hooks {
	bool (*at_break)(void *ctx, uint32_t thread); /* thread row @thread is at a breakpoint: stop? */
	void (*accessed)(void *ctx);  /* behind an instruction or a call during which machine_accessed was called; may ask for a stop */
	void *ctx;
};

/** Where between two instructions the machine stands: of all boundaries of a run, equal at one only. */
struct machine_position {
	uint64_t instr, event;        /* executed, emitted so far */
	uint64_t cycle;               /* at the begin of the round */
	uint32_t round_hw, round_begun, slice_used, slice_budget, slice_thread; /* as in w_machine */
};

struct machine {
	struct machine_options options;
	struct arena world, history;
	struct mem mem;
	struct cpu *cpu;
	struct event_stream events;
	struct cover cover;           /* which instructions have run */
	struct snap_line *line;       /* its snapshots */
	const struct image *image;    /* borrowed; symbols and name */
	/* table numbers in @world */
	unsigned t_machine, t_hw, t_thread, t_context, t_object, t_slot, t_handles, t_wait, t_deadline, t_registry, t_idmap, t_pool,
		t_file, t_file_bucket, t_block, t_block_data, t_block_bucket, t_open, t_devfile, t_request, t_link, t_device, t_io, t_overlapped, t_enumerator, t_content, t_userdata, t_xam, t_port, t_packet, t_cache,
		t_cache_page, t_cache_bucket, t_name, t_pool_class, t_slot_free, t_apc, t_apc_frame, t_apc_context, t_dpc, t_source, t_gpu, t_gpu_register, t_audio;
	unsigned t_module, t_loader, t_xma, t_xma_context, t_xma_register;
	unsigned t_listener, t_notification, t_notify, t_dialog, t_setting; /* kernel/notify.h, dialog.h, user.h */
	unsigned t_notify_count; /* in @history: kernel/notify.h */
	unsigned t_pad, t_pads, t_pad_input; /* kernel/pad.h */
	unsigned t_ledger, t_ledger_chunk, t_past; /* in @history */
	unsigned t_pad_count; /* in @history: kernel/pad.h */
	unsigned t_stall, t_stall_object, t_stall_pair, t_stall_thread; /* in @history */
	unsigned t_account_thread, t_account_object, t_account_pair, t_account_export; /* in @history: kernel/account.h */
	unsigned t_stub; /* in @history: kernel/stub.h */
	unsigned t_audio_count, t_xma_count; /* in @history: kernel/audio.h, kernel/xma.h */
	unsigned t_gpu_count, t_gpu_packet, t_gpu_fence; /* in @history: kernel/gpu.h */
	unsigned t_cache_count; /* in @history */
	unsigned t_standstill, t_standstill_object, t_standstill_source; /* in @history */
	unsigned t_rwlock_hold; /* in @history: kernel/rwlock.h */
	struct stop pending;          /* a stop asked for while an instruction was executed; kind NONE if none */
	atomic_bool *interrupt;       /* set from outside to stop soon; borrowed, may be NULL */
	uint32_t skip_break;          /* thread row: machine_skip_break */
	uint64_t until_cycle;         /* machine_run stops at the first boundary from this cycle on; UINT64_MAX = never */
	struct machine_hooks hooks;   /* borrowed */
	const struct machine_position *change_at; /* here on_change is called, which may change the machine; NULL = nowhere. Borrowed */
	void (*on_change)(void *ctx); /* sets change_at anew, or asks for a stop (machine_stop_here) */
	void *change_ctx;
	struct module_images *module_images; /* parsed files of libraries, for people: kernel/module.h */
	bool accessed;                /* machine_accessed was called */
	bool executing;               /* the core executes instructions of the title's: what is stored now is its own doing */
	uint32_t acting;              /* thread row on whose behalf the kernel works at this moment, 0 = none (a deadline, the loader) */
};

/** A machine without a title. The caller frees it with machine_free. */
MUST_CHECK enum status machine_new(const struct machine_options *o, struct machine **out, struct err *err);
void machine_free(struct machine *m);

/** Places @img (borrowed until machine_free), resolves its imports, makes process, main thread and hardware threads; nothing has run yet.
 * ST_BAD_IMAGE: overlaps, does not fit, or imports what no row of exports.def names (all of them are listed in @err). */
MUST_CHECK enum status machine_load(struct machine *m, const struct image *img, struct err *err);

/**
 * Runs until something stops the machine, or for @limit instructions (all threads together; UINT64_MAX = no limit).
 * May be called again after every stop; the way in which a run is cut into calls cannot be seen in its result.
 */
enum stop_kind machine_run(struct machine *m, uint64_t limit, struct stop *out);
/** Runs until thread row @thread has executed one instruction (others run as they come, @most instructions all together: then STOP_LIMIT) or
 * something else stops. */
enum stop_kind machine_step(struct machine *m, uint32_t thread, uint64_t most, struct stop *out);
/** Asks for a stop at the next instruction boundary, with @ev's facts (for observers); the first one wins. */
void machine_stop_on_event(struct machine *m, const struct event *ev);
/** The access that is taking place is of interest (from mem's hook): hooks.accessed is called behind it. */
void machine_accessed(struct machine *m);
struct machine_position machine_position(const struct machine *m);
bool machine_position_equal(const struct machine_position *a, const struct machine_position *b);
/** From on_change: the machine stops here, with STOP_STEP. */
void machine_stop_here(struct machine *m);
/** From hooks.accessed: asks for a stop with thread row @thread, which made the access; the first one wins. */
void machine_stop_on_access(struct machine *m, uint32_t thread, const char *text);
/** Sets a register of thread row @thread: "r0".."r31", "f0".."f31" (double bits), "pc", "lr", "ctr", "cr", "xer". False: there is none of that
 * name, or a pc that is no multiple of 4. The user's doing: it decides the future. */
bool machine_set_register(struct machine *m, uint32_t thread, const char *name, uint64_t value);
/** Only thread row @thread runs from now on; 0 = all again. The user's doing: it decides the future. */
void machine_hold(struct machine *m, uint32_t thread);
/** Do not report a breakpoint at the present instruction of thread row @thread, once. */
void machine_skip_break(struct machine *m, uint32_t thread);

/** Cycles so far, exact to the instruction; ticks. */
static inline const struct w_machine *machine_row(const struct machine *m) { return arena_peek(&m->world, m->t_machine, 1); }
static inline uint64_t machine_cycle(const struct machine *m)
{
	const struct w_machine *w = machine_row(m);
	return w->cycle + w->cpi * ((uint64_t)w->round_hw * w->quantum + w->slice_used) / HW_THREADS;
}
static inline uint64_t machine_ticks(const struct machine *m) { return machine_cycle(m) / CYCLES_PER_TICK; }
uint64_t machine_instructions(const struct machine *m);
/** The thread row that runs, or ran last, 0 = none. */
uint32_t machine_current_thread(const struct machine *m);

/** Digest over registers, guest memory, kernel state and clock. */
uint64_t machine_digest(const struct machine *m);

/** A copy of the whole machine (both arenas, memory), and the way back. Source and target have the same options and title. */
struct snapshot;                      /* src/snap/snap.h */
struct snapshot *machine_snapshot(struct machine *m);
void machine_restore(struct machine *m, const struct snapshot *s);

/* Rows, for readers. NULL-free: INVARIANT on a row that cannot be. */
static inline const struct w_hw *hw_peek(const struct machine *m, uint32_t hw) { return arena_peek(&m->world, m->t_hw, hw + 1); }
static inline const struct w_thread *thread_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_thread, row); }
static inline const struct ppc_context *context_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_context, row); }
static inline const struct w_object *object_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_object, row); }
static inline const struct w_slot *slot_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_slot, row); }
static inline const struct w_wait *wait_peek(const struct machine *m, uint32_t row) { return arena_peek(&m->world, m->t_wait, row); }

/** Row of the live thread or object with this id, 0 = none (a terminated thread that is still referenced is found). */
uint32_t thread_by_tid(const struct machine *m, uint32_t tid);
uint32_t object_by_id(const struct machine *m, uint32_t id);
uint32_t object_by_ga(const struct machine *m, uint32_t ga);
uint32_t object_by_osid(const struct machine *m, uint64_t osid);
/** Slot row of an open or once opened @handle (low 2 bits ignored), 0 = none; pseudo-handles are not slots. */
uint32_t slot_by_handle(const struct machine *m, uint32_t handle);
const char *object_type_name(enum object_type t);
/** signal_state as the guest sees it. */
int32_t object_signal_state(const struct machine *m, uint32_t row);
/** Does a thread or a deadline exist that can make anything happen? (WEDGE's proof in numbers.) */
struct quiescence {
	uint32_t threads, parked, runnable, suspended, timers, timeouts, apcs, dpcs, io, interrupts, audio;
	uint32_t inputs;              /* of pads, that are to come; a dialog that will close */
	uint32_t xma;                 /* XMA contexts at work: of audio, as its clients are */
	uint32_t io_lost;             /* requests that nobody will ever answer: no proof against a WEDGE */
	uint64_t next_due;            /* ticks of the next deadline, DEADLINE_NEVER */
};
void machine_quiescence(const struct machine *m, struct quiescence *q);

#endif
