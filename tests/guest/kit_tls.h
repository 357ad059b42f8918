/* tests/guest/kit_tls.h - TLS callbacks of the guest kit: KIT_TLS_CALLBACKS(first, second); once in a title or library.
 *
 * The directory that tests/mkxex puts into the PE headers; an ELF has none, so there nobody calls them.
 */
#ifndef KIT_TLS_H
#define KIT_TLS_H

#include "kit_dll.h"

typedef void kit_tls_callback(void *base, uint32_t reason, void *reserved);

/** IMAGE_TLS_DIRECTORY32. */
struct kit_tls_directory {
	const void *raw_start, *raw_end;
	uint32_t *index;
	kit_tls_callback *const *callbacks; /* NULL ends them */
	uint32_t zero_fill, characteristics;
};

#define KIT_TLS_CALLBACKS(...) \
	static uint32_t kit_tls_index; \
	static kit_tls_callback *const kit_tls_callbacks[] = { __VA_ARGS__, NULL }; \
	extern const struct kit_tls_directory _tls_used; \
	__attribute__((section(".rodata.tls"), used)) const struct kit_tls_directory _tls_used = { NULL, NULL, &kit_tls_index, \
		kit_tls_callbacks, 0, 0 }

/** The running thread's static TLS. */
static inline const uint32_t *kit_tls_data(void)
{
	const uint32_t *data;
	__asm__ volatile("lwz %0,0(13)" : "=r"(data));
	return data;
}

#endif
