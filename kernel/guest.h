/* kernel/guest.h - structs that titles see in memory: layouts of the console's kernel, big-endian, byte by byte.
 *
 * All members are byte arrays or structs of them, so a struct has alignment 1 and no padding; each named field is held by
 * GUEST_AT, each struct by GUEST_SIZE. Guest addresses of fields: GA(ga, g_kthread, thread_id). (facts: struct layouts)
 */
#ifndef KERNEL_GUEST_H
#define KERNEL_GUEST_H

#include "src/base/base.h"

#define GUEST_AT(T, f, off) _Static_assert(offsetof(struct T, f) == (off), #T "." #f " must lie at " #off)
#define GUEST_SIZE(T, n) _Static_assert(sizeof(struct T) == (n), #T " must be " #n " bytes")
/** Guest address of field @f of the struct @T at @ga. */
#define GA(ga, T, f) ((ga) + (uint32_t)offsetof(struct T, f))

/* doubly linked, big-endian guest pointers */
struct g_list_entry {
	be32 flink; /* guest ptr; empty list points to itself */
	be32 blink;
};
GUEST_AT(g_list_entry, flink, 0x0);
GUEST_AT(g_list_entry, blink, 0x4);
GUEST_SIZE(g_list_entry, 0x8);

struct g_single_list_entry {
	be32 next;
};
GUEST_AT(g_single_list_entry, next, 0x0);
GUEST_SIZE(g_single_list_entry, 0x4);

/* 8-byte atomic (ldarx/stdcx.); push/pop usually inlined by titles */
struct g_slist_header {
	be32 next; /* guest ptr */
	be16 depth;
	be16 sequence;
};
GUEST_AT(g_slist_header, next, 0x0);
GUEST_AT(g_slist_header, depth, 0x4);
GUEST_AT(g_slist_header, sequence, 0x6);
GUEST_SIZE(g_slist_header, 0x8);

/* NT DISPATCHER_HEADER */
struct g_dispatch_header {
	uint8_t type; /* 0 event manual, 1 event auto, 2 mutant, 3 process, 4 queue, 5 semaphore, 6 thread, 7 gate, 8 and 9 timers, 18 APC, 19 DPC */
	uint8_t absolute; /* union: mutant abandoned / timer absolute / crit-section spin count div 256 */
	uint8_t size; /* size in dwords / hand */
	uint8_t inserted; /* union: timer inserted */
	be32 signal_state; /* event 0/1; semaphore: count; mutant: 1 = free, <= 0 held; thread: 1 = exited */
	be32 wait_list_flink;
	be32 wait_list_blink;
};
GUEST_AT(g_dispatch_header, type, 0x0);
GUEST_AT(g_dispatch_header, absolute, 0x1);
GUEST_AT(g_dispatch_header, size, 0x2);
GUEST_AT(g_dispatch_header, inserted, 0x3);
GUEST_AT(g_dispatch_header, signal_state, 0x4);
GUEST_AT(g_dispatch_header, wait_list_flink, 0x8);
GUEST_AT(g_dispatch_header, wait_list_blink, 0xC);
GUEST_SIZE(g_dispatch_header, 0x10);

/* type 0 = NotificationEvent (manual reset), 1 = SynchronizationEvent (auto reset) */
struct g_kevent {
	struct g_dispatch_header header;
};
GUEST_AT(g_kevent, header, 0x0);
GUEST_SIZE(g_kevent, 0x10);

/* type 5 */
struct g_ksemaphore {
	struct g_dispatch_header header;
	be32 limit;
};
GUEST_AT(g_ksemaphore, header, 0x0);
GUEST_AT(g_ksemaphore, limit, 0x10);
GUEST_SIZE(g_ksemaphore, 0x14);

struct g_kmutant {
	struct g_dispatch_header header;
	struct g_list_entry mutant_list_entry; /* links into owner KTHREAD mutant list */
	be32 owner_thread; /* PKTHREAD or 0 */
	uint8_t abandoned;
	uint8_t pad[3];
};
GUEST_AT(g_kmutant, header, 0x0);
GUEST_AT(g_kmutant, mutant_list_entry, 0x10);
GUEST_AT(g_kmutant, owner_thread, 0x18);
GUEST_AT(g_kmutant, abandoned, 0x1C);
GUEST_SIZE(g_kmutant, 0x20);

struct g_ktimer {
	struct g_dispatch_header header;
	be64 due_time; /* absolute interrupt/system time, 100 ns */
	struct g_list_entry timer_list_entry;
	be32 dpc; /* PKDPC or 0 */
	be32 period_ms;
};
GUEST_AT(g_ktimer, header, 0x0);
GUEST_AT(g_ktimer, due_time, 0x10);
GUEST_AT(g_ktimer, timer_list_entry, 0x18);
GUEST_AT(g_ktimer, dpc, 0x20);
GUEST_AT(g_ktimer, period_ms, 0x24);
GUEST_SIZE(g_ktimer, 0x28);

