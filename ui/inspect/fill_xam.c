/* ui/inspect/fill_xam.c - tables of XAM: content, userdata. */
#include "config.h"

#include <stdio.h>

#include "kernel/content.h"
#include "kernel/xam.h"
#include "ui/inspect/inspect.h"
#include "ui/inspect/table.h"

/* As UTF-8; a character outside of the first plane is two '?'. */
static const char *utf16_text(const uint16_t *s, unsigned n, char *buf)
{
	char *p = buf;
	for (unsigned i = 0; i < n && s[i]; i++) {
		uint16_t c = s[i];
		if (c < 0x80) {
			*p++ = c < 0x20 ? '?' : (char)c;
		} else if (c < 0x800) {
			*p++ = (char)(0xC0 | c >> 6);
			*p++ = (char)(0x80 | (c & 0x3F));
		} else if (c < 0xD800 || c > 0xDFFF) {
			*p++ = (char)(0xE0 | c >> 12);
			*p++ = (char)(0x80 | (c >> 6 & 0x3F));
			*p++ = (char)(0x80 | (c & 0x3F));
		} else {
			*p++ = '?';
		}
	}
	*p = '\0';
	return buf;
}

void fill_content(struct table *t, const struct query *q)
{
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_content); row++) {
		const struct w_content *o = content_peek(m, row);
		char text[CONTENT_DISPLAY_MAX * 3 + 1], path[FS_LINK_MAX + sizeof o->path + 2];
		if (!o->mount)
			continue;
		put_str(t, o->root);
		put_str(t, utf16_text(o->display, CONTENT_DISPLAY_MAX, text));
		put_str(t, o->name);
		put_hex(t, o->type);
		put_hex(t, o->title_id);
		snprintf(text, sizeof text, "%016llX", (unsigned long long)o->xuid);
		put_str(t, text);
		put_tid(t, o->tid);
		put_cycles(t, o->since);
		put_str(t, o->created ? "made" : "opened");
		snprintf(path, sizeof path, "%s\\%s", mount_peek(m, o->mount)->device, o->path);
		put_str(t, path);
	}
}

/* A context's number, the first bytes of a property. */
static const char *value_text(const struct machine *m, const struct w_userdata *u, char buf[32])
{
	uint8_t bytes[8] = { 0 };
	uint32_t n = u->size < sizeof bytes ? u->size : (uint32_t)sizeof bytes, at = 0;
	buf[0] = '\0';
	if (u->kind == USERDATA_CONTEXT)
		snprintf(buf, 32, "%u", u->value);
	if (u->kind != USERDATA_PROPERTY || mem_peek(&m->mem, u->bytes_ga, bytes, n) != MEM_OK)
		return buf;
	for (uint32_t i = 0; i < n; i++)
		at += (uint32_t)snprintf(buf + at, 32 - at, "%02X", bytes[i]);
	if (u->size > n)
		snprintf(buf + at, 32 - at, "...");
	return buf;
}

void fill_userdata(struct table *t, const struct query *q)
{
	static const char *const kinds[] = { "", "context", "property", "achievement" };
	const struct machine *m = q->machine;
	for (uint32_t row = 1; row < arena_count(&m->world, m->t_userdata); row++) {
		const struct w_userdata *u = userdata_peek(m, row);
		char value[32];
		if (u->kind == USERDATA_FREE)
			continue;
		put_str(t, kinds[u->kind]);
		put_u64(t, u->user);
		put_hex(t, u->id);
		put_str(t, value_text(m, u, value));
		put_tid(t, u->tid);
		put_cycles(t, u->when);
	}
}
