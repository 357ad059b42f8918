/* src/snap/tree.c - see tree.h */
#include "config.h"

#include "src/snap/tree.h"

#include <stdlib.h>

#include "src/snap/pages.h"

struct page {
	uint32_t refs;
	uint8_t bytes[TREE_PAGE];
};

struct leaf {
	uint32_t refs;
	struct page *page[LEAF_PAGES];
};

static void page_drop(struct tree_use *use, struct page *p)
{
	if (!p || --p->refs)
		return;
	use->bytes -= sizeof *p;
	free(p);
}

static void leaf_drop(struct tree_use *use, struct leaf *l)
{
	if (!l || --l->refs)
		return;
	for (unsigned i = 0; i < LEAF_PAGES; i++)
		page_drop(use, l->page[i]);
	use->bytes -= sizeof *l;
	free(l);
}

/* Room for @leaves leaves. */
static void tree_widen(struct tree *t, uint32_t leaves)
{
	t->leaf = xrealloc(t->leaf, leaves * sizeof(struct leaf *));
	memset(t->leaf + t->leaves, 0, (leaves - t->leaves) * sizeof(struct leaf *));
	t->use->bytes += (leaves - t->leaves) * sizeof(struct leaf *);
	t->leaves = leaves;
}

/* The leaf that holds page @number, to be written to: this tree's own. */
static struct leaf *leaf_own(struct tree *t, uint64_t number)
{
	uint64_t i = number / LEAF_PAGES;
	if (i >= t->leaves)
		tree_widen(t, (uint32_t)(i + 1));
	struct leaf *l = t->leaf[i];
	if (l && l->refs == 1)
		return l;
	struct leaf *own = xcalloc(1, sizeof *own);
	if (l) {
		*own = *l;
		for (unsigned k = 0; k < LEAF_PAGES; k++)
			if (own->page[k])
				own->page[k]->refs++;
		l->refs--;
	}
	own->refs = 1;
	t->use->bytes += sizeof *own;
	return t->leaf[i] = own;
}

static struct page *page_at(const struct tree *t, uint64_t number)
{
	uint64_t i = number / LEAF_PAGES;
	return i < t->leaves && t->leaf[i] ? t->leaf[i]->page[number % LEAF_PAGES] : NULL;
}

struct tree tree_new(struct tree_use *use)
{
	if (!use)
		use = xcalloc(1, sizeof *use);
	use->refs++;
	return (struct tree){ .use = use };
}

struct tree tree_share(const struct tree *t)
{
	struct tree n = tree_new(t->use);
	if (t->leaves)
		tree_widen(&n, t->leaves);
	for (uint32_t i = 0; i < t->leaves; i++)
		if ((n.leaf[i] = t->leaf[i]))
			n.leaf[i]->refs++;
	n.count = t->count;
	return n;
}

void tree_free(struct tree *t)
{
	for (uint32_t i = 0; i < t->leaves; i++)
		leaf_drop(t->use, t->leaf[i]);
	free(t->leaf);
	t->use->bytes -= t->leaves * sizeof(struct leaf *);
	if (!--t->use->refs)
		free(t->use);
	*t = (struct tree){ 0 };
}

const uint8_t *tree_get(const struct tree *t, uint64_t number)
{
	const struct page *p = page_at(t, number);
	return p ? p->bytes : NULL;
}

uint64_t tree_set(struct tree *t, uint64_t number, const uint8_t *bytes)
{
	bool zero = page_is_zero(bytes);
	struct page *old = page_at(t, number);
	if (old ? memcmp(old->bytes, bytes, TREE_PAGE) == 0 : zero)
		return 0;
	struct leaf *l = leaf_own(t, number);
	struct page **p = &l->page[number % LEAF_PAGES];
	t->count = t->count + !zero - (*p != NULL);
	page_drop(t->use, *p);
	*p = NULL;
	if (zero)
		return 0;
	*p = xmalloc(sizeof **p);
	t->use->bytes += sizeof **p;
	(*p)->refs = 1;
	memcpy((*p)->bytes, bytes, TREE_PAGE);
	return sizeof **p;
}

void tree_each(const struct tree *t, void (*fn)(void *ctx, uint64_t number, const uint8_t *bytes), void *ctx)
{
	tree_each_difference(&(struct tree){ 0 }, t, fn, ctx);
}

void tree_each_difference(
	const struct tree *from, const struct tree *to, void (*fn)(void *ctx, uint64_t number, const uint8_t *bytes), void *ctx)
{
	uint32_t leaves = from->leaves > to->leaves ? from->leaves : to->leaves;
	for (uint32_t i = 0; i < leaves; i++) {
		const struct leaf *a = i < from->leaves ? from->leaf[i] : NULL, *b = i < to->leaves ? to->leaf[i] : NULL;
		if (a == b)
			continue;
		for (uint32_t k = 0; k < LEAF_PAGES; k++) {
			const struct page *p = a ? a->page[k] : NULL, *q = b ? b->page[k] : NULL;
			if (p != q)
				fn(ctx, (uint64_t)i * LEAF_PAGES + k, q ? q->bytes : NULL);
		}
	}
}