struct g_kdpc {
	be16 type; /* 19 */
	uint8_t selected_cpu_number;
	uint8_t desired_cpu_number;
	struct g_list_entry list_entry;
	be32 routine; /* void(dpc,context,arg1,arg2) */
	be32 context;
	be32 arg1;
	be32 arg2;
};
GUEST_AT(g_kdpc, type, 0x0);
GUEST_AT(g_kdpc, selected_cpu_number, 0x2);
GUEST_AT(g_kdpc, desired_cpu_number, 0x3);
GUEST_AT(g_kdpc, list_entry, 0x4);
GUEST_AT(g_kdpc, routine, 0xC);
GUEST_AT(g_kdpc, context, 0x10);
GUEST_AT(g_kdpc, arg1, 0x14);
GUEST_AT(g_kdpc, arg2, 0x18);
GUEST_SIZE(g_kdpc, 0x1C);

/* four bytes shorter than NT's */
struct g_kapc {
	be16 type;
	uint8_t apc_mode; /* 0 kernel list, 1 user list */
	uint8_t enqueued; /* 1 while on a list */
	be32 thread_ptr; /* PKTHREAD */
	struct g_list_entry list_entry;
	be32 kernel_routine;
	be32 rundown_routine;
	be32 normal_routine;
	be32 normal_context;
	be32 arg1;
	be32 arg2;
};
GUEST_AT(g_kapc, type, 0x0);
GUEST_AT(g_kapc, apc_mode, 0x2);
GUEST_AT(g_kapc, enqueued, 0x3);
GUEST_AT(g_kapc, thread_ptr, 0x4);
GUEST_AT(g_kapc, list_entry, 0x8);
GUEST_AT(g_kapc, kernel_routine, 0x10);
GUEST_AT(g_kapc, rundown_routine, 0x14);
GUEST_AT(g_kapc, normal_routine, 0x18);
GUEST_AT(g_kapc, normal_context, 0x1C);
GUEST_AT(g_kapc, arg1, 0x20);
GUEST_AT(g_kapc, arg2, 0x24);
GUEST_SIZE(g_kapc, 0x28);

/* what NtCreateTimer makes; only the size of what follows the KTIMER is known, the APC's place is the kernel's choice */
struct g_extimer {
	struct g_ktimer timer;
	struct g_kapc apc; /* completion routine of NtSetTimerEx */
	uint8_t unk_50[0x30];
};
GUEST_AT(g_extimer, timer, 0x0);
GUEST_AT(g_extimer, apc, 0x28);
GUEST_SIZE(g_extimer, 0x80);

/* real console wait list node */
struct g_kwait_block {
	struct g_list_entry wait_list_entry; /* linked in object header wait list */
	be32 thread; /* PKTHREAD */
	be32 object; /* PDISPATCH_HEADER */
	be32 next_wait_block; /* circular */
	be16 wait_result_xstatus; /* index for WaitAny / 0x102 for the timeout block */
	be16 wait_type; /* 0 WaitAll 1 WaitAny */
};
GUEST_AT(g_kwait_block, wait_list_entry, 0x0);
GUEST_AT(g_kwait_block, thread, 0x8);
GUEST_AT(g_kwait_block, object, 0xC);
GUEST_AT(g_kwait_block, next_wait_block, 0x10);
GUEST_AT(g_kwait_block, wait_result_xstatus, 0x14);
GUEST_AT(g_kwait_block, wait_type, 0x16);
GUEST_SIZE(g_kwait_block, 0x18);

/* inside KPCR at +0x100 */
struct g_kprcb {
	be32 current_thread; /* PKTHREAD (r13+0x100) */
	be32 next_thread;
	be32 idle_thread;
	uint8_t current_cpu; /* 0..5 (r13+0x10C) */
	uint8_t unk_0D[3];
	be32 processor_mask; /* one bit */
	be32 dpc_clock;
	be32 interrupt_clock;
	be32 unk_1C;
	be32 unk_20;
	be32 ipi_args[3];
	be32 targeted_ipi_cpus_mask;
	be32 ipi_function;
	be32 ipi_initiator_prcb;
	be32 unk_3C;
	be32 dpc_related_40;
	be32 dpc_lock;
	struct g_list_entry queued_dpcs_list_head;
	be32 dpc_active; /* nonzero while in a DPC (r13+0x150): XAPI SetLastError writes nothing then */
	be32 spin_lock;
	be32 running_idle_thread;
	be32 enqueued_threads_list; /* single list */
	be32 has_ready_thread_by_priority; /* bitmap */
	be32 unk_mask_64;
	struct g_list_entry ready_lists[32]; /* probably one per priority */
	struct g_kdpc thread_exit_dpc;
	struct g_list_entry terminating_threads_list;
	struct g_kdpc switch_thread_processor_dpc;
};
GUEST_AT(g_kprcb, current_thread, 0x0);
GUEST_AT(g_kprcb, next_thread, 0x4);
GUEST_AT(g_kprcb, idle_thread, 0x8);
GUEST_AT(g_kprcb, current_cpu, 0xC);
GUEST_AT(g_kprcb, processor_mask, 0x10);
GUEST_AT(g_kprcb, dpc_clock, 0x14);
GUEST_AT(g_kprcb, interrupt_clock, 0x18);
GUEST_AT(g_kprcb, ipi_args, 0x24);
GUEST_AT(g_kprcb, targeted_ipi_cpus_mask, 0x30);
GUEST_AT(g_kprcb, ipi_function, 0x34);
GUEST_AT(g_kprcb, ipi_initiator_prcb, 0x38);
GUEST_AT(g_kprcb, dpc_related_40, 0x40);
GUEST_AT(g_kprcb, dpc_lock, 0x44);
GUEST_AT(g_kprcb, queued_dpcs_list_head, 0x48);
GUEST_AT(g_kprcb, dpc_active, 0x50);
GUEST_AT(g_kprcb, spin_lock, 0x54);
GUEST_AT(g_kprcb, running_idle_thread, 0x58);
GUEST_AT(g_kprcb, enqueued_threads_list, 0x5C);
GUEST_AT(g_kprcb, has_ready_thread_by_priority, 0x60);
GUEST_AT(g_kprcb, ready_lists, 0x68);
GUEST_AT(g_kprcb, thread_exit_dpc, 0x168);
GUEST_AT(g_kprcb, terminating_threads_list, 0x184);
GUEST_AT(g_kprcb, switch_thread_processor_dpc, 0x18C);
GUEST_SIZE(g_kprcb, 0x1A8);

