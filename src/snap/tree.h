/* src/snap/tree.h - an immutable picture of pages by number, most of it shared with the pictures taken before and after it.
 *
 * Pages lie in leaves of LEAF_PAGES; leaves and pages are counted by who refers to them, and copied when written to while
 * shared. A page that is all zero has no entry. Only src/snap includes this.
 */
#ifndef SRC_SNAP_TREE_H
#define SRC_SNAP_TREE_H

#include "src/base/base.h"

#define TREE_PAGE 4096u
#define LEAF_PAGES 128u

struct leaf; /* src/snap/tree.c */

/** Host memory of all trees that come from one another by tree_share: what several of them share counts once. */
struct tree_use {
	uint32_t refs;      /* trees */
	uint64_t bytes;
};

struct tree {
	struct leaf **leaf; /* NULL = no page of it */
	uint32_t leaves;    /* room for leaves * LEAF_PAGES pages */
	uint64_t count;     /* pages that it has */
	struct tree_use *use;
};

/** An empty tree that shares @use, NULL = a count of its own. */
struct tree tree_new(struct tree_use *use);
/** A second picture of the same pages; tree_free both. */
struct tree tree_share(const struct tree *t);
void tree_free(struct tree *t);
/** The page's bytes, NULL = zeros. Valid while the tree lives and is not written to. */
const uint8_t *tree_get(const struct tree *t, uint64_t number);
/** Copies @bytes in; all zero = takes the page out. What is equal already stays shared. Returns the bytes of host memory newly taken. */
uint64_t tree_set(struct tree *t, uint64_t number, const uint8_t *bytes);
/** Calls @fn for each page that it has, ascending. */
void tree_each(const struct tree *t, void (*fn)(void *ctx, uint64_t number, const uint8_t *bytes), void *ctx);
/** Calls @fn with @to's bytes (NULL = zeros) for each page that the two do not share, ascending; shared leaves cost nothing. */
void tree_each_difference(
	const struct tree *from, const struct tree *to, void (*fn)(void *ctx, uint64_t number, const uint8_t *bytes), void *ctx);

#endif
