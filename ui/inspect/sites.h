/* ui/inspect/sites.h - who could signal an object: the places in the title's code that call what signals its kind.
 *
 * The title's executable segments are scanned for direct calls through import thunks, and through wrappers that hand an argument of theirs
 * on to such a call (SITES_DEPTH deep). What a call is given is followed backwards within its function: constants, words of memory at a
 * known address, arguments. All of it is inference: calls through pointers are not seen, only counted.
 */
#ifndef UI_INSPECT_SITES_H
#define UI_INSPECT_SITES_H

#include "ui/inspect/inspect.h"

#define SITES_DEPTH 3u

/** What the call would signal. SITE_REACH(id, "word", "what it says") */
#define SITE_REACHES(SITE_REACH) \
	SITE_REACH(THIS, "this object", "what it is given names this object now") \
	SITE_REACH(OTHER, "another", "what it is given names another object now") \
	SITE_REACH(EMPTY, "nothing now", "the word that it is given names no object now") \
	SITE_REACH(CALLER, "what its caller gives", "it is given an argument of the function around it") \
	SITE_REACH(UNKNOWN, "unknown", "what it is given cannot be told from the code")
enum site_reach {
#define SITE_REACH(id, word, text) SITE_##id,
	SITE_REACHES(SITE_REACH)
#undef SITE_REACH
};
const char *site_reach_word(enum site_reach r);

struct site {
	uint32_t pc;              /* of the call */
	uint32_t function;        /* where the function around it begins, 0 = unknown */
	uint32_t wrapper;         /* the function called, if that is a wrapper; 0 = the export itself */
	uint32_t slot;            /* ga of the word that it is given, 0 = no such word */
	uint32_t object;          /* SITE_OTHER: its row */
	uint8_t depth;            /* wrappers between it and the export */
	uint8_t reach;            /* enum site_reach */
	bool ran, entered;        /* has the call run; has the function around it */
	const char *export;       /* static */
};

struct sites {
	struct site *site;        /* THIS first, then by pc */
	unsigned count;
	unsigned indirect;        /* calls through a pointer in the whole title: where they lead is unknown */
};

/** The sites for object row @object. sites_free it. */
void sites_find(const struct query *q, uint32_t object, struct sites *out);
void sites_free(struct sites *s);

#endif
