/* kernel/spa.h - a title's SPA: achievements and texts in an XDBF that is a resource of its XEX image, named by the title id in hexadecimal.
 *
 * The format is Xenia's (its xdbf folder): big-endian; a header {"XDBF", version, entries that fit, entries, free ones that fit, free ones}, entries of 18 bytes
 * {section, id, offset, length}, the free ones of 8, then the data. Section 1 has the tables ("XACH"), section 3 the texts of each language ("XSTR").
 * Nothing in it is trusted: what does not fit is not there.
 */
#ifndef KERNEL_SPA_H
#define KERNEL_SPA_H

#include "kernel/machine.h"

#define SPA_TEXT_MAX 150u /* characters of a text that are kept */

struct spa_achievement {
	uint32_t id, image_id, gamerscore, flags;
	uint32_t label, description, unachieved; /* ids of texts */
};
/** The @i-th achievement of the running title (0-based); false: it has no more. */
bool spa_achievement(const struct machine *m, uint32_t i, struct spa_achievement *out);
/** The English text @id as UTF-16, ended by 0; how many characters, 0 = there is none. */
unsigned spa_text(const struct machine *m, uint32_t id, uint16_t text[SPA_TEXT_MAX + 1]);

#endif
