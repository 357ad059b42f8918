/* ui/inspect/code.c - addresses with their names: those of the title, and of the libraries that are loaded beside it. */
#include "config.h"

#include "ui/inspect/inspect.h"

#include <stdio.h>

#include "kernel/module.h"
#include "kernel/rows.h"
#include "kernel/vars.h"

const char *code_text(const struct machine *m, uint32_t ga, char *buf, size_t size)
{
	const struct image *img = machine_image_at(m, ga);
	if (!*symbol_text(img, ga, buf, size) && img != m->image)
		(void)symbol_text(m->image, ga, buf, size); /* from a file of symbols, or the user's */
	if (!*buf && m->image && ga == vars_loader_lock())
		snprintf(buf, size, "LoaderLock");
	if (!*buf && m->image && ga - AUDIO_CODE < AUDIO_CODE_BYTES) /* where an audio worker stands while its client has nothing to do */
		snprintf(buf, size, "kernel:audio+%X", ga - AUDIO_CODE);
	return buf;
}

void put_code(struct table *t, const struct machine *m, uint32_t ga)
{
	char text[SYMBOL_TEXT];
	put_address(t, ga, code_text(m, ga, text, sizeof text));
}