struct g_kpcr {
	be32 tls_ptr; /* 0(r13): base of static TLS (__declspec(thread)) block */
	be32 msr_mask;
	be16 software_interrupt_state; /* byte 9 = APC pending */
	be16 unk_0A;
	uint8_t processtype_value_in_dpc;
	uint8_t timeslice_ended;
	uint8_t timer_pending;
	uint8_t unk_0F;
	be32 thread_fpu_related;
	be32 thread_vmx_related;
	uint8_t current_irql;
	uint8_t unk_19[0x17];
	be64 pcr_ptr; /* self */
	uint8_t unk_38[8];
	uint8_t unk_40[28];
	be32 unk_stack_5c;
	uint8_t unk_60[12];
	be32 use_alternative_stack;
	be32 stack_base_ptr; /* HIGH address */
	be32 stack_end_ptr; /* LOW address */
	be32 alt_stack_base_ptr;
	be32 alt_stack_end_ptr;
	be32 interrupt_handlers[32];
	struct g_kprcb prcb_data; /* current_thread=+0x100 current_cpu=+0x10C dpc_active=+0x150 */
	be32 prcb; /* = pcr+0x100 */
	uint8_t unk_2AC[0x2C];
};
GUEST_AT(g_kpcr, tls_ptr, 0x0);
GUEST_AT(g_kpcr, msr_mask, 0x4);
GUEST_AT(g_kpcr, software_interrupt_state, 0x8);
GUEST_AT(g_kpcr, processtype_value_in_dpc, 0xC);
GUEST_AT(g_kpcr, timeslice_ended, 0xD);
GUEST_AT(g_kpcr, timer_pending, 0xE);
GUEST_AT(g_kpcr, thread_fpu_related, 0x10);
GUEST_AT(g_kpcr, thread_vmx_related, 0x14);
GUEST_AT(g_kpcr, current_irql, 0x18);
GUEST_AT(g_kpcr, pcr_ptr, 0x30);
GUEST_AT(g_kpcr, use_alternative_stack, 0x6C);
GUEST_AT(g_kpcr, stack_base_ptr, 0x70);
GUEST_AT(g_kpcr, stack_end_ptr, 0x74);
GUEST_AT(g_kpcr, alt_stack_base_ptr, 0x78);
GUEST_AT(g_kpcr, alt_stack_end_ptr, 0x7C);
GUEST_AT(g_kpcr, interrupt_handlers, 0x80);
GUEST_AT(g_kpcr, prcb_data, 0x100);
GUEST_AT(g_kpcr, prcb, 0x2A8);
GUEST_SIZE(g_kpcr, 0x2D8);

