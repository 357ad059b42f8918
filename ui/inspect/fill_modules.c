/* ui/inspect/fill_modules.c - the title and the libraries that are loaded beside it. */
#include "config.h"

#include <stdio.h>

#include "kernel/loader.h"
#include "kernel/module.h"
#include "kernel/mount.h"
#include "kernel/rows.h"
#include "ui/inspect/inspect.h"

static void put_loads(struct table *t, const struct machine *m, uint32_t ldr)
{
	be16 n;
	if (ldr && mem_peek(&m->mem, GA(ldr, g_ldr_data_table_entry, load_count), &n, sizeof n) == MEM_OK)
		put_u64(t, be16_get(n));
	else
		put_none(t);
}

/* "warmup.xex toolbox.xex": the libraries of these bits. */
static void put_needs(struct table *t, const struct machine *m, uint32_t needs)
{
	char words[WORDS_TEXT] = "";
	size_t used = 0;
	for (uint32_t row = 1; row <= MODULES_MAX; row++) {
		if (!(needs >> (row - 1) & 1) || used + MODULE_NAME_MAX + 2 > sizeof words)
			continue;
		used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", used ? " " : "", module_peek(m, row)->name);
	}
	put_words(t, words);
}

/* @row: as module.h's functions take it. A bad directory or array is worth a line. */
static void put_callbacks(struct table *t, const struct machine *m, uint32_t row)
{
	const char *bad = module_tls(m, row).bad, *end = NULL;
	uint32_t n = 0;
	while (!bad && module_tls_callback(m, row, n, &end))
		n++;
	if (bad || end)
		table_note(t, "%s: %s", row ? module_peek(m, row)->name : m->image->name, bad ? bad : end);
	if (n)
		put_u64(t, n);
	else
		put_none(t);
}

/* What is done with it at this moment, and by whom. */
static void put_state(struct table *t, const struct machine *m, uint32_t module, const char *word)
{
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_loader); row++) {
		const struct w_loader *j = loader_peek(m, row);
		if (!j->thread || j->called != module)
			continue;
		put_strf(t, "%s: %s on tid %u", word, loader_reason_word(j->reason), thread_peek(m, j->thread)->tid);
		return;
	}
	put_str(t, word);
}

static void title_row(struct table *t, const struct machine *m)
{
	const struct image *img = m->image;
	uint32_t ldr = machine_row(m)->exe_module_ga; /* 0: it is only looked at */
	put_str(t, img->name);
	put_hex(t, img->base);
	put_hex(t, img->size);
	put_code(t, m, img->entry);
	put_loads(t, m, ldr);
	put_state(t, m, MODULE_TITLE, "title");
	if (ldr)
		put_hex(t, ldr);
	else
		put_none(t);
	put_u64(t, img->symbols);
	put_callbacks(t, m, 0);
	put_hex(t, img->digest);
	put_words(t, "");
	put_none(t);
}

void fill_modules(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	char path[FS_LINK_MAX + FS_PATH_MAX + 3];
	if (m->image)
		title_row(t, m);
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_module); row++) {
		const struct w_module *w = module_peek(m, row);
		if (w->state == MODULE_FREE)
			continue;
		const struct image *img = module_image(m, row);
		put_str(t, w->name);
		put_hex(t, w->base);
		put_hex(t, w->size);
		put_code(t, m, w->entry);
		put_loads(t, m, w->ldr_ga);
		put_state(t, m, row, module_state_word(w->state));
		put_hex(t, w->ldr_ga);
		if (img)
			put_u64(t, img->symbols);
		else
			put_none(t);
		put_callbacks(t, m, row);
		put_hex(t, w->digest);
		put_needs(t, m, w->needs);
		snprintf(path, sizeof path, "%s\\%s", w->mount - 1 < mounts_count(m) ? mount_peek(m, w->mount)->device : "?",
			w->path);
		put_str(t, path);
	}
}
