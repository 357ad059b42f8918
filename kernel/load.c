/* kernel/load.c - machine_load: places a title, resolves its imports, makes process, hardware threads and main thread. */
#include "config.h"

#include <stdio.h>

#include "kernel/audio.h"
#include "kernel/emit.h"
#include "kernel/handle.h"
#include "kernel/ntstatus.h"
#include "kernel/place.h"
#include "kernel/pool.h"
#include "kernel/rows.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "kernel/vars.h"
#include "src/load/xex.h"

#define WORD_SC(level) (0x44000002u | (uint32_t)(level) << 5)
#define STACK_DEFAULT 0x100000u      /* XEX without DEFAULT_STACK_SIZE: 1 MB */
#define TLS_SLOTS_DEFAULT TLS_SLOTS_MAX

static enum status commit_kernel(struct machine *m, uint32_t ga, unsigned protect)
{
	return mem_commit(&m->mem, ga, MEM_PAGE, protect, MEM_OWNER_kernel, ga);
}

/* ---- hardware threads, trap page, process ----------------------------------------------------------------------------------- */

static enum status kpcr_make(struct machine *m, uint32_t hw)
{
	uint32_t pcr = KPCR_BASE + hw * MEM_PAGE, prcb = GA(pcr, g_kpcr, prcb_data);
	enum status st = commit_kernel(m, pcr, MEM_PROT_R | MEM_PROT_W);
	if (st != ST_OK)
		return st;
	hw_row(m, hw)->kpcr_ga = pcr;
	mem_put64(&m->mem, GA(pcr, g_kpcr, pcr_ptr), pcr);
	mem_put32(&m->mem, GA(pcr, g_kpcr, prcb), prcb);
	mem_put8(&m->mem, GA(prcb, g_kprcb, current_cpu), (uint8_t)hw);
	mem_put32(&m->mem, GA(prcb, g_kprcb, processor_mask), 1u << hw);
	for (uint32_t p = 0; p < PRIORITIES; p++) {
		uint32_t list = GA(prcb, g_kprcb, ready_lists) + p * 8;
		mem_put32(&m->mem, list, list);
		mem_put32(&m->mem, list + 4, list);
	}
	return ST_OK;
}

static enum status trap_page_make(struct machine *m)
{
	enum status st = commit_kernel(m, TRAP_BASE, MEM_PROT_R | MEM_PROT_X);
	if (st != ST_OK)
		return st;
	for (uint32_t i = 0; i < TRAPS; i++)
		mem_put32(&m->mem, TRAP_BASE + i * 4, WORD_SC(PPC_SC_RETURN));
	audio_code(m);
	mem_put32(&m->mem, SEH_CODE, 0x4E800421u);   /* bctrl */
	mem_put32(&m->mem, SEH_RETURN, 0x60000000u); /* nop */
	mem_put32(&m->mem, SEH_RETURN + 4, WORD_SC(PPC_SC_RETURN));
	mem_put32(&m->mem, TRAP_BASE + TRAP_TERMINATION * 4, WORD_SC(PPC_SC_RETURN));
	machine_row_mut(m)->trap_ga = TRAP_BASE;
	return ST_OK;
}

static enum status process_make(struct machine *m)
{
	struct w_machine *w = machine_row_mut(m);
	uint32_t p = pool_alloc(m, sizeof(struct g_kprocess), POOL_KERNEL);
	if (!p)
		return ST_NO_MEMORY;
	w->process_ga = p;
	mem_put32(&m->mem, GA(p, g_kprocess, thread_list.flink), GA(p, g_kprocess, thread_list));
	mem_put32(&m->mem, GA(p, g_kprocess, thread_list.blink), GA(p, g_kprocess, thread_list));
	mem_put32(&m->mem, GA(p, g_kprocess, quantum_0C), QUANTUM_RELOAD);
	mem_put8(&m->mem, GA(p, g_kprocess, unk_18), PRIORITY_MIN);
	mem_put8(&m->mem, GA(p, g_kprocess, unk_19), PRIORITY_CLASS);
	mem_put8(&m->mem, GA(p, g_kprocess, unk_1A), PRIORITY_MAX);
	mem_put8(&m->mem, GA(p, g_kprocess, unk_1B), HW_THREADS);
	mem_put32(&m->mem, GA(p, g_kprocess, kernel_stack_size), w->stack_size);
	mem_put32(&m->mem, GA(p, g_kprocess, tls_static_data_address), w->tls_ga);
	mem_put32(&m->mem, GA(p, g_kprocess, tls_data_size), w->tls_size);
	mem_put32(&m->mem, GA(p, g_kprocess, tls_raw_data_size), w->tls_raw_size);
	mem_put16(&m->mem, GA(p, g_kprocess, tls_slot_size), (uint16_t)(w->tls_slots * 4));
	mem_put8(&m->mem, GA(p, g_kprocess, process_type), 1);
	return ST_OK;
}