/* preceded by X_OBJECT_HEADER (0x18) */
struct g_kthread {
	struct g_dispatch_header header; /* type 6; signal_state=1 on exit */
	struct g_list_entry mutants_list; /* owned mutants; head self+0x10 */
	struct g_ktimer wait_timeout_timer; /* 0x18-0x3F; its wait list head at 0x20 */
	struct g_kwait_block wait_timeout_block; /* 0x40-0x57: entry flink/blink=self+0x20, thread=self, object=self+0x18, result 0x102, type 1 (WaitAny) */
	uint8_t kernel_time_58[4]; /* comment: kernel time */
	be32 stack_base; /* HIGH */
	be32 stack_limit; /* LOW */
	be32 stack_kernel; /* stack_base-0xF0 */
	be32 tls_address; /* static TLS base */
	uint8_t thread_state;
	uint8_t alerted[2];
	uint8_t alertable;
	uint8_t priority;
	uint8_t fpu_exceptions_on;
	uint8_t process_type_dup;
	uint8_t process_type; /* 0 idle 1 title 2 system */
	struct g_list_entry apc_lists[2]; /* [0] kernel [1] user */
	be32 process; /* PKPROCESS */
	uint8_t executing_kernel_apc;
	uint8_t deferred_apc_sw_interrupt;
	uint8_t user_apc_pending;
	uint8_t may_queue_apcs; /* 1 */
	be32 apc_lock; /* spinlock */
	be32 num_context_switches_to;
	struct g_list_entry ready_prcb_entry;
	be32 msr_mask; /* FDFFD7FF */
	be32 wait_result;
	uint8_t wait_irql;
	uint8_t processor_mode;
	uint8_t wait_next;
	uint8_t wait_reason;
	be32 wait_blocks; /* PKWAIT_BLOCK */
	uint8_t unk_AC[4];
	be32 apc_disable_count; /* KeEnterCriticalRegion decrements; Leave increments */
	be32 quantum;
	uint8_t saturation_increment;
	uint8_t base_priority;
	uint8_t priority_decrement;
	uint8_t boost_disabled;
	uint8_t suspend_count;
	uint8_t was_preempted;
	uint8_t terminated;
	uint8_t current_cpu;
	be32 a_prcb_ptr;
	be32 another_prcb_ptr;
	uint8_t process_priority_class;
	uint8_t base_priority_copy;
	uint8_t max_dynamic_priority;
	uint8_t unk_CB;
	be32 timer_list_lock;
	be32 stack_alloc_base;
	struct g_kapc on_suspend;
	struct g_ksemaphore unk_FC; /* suspend semaphore */
	struct g_list_entry process_threads; /* entry in X_KPROCESS.thread_list */
	be32 queue; /* the kernel queue that it belongs to; queue_related is its entry there */
	struct g_list_entry queue_related;
	be32 unk_124[3];
	be64 create_time;
	be64 exit_time;
	be32 exit_status;
	struct g_list_entry timer_list; /* pending timers whose APC targets this thread */
	be32 thread_id; /* GetCurrentThreadId = lwz 0x100(r13); lwz 0x14C */
	be32 start_address;
	be32 unk_154; /* list head self+0x154 */
	be32 unk_158; /* self+0x154 */
	uint8_t unk_15C[4];
	be32 last_error; /* Get/SetLastError inlined: 0x160 */
	be32 fiber_ptr;
	uint8_t unk_168[4];
	be32 creation_flags;
	uint8_t vscr[0x10]; /* word at 0x17C = 1 */
	uint8_t vmx_context[0x800];
	be64 fpscr;
	be64 fpu_context[32];
	struct g_kapc unk_A88;
};
GUEST_AT(g_kthread, header, 0x0);
GUEST_AT(g_kthread, mutants_list, 0x10);
GUEST_AT(g_kthread, wait_timeout_timer, 0x18);
GUEST_AT(g_kthread, wait_timeout_block, 0x40);
GUEST_AT(g_kthread, kernel_time_58, 0x58);
GUEST_AT(g_kthread, stack_base, 0x5C);
GUEST_AT(g_kthread, stack_limit, 0x60);
GUEST_AT(g_kthread, stack_kernel, 0x64);
GUEST_AT(g_kthread, tls_address, 0x68);
GUEST_AT(g_kthread, thread_state, 0x6C);
GUEST_AT(g_kthread, alerted, 0x6D);
GUEST_AT(g_kthread, alertable, 0x6F);
GUEST_AT(g_kthread, priority, 0x70);
GUEST_AT(g_kthread, fpu_exceptions_on, 0x71);
GUEST_AT(g_kthread, process_type_dup, 0x72);
GUEST_AT(g_kthread, process_type, 0x73);
GUEST_AT(g_kthread, apc_lists, 0x74);
GUEST_AT(g_kthread, process, 0x84);
GUEST_AT(g_kthread, executing_kernel_apc, 0x88);
GUEST_AT(g_kthread, deferred_apc_sw_interrupt, 0x89);
GUEST_AT(g_kthread, user_apc_pending, 0x8A);
GUEST_AT(g_kthread, may_queue_apcs, 0x8B);
GUEST_AT(g_kthread, apc_lock, 0x8C);
GUEST_AT(g_kthread, num_context_switches_to, 0x90);
GUEST_AT(g_kthread, ready_prcb_entry, 0x94);
GUEST_AT(g_kthread, msr_mask, 0x9C);
GUEST_AT(g_kthread, wait_result, 0xA0);
GUEST_AT(g_kthread, wait_irql, 0xA4);
GUEST_AT(g_kthread, processor_mode, 0xA5);
GUEST_AT(g_kthread, wait_next, 0xA6);
GUEST_AT(g_kthread, wait_reason, 0xA7);
GUEST_AT(g_kthread, wait_blocks, 0xA8);
GUEST_AT(g_kthread, apc_disable_count, 0xB0);
GUEST_AT(g_kthread, quantum, 0xB4);
GUEST_AT(g_kthread, saturation_increment, 0xB8);
GUEST_AT(g_kthread, base_priority, 0xB9);
GUEST_AT(g_kthread, priority_decrement, 0xBA);
GUEST_AT(g_kthread, boost_disabled, 0xBB);
GUEST_AT(g_kthread, suspend_count, 0xBC);
GUEST_AT(g_kthread, was_preempted, 0xBD);
GUEST_AT(g_kthread, terminated, 0xBE);
GUEST_AT(g_kthread, current_cpu, 0xBF);
GUEST_AT(g_kthread, a_prcb_ptr, 0xC0);
GUEST_AT(g_kthread, another_prcb_ptr, 0xC4);
GUEST_AT(g_kthread, process_priority_class, 0xC8);
GUEST_AT(g_kthread, base_priority_copy, 0xC9);
GUEST_AT(g_kthread, max_dynamic_priority, 0xCA);
GUEST_AT(g_kthread, timer_list_lock, 0xCC);
GUEST_AT(g_kthread, stack_alloc_base, 0xD0);
GUEST_AT(g_kthread, on_suspend, 0xD4);
GUEST_AT(g_kthread, process_threads, 0x110);
GUEST_AT(g_kthread, queue, 0x118);
GUEST_AT(g_kthread, queue_related, 0x11C);
GUEST_AT(g_kthread, create_time, 0x130);
GUEST_AT(g_kthread, exit_time, 0x138);
GUEST_AT(g_kthread, exit_status, 0x140);
GUEST_AT(g_kthread, timer_list, 0x144);
GUEST_AT(g_kthread, thread_id, 0x14C);
GUEST_AT(g_kthread, start_address, 0x150);
GUEST_AT(g_kthread, last_error, 0x160);
GUEST_AT(g_kthread, fiber_ptr, 0x164);
GUEST_AT(g_kthread, creation_flags, 0x16C);
GUEST_AT(g_kthread, vscr, 0x170);
GUEST_AT(g_kthread, vmx_context, 0x180);
GUEST_AT(g_kthread, fpscr, 0x980);
GUEST_AT(g_kthread, fpu_context, 0x988);
GUEST_SIZE(g_kthread, 0xAB0);

struct g_kprocess {
	be32 thread_list_spinlock;
	struct g_list_entry thread_list;
	be32 quantum_0C; /* 60 title/system, 127 idle */
	be32 clrdataa_masked_ptr;
	be32 thread_count;
	uint8_t unk_18; /* title 10 / system 2 / idle 0 */
	uint8_t unk_19; /* title 13 / system 5 */
	uint8_t unk_1A; /* title 17 / system 9 */
	uint8_t unk_1B; /* 6 */
	be32 kernel_stack_size; /* default stack: 0x4000 or XEX default rounded to 4K */
	be32 tls_static_data_address;
	be32 tls_data_size;
	be32 tls_raw_data_size;
	be16 tls_slot_size; /* 4*padded slots; 0x80 default */
	uint8_t is_terminating;
	uint8_t process_type; /* 0 idle 1 title 2 system */
	be32 tls_bitmap[8];
	be32 unk_50;
	struct g_list_entry unk_54;
	be32 unk_5C;
};
GUEST_AT(g_kprocess, thread_list_spinlock, 0x0);
GUEST_AT(g_kprocess, thread_list, 0x4);
GUEST_AT(g_kprocess, quantum_0C, 0xC);
GUEST_AT(g_kprocess, clrdataa_masked_ptr, 0x10);
GUEST_AT(g_kprocess, thread_count, 0x14);
GUEST_AT(g_kprocess, kernel_stack_size, 0x1C);
GUEST_AT(g_kprocess, tls_static_data_address, 0x20);
GUEST_AT(g_kprocess, tls_data_size, 0x24);
GUEST_AT(g_kprocess, tls_raw_data_size, 0x28);
GUEST_AT(g_kprocess, tls_slot_size, 0x2C);
GUEST_AT(g_kprocess, is_terminating, 0x2E);
GUEST_AT(g_kprocess, process_type, 0x2F);
GUEST_AT(g_kprocess, tls_bitmap, 0x30);
GUEST_SIZE(g_kprocess, 0x60);

/* 28 bytes (Win32 is 24) */
struct g_rtl_critical_section {
	struct g_dispatch_header header; /* type 1 auto-reset event; byte1 = spin count /256 */
	be32 lock_count; /* -1 free */
	be32 recursion_count;
	be32 owning_thread; /* PKTHREAD guest pointer, not handle or id */
};
GUEST_AT(g_rtl_critical_section, header, 0x0);
GUEST_AT(g_rtl_critical_section, lock_count, 0x10);
GUEST_AT(g_rtl_critical_section, recursion_count, 0x14);
GUEST_AT(g_rtl_critical_section, owning_thread, 0x18);
GUEST_SIZE(g_rtl_critical_section, 0x1C);

/* ExInitializeReadWriteLock */
struct g_erwlock {
	be32 lock_count; /* -1 free */
	be32 writers_waiting_count;
	be32 readers_waiting_count;
	be32 readers_entry_count;
	struct g_kevent writer_event; /* auto reset */
	struct g_ksemaphore reader_semaphore;
	be32 spin_lock;
};
GUEST_AT(g_erwlock, lock_count, 0x0);
GUEST_AT(g_erwlock, writers_waiting_count, 0x4);
GUEST_AT(g_erwlock, readers_waiting_count, 0x8);
GUEST_AT(g_erwlock, readers_entry_count, 0xC);
GUEST_AT(g_erwlock, writer_event, 0x10);
GUEST_AT(g_erwlock, reader_semaphore, 0x20);
GUEST_AT(g_erwlock, spin_lock, 0x34);
GUEST_SIZE(g_erwlock, 0x38);