/* ---- the image ------------------------------------------------------------------------------------------------------------------ */

_Static_assert(XEX_HEADER_BASE + XEX_HEADER_BYTES_MAX <= POOL_BASE, "the largest headers fit below the pool");

/* Where the title's entry in the list of modules (kernel/vars.c) says that they are. */
static enum status headers_place(struct machine *m, const struct xex *x)
{
	if (!x)
		return ST_OK;
	uint32_t size = (x->header_size + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
	enum status st = mem_commit(&m->mem, XEX_HEADER_BASE, size, MEM_PROT_R, MEM_OWNER_kernel, XEX_HEADER_BASE);
	if (st == ST_OK)
		INVARIANT(mem_poke(&m->mem, XEX_HEADER_BASE, x->header, x->header_size) == MEM_OK);
	return st;
}

static void title_facts(struct machine *m, const struct image *img)
{
	struct w_machine *w = machine_row_mut(m);
	w->image_base = img->base;
	w->image_size = img->size;
	w->stack_size = img->stack_size ? (img->stack_size + MEM_PAGE - 1) & ~(MEM_PAGE - 1) : STACK_DEFAULT;
	w->tls_ga = img->tls_ga;
	w->tls_raw_size = img->tls_raw_size < img->tls_size ? img->tls_raw_size : img->tls_size;
	w->tls_size = (img->tls_size + 15) & ~15u;
	w->tls_slots = img->tls_slots ? (img->tls_slots + 3) & ~3u : TLS_SLOTS_DEFAULT;
	if (w->tls_slots > TLS_SLOTS_MAX)
		w->tls_slots = TLS_SLOTS_MAX;
}

static enum status kernel_make(struct machine *m)
{
	enum status st = trap_page_make(m);
	for (uint32_t hw = 0; st == ST_OK && hw < HW_THREADS; hw++)
		st = kpcr_make(m, hw);
	if (st == ST_OK)
		st = headers_place(m, m->image->xex);
	if (st == ST_OK)
		st = vars_init(m);
	return st == ST_OK ? process_make(m) : st;
}

static enum status main_thread_make(struct machine *m, const struct image *img, struct err *err)
{
	uint32_t thread;
	const struct thread_spec spec = { .start_ga = img->entry };
	if (thread_create(m, 0, &spec, &thread) != NT_SUCCESS || !handle_open(m, 0, thread_peek(m, thread)->object))
		return err_set(err, ST_BAD_IMAGE, "%s: no room for the main thread's stack (%u bytes)", img->name, img->stack_size);
	struct w_thread *t = thread_row(m, thread);
	snprintf(t->name, sizeof t->name, "main");
	machine_row_mut(m)->main_thread = thread;
	sched_ready(m, thread);
	return ST_OK;
}

enum status machine_load(struct machine *m, const struct image *img, struct err *err)
{
	INVARIANT(!m->image);
	/* A library's entry is called by whoever loads it, for each process and thread. */
	if (img->xex && (img->xex->module_flags & XEX_FLAG_DLL) && !(img->xex->module_flags & XEX_FLAG_TITLE))
		return err_set(err, ST_BAD_IMAGE, "%s: a library (DLL), not a title: `wedge info` shows what is in it", img->name);
	m->image = img;
	title_facts(m, img);
	enum status st = place_segments(m, img, err);
	if (st != ST_OK)
		return ST_BAD_IMAGE;
	st = kernel_make(m);
	if (st != ST_OK)
		return err_set(err, ST_BAD_IMAGE, "%s: the kernel's own memory is taken: %s", img->name, status_text(st));
	st = place_title(m, err);
	return st == ST_OK ? main_thread_make(m, img, err) : st;
}