struct g_ansi_string {
	be16 length; /* bytes, no NUL */
	be16 maximum_length;
	be32 pointer;
};
GUEST_AT(g_ansi_string, length, 0x0);
GUEST_AT(g_ansi_string, maximum_length, 0x2);
GUEST_AT(g_ansi_string, pointer, 0x4);
GUEST_SIZE(g_ansi_string, 0x8);

struct g_unicode_string {
	be16 length; /* bytes */
	be16 maximum_length;
	be32 pointer; /* UTF-16BE */
};
GUEST_AT(g_unicode_string, length, 0x0);
GUEST_AT(g_unicode_string, maximum_length, 0x2);
GUEST_AT(g_unicode_string, pointer, 0x4);
GUEST_SIZE(g_unicode_string, 0x8);

/* 12 bytes, no Length field */
struct g_object_attributes {
	be32 root_directory; /* handle; FFFFFFFD (-3) = ObDosDevices, FFFFFFFC (-4) seen for named sync objects, 0 none */
	be32 name_ptr; /* PANSI_STRING (not Unicode) */
	be32 attributes; /* 0x40 OBJ_CASE_INSENSITIVE; 0x1000 force title pool; 0x2000 force system pool */
};
GUEST_AT(g_object_attributes, root_directory, 0x0);
GUEST_AT(g_object_attributes, name_ptr, 0x4);
GUEST_AT(g_object_attributes, attributes, 0x8);
GUEST_SIZE(g_object_attributes, 0xC);

/* immediately before the object body */
struct g_object_header {
	be32 pointer_count;
	be32 handle_count; /* union next_to_free */
	uint8_t name_info_offset;
	uint8_t handle_info_offset;
	uint8_t quota_info_offset;
	uint8_t flags; /* 1 named (X_OBJECT_HEADER_NAME_INFO precedes) 2 permanent 4 in directory 0x10 title object */
	be32 object_create_info;
	be32 object_type_ptr; /* at body-0x8 */
	be32 unk_04; /* at body-0x4 */
};
GUEST_AT(g_object_header, pointer_count, 0x0);
GUEST_AT(g_object_header, handle_count, 0x4);
GUEST_AT(g_object_header, name_info_offset, 0x8);
GUEST_AT(g_object_header, handle_info_offset, 0x9);
GUEST_AT(g_object_header, quota_info_offset, 0xA);
GUEST_AT(g_object_header, flags, 0xB);
GUEST_AT(g_object_header, object_create_info, 0xC);
GUEST_AT(g_object_header, object_type_ptr, 0x10);
GUEST_SIZE(g_object_header, 0x18);

/* ExEventObjectType etc. exported as variables */
struct g_object_type {
	be32 allocate_proc;
	be32 free_proc;
	be32 close_proc;
	be32 delete_proc;
	be32 unknown_proc;
	be32 unknown_size_or_object;
	be32 pool_tag; /* Thre Even Muta Sema Time Comp Devi File Dire Symb reversed: 65726854 etc */
};
GUEST_AT(g_object_type, allocate_proc, 0x0);
GUEST_AT(g_object_type, free_proc, 0x4);
GUEST_AT(g_object_type, close_proc, 0x8);
GUEST_AT(g_object_type, delete_proc, 0xC);
GUEST_AT(g_object_type, pool_tag, 0x18);
GUEST_SIZE(g_object_type, 0x1C);

/* variable export KeTimeStampBundle 0xAD; refresh every 1 ms */
struct g_time_stamp_bundle {
	be64 interrupt_time; /* 100 ns since boot */
	be64 system_time; /* FILETIME 100 ns since 1601 */
	be32 tick_count; /* ms since boot; GetTickCount reads it inline */
	be32 padding;
};
GUEST_AT(g_time_stamp_bundle, interrupt_time, 0x0);
GUEST_AT(g_time_stamp_bundle, system_time, 0x8);
GUEST_AT(g_time_stamp_bundle, tick_count, 0x10);
GUEST_SIZE(g_time_stamp_bundle, 0x18);

struct g_time_fields {
	be16 year;
	be16 month;
	be16 day;
	be16 hour;
	be16 minute;
	be16 second;
	be16 milliseconds;
	be16 weekday;
};
GUEST_AT(g_time_fields, year, 0x0);
GUEST_AT(g_time_fields, month, 0x2);
GUEST_AT(g_time_fields, day, 0x4);
GUEST_AT(g_time_fields, hour, 0x6);
GUEST_AT(g_time_fields, minute, 0x8);
GUEST_AT(g_time_fields, second, 0xA);
GUEST_AT(g_time_fields, milliseconds, 0xC);
GUEST_AT(g_time_fields, weekday, 0xE);
GUEST_SIZE(g_time_fields, 0x10);

/* NtQueryVirtualMemory */
struct g_memory_basic_information {
	be32 base_address;
	be32 allocation_base;
	be32 allocation_protect;
	be32 region_size;
	be32 state;
	be32 protect;
	be32 type;
};
GUEST_AT(g_memory_basic_information, base_address, 0x0);
GUEST_AT(g_memory_basic_information, allocation_base, 0x4);
GUEST_AT(g_memory_basic_information, allocation_protect, 0x8);
GUEST_AT(g_memory_basic_information, region_size, 0xC);
GUEST_AT(g_memory_basic_information, state, 0x10);
GUEST_AT(g_memory_basic_information, protect, 0x14);
GUEST_AT(g_memory_basic_information, type, 0x18);
GUEST_SIZE(g_memory_basic_information, 0x1C);

struct g_exception_record {
	be32 code; /* 406D1388 = SetThreadName; E06D7363 = C++ throw */
	be32 exception_flags;
	be32 exception_record;
	be32 exception_address;
	be32 number_parameters;
	be32 exception_information[15];
};
GUEST_AT(g_exception_record, code, 0x0);
GUEST_AT(g_exception_record, exception_flags, 0x4);
GUEST_AT(g_exception_record, exception_record, 0x8);
GUEST_AT(g_exception_record, exception_address, 0xC);
GUEST_AT(g_exception_record, number_parameters, 0x10);
GUEST_AT(g_exception_record, exception_information, 0x14);
GUEST_SIZE(g_exception_record, 0x50);

/* The CONTEXT record. Source: the offsets in winnt.h of a public decompilation of a title (its src/xdk/xapilibi); names and order of
 * the fields, and the flags, agree with those of XCONTEXT in a public copy of XeCtx.h, the development kit's. */
#define CONTEXT_CONTROL 0x1u  /* msr to ctr */
#define CONTEXT_FLOATING 0x2u /* fpscr, fpr */
#define CONTEXT_INTEGER 0x4u  /* gpr to xer */
#define CONTEXT_VECTOR 0x10u  /* vscr, vr */
#define CONTEXT_FULL (CONTEXT_CONTROL | CONTEXT_FLOATING | CONTEXT_INTEGER | CONTEXT_VECTOR)
struct g_context {
	be32 flags; /* which parts hold something */
	be32 msr;
	be32 iar; /* next instruction */
	be32 lr;
	be64 ctr;
	be64 gpr[32];
	be32 cr;
	be32 xer;
	be64 fpscr; /* as mffs gives it */
	be64 fpr[32];
	be32 user_mode_control;
	be32 fill;
	uint8_t vscr[0x10]; /* in the last word */
	uint8_t vr[128][0x10];
};
GUEST_AT(g_context, msr, 0x4);
GUEST_AT(g_context, iar, 0x8);
GUEST_AT(g_context, lr, 0xC);
GUEST_AT(g_context, ctr, 0x10);
GUEST_AT(g_context, gpr, 0x18);
GUEST_AT(g_context, cr, 0x118);
GUEST_AT(g_context, xer, 0x11C);
GUEST_AT(g_context, fpscr, 0x120);
GUEST_AT(g_context, fpr, 0x128);
GUEST_AT(g_context, user_mode_control, 0x228);
GUEST_AT(g_context, vscr, 0x230);
GUEST_AT(g_context, vr, 0x240);
GUEST_SIZE(g_context, 0xA40);

/* = exception_information[0..3] */
struct g_threadname_info {
	be32 type; /* 0x1000 */
	be32 name_ptr;
	be32 thread_id; /* -1 = caller */
	be32 flags;
};
GUEST_AT(g_threadname_info, type, 0x0);
GUEST_AT(g_threadname_info, name_ptr, 0x4);
GUEST_AT(g_threadname_info, thread_id, 0x8);
GUEST_AT(g_threadname_info, flags, 0xC);
GUEST_SIZE(g_threadname_info, 0x10);

/* HMODULE points here; XexExecutableModuleHandle variable holds this pointer */
struct g_ldr_data_table_entry {
	struct g_list_entry in_load_order_links;
	struct g_list_entry in_memory_order_links;
	struct g_list_entry in_initialization_order_links;
	be32 dll_base;
	be32 image_base;
	be32 image_size;
	struct g_unicode_string full_dll_name;
	struct g_unicode_string base_dll_name;
	be32 flags;
	be32 full_image_size;
	be32 entry_point;
	be16 load_count;
	be16 module_index;
	be32 dll_base_original;
	be32 checksum;
	be32 load_flags;
	be32 time_date_stamp;
	be32 loaded_imports;
	be32 xex_header_base; /* 0x58: CRT passes *this to RtlImageXexHeaderField */
	be32 closure_root;
	be32 traversal_parent;
};
GUEST_AT(g_ldr_data_table_entry, in_load_order_links, 0x0);
GUEST_AT(g_ldr_data_table_entry, in_memory_order_links, 0x8);
GUEST_AT(g_ldr_data_table_entry, in_initialization_order_links, 0x10);
GUEST_AT(g_ldr_data_table_entry, dll_base, 0x18);
GUEST_AT(g_ldr_data_table_entry, image_base, 0x1C);
GUEST_AT(g_ldr_data_table_entry, image_size, 0x20);
GUEST_AT(g_ldr_data_table_entry, full_dll_name, 0x24);
GUEST_AT(g_ldr_data_table_entry, base_dll_name, 0x2C);
GUEST_AT(g_ldr_data_table_entry, flags, 0x34);
GUEST_AT(g_ldr_data_table_entry, full_image_size, 0x38);
GUEST_AT(g_ldr_data_table_entry, entry_point, 0x3C);
GUEST_AT(g_ldr_data_table_entry, load_count, 0x40);
GUEST_AT(g_ldr_data_table_entry, module_index, 0x42);
GUEST_AT(g_ldr_data_table_entry, dll_base_original, 0x44);
GUEST_AT(g_ldr_data_table_entry, checksum, 0x48);
GUEST_AT(g_ldr_data_table_entry, load_flags, 0x4C);
GUEST_AT(g_ldr_data_table_entry, time_date_stamp, 0x50);
GUEST_AT(g_ldr_data_table_entry, loaded_imports, 0x54);
GUEST_AT(g_ldr_data_table_entry, xex_header_base, 0x58);
GUEST_AT(g_ldr_data_table_entry, closure_root, 0x5C);
GUEST_AT(g_ldr_data_table_entry, traversal_parent, 0x60);
GUEST_SIZE(g_ldr_data_table_entry, 0x64);

/* VdQueryVideoMode, XGetVideoMode: X_VIDEO_MODE */
struct g_video_mode {
	be32 display_width;
	be32 display_height;
	be32 is_interlaced;
	be32 is_widescreen;
	be32 is_hi_def; /* width >= 1024 */
	be32 refresh_rate; /* float */
	be32 video_standard; /* 1 NTSC, 2 NTSC-J, 3 PAL */
	be32 unknown_1c; /* 4A */
	be32 unknown_20; /* 1 */
	be32 reserved[3];
};
GUEST_AT(g_video_mode, display_width, 0x0);
GUEST_AT(g_video_mode, display_height, 0x4);
GUEST_AT(g_video_mode, is_interlaced, 0x8);
GUEST_AT(g_video_mode, is_widescreen, 0xC);
GUEST_AT(g_video_mode, is_hi_def, 0x10);
GUEST_AT(g_video_mode, refresh_rate, 0x14);
GUEST_AT(g_video_mode, video_standard, 0x18);
GUEST_AT(g_video_mode, unknown_1c, 0x1C);
GUEST_AT(g_video_mode, unknown_20, 0x20);
GUEST_AT(g_video_mode, reserved, 0x24);
GUEST_SIZE(g_video_mode, 0x30);

/* VdGetCurrentDisplayInformation: X_DISPLAY_INFO */
struct g_display_info {
	be16 front_buffer_width;
	be16 front_buffer_height;
	uint8_t front_buffer_color_format;
	uint8_t front_buffer_pixel_format;
	uint8_t pad_6[2];
	be32 scaler_source_rect[4]; /* x1 y1 x2 y2 */
	be32 scaled_output_width;
	be32 scaled_output_height;
	be32 vertical_filter_type;
	be32 vertical_filter_parameters[3]; /* floats */
	be32 horizontal_filter_type;
	be32 horizontal_filter_parameters[3]; /* floats */
	be16 display_window_overscan[4]; /* left top right bottom */
	be16 display_width;
	be16 display_height;
	be32 display_refresh_rate; /* float */
	be32 display_interlaced;
	uint8_t display_color_format;
	uint8_t pad_55;
	be16 actual_display_width;
};
GUEST_AT(g_display_info, front_buffer_width, 0x0);
GUEST_AT(g_display_info, front_buffer_height, 0x2);
GUEST_AT(g_display_info, front_buffer_color_format, 0x4);
GUEST_AT(g_display_info, front_buffer_pixel_format, 0x5);
GUEST_AT(g_display_info, scaler_source_rect, 0x8);
GUEST_AT(g_display_info, scaled_output_width, 0x18);
GUEST_AT(g_display_info, scaled_output_height, 0x1C);
GUEST_AT(g_display_info, vertical_filter_type, 0x20);
GUEST_AT(g_display_info, vertical_filter_parameters, 0x24);
GUEST_AT(g_display_info, horizontal_filter_type, 0x30);
GUEST_AT(g_display_info, horizontal_filter_parameters, 0x34);
GUEST_AT(g_display_info, display_window_overscan, 0x40);
GUEST_AT(g_display_info, display_width, 0x48);
GUEST_AT(g_display_info, display_height, 0x4A);
GUEST_AT(g_display_info, display_refresh_rate, 0x4C);
GUEST_AT(g_display_info, display_interlaced, 0x50);
GUEST_AT(g_display_info, display_color_format, 0x54);
GUEST_AT(g_display_info, actual_display_width, 0x56);
GUEST_SIZE(g_display_info, 0x58);

#endif
