/* tests/xexmake/lzx_tree.c - see lzx_tree.h. */
#include "config.h"

#include "tests/xexmake/lzx_tree.h"

#define SYMBOLS_MAX 656u
#define PRETREE 20u
#define PRETREE_LIMIT 15u
/* The pretree's symbols for runs: so many at least, so many bits that say how many more. */
enum { ZEROS_SHORT = 17, ZEROS_LONG = 18, SAME = 19 };

void bits_put(struct bits *o, uint32_t v, unsigned n)
{
	for (unsigned i = n; i-- > 0;) {
		o->word = o->word << 1 | (v >> i & 1);
		if (++o->used == 16) {
			bytes_le16(o->out, o->word & 0xffff);
			o->used = 0;
		}
	}
}

void bits_align(struct bits *o)
{
	while (o->used)
		bits_put(o, 0, 1);
}

/* ---- trees --------------------------------------------------------------------------------------------------------------- */

/* A node's parent is always behind it. */
struct node {
	uint64_t count;
	unsigned parent;
	bool taken;
};

static unsigned rarest(struct node *node, unsigned n)
{
	unsigned best = n;
	for (unsigned i = 0; i < n; i++) {
		if (node[i].count && !node[i].taken && (best == n || node[i].count < node[best].count))
			best = i;
	}
	if (best < n)
		node[best].taken = true;
	return best;
}

/* The tree without a limit; the longest code's length. */
static unsigned tree_make(const uint32_t *count, unsigned n, uint8_t *length)
{
	struct node node[2 * SYMBOLS_MAX] = { 0 };
	unsigned nodes = n, root = 0, longest = 0;
	for (unsigned i = 0; i < n; i++)
		node[i].count = count[i];
	for (;;) {
		unsigned a = rarest(node, nodes), b = rarest(node, nodes);
		if (b == nodes) {
			root = a;
			break;
		}
		node[nodes].count = node[a].count + node[b].count;
		node[a].parent = node[b].parent = nodes++;
	}
	for (unsigned i = 0; i < n; i++) {
		length[i] = 0;
		for (unsigned at = i; count[i] && at != root; at = node[at].parent)
			length[i]++;
		if (length[i] > longest)
			longest = length[i];
	}
	return longest;
}

void lengths_make(const uint32_t *count, unsigned n, unsigned limit, bool wanted, uint8_t *length)
{
	uint32_t c[SYMBOLS_MAX];
	unsigned used = 0;
	INVARIANT(n <= SYMBOLS_MAX);
	for (unsigned i = 0; i < n; i++)
		used += (c[i] = count[i]) != 0;
	memset(length, 0, n);
	if (!used && !wanted)
		return;
	for (unsigned i = 0; used < 2; i++) {
		used += !c[i];
		c[i] += !c[i];
	}
	while (tree_make(c, n, length) > limit) {
		for (unsigned i = 0; i < n; i++)
			c[i] = c[i] ? c[i] / 4 + 1 : 0; /* flatter */
	}
}

void codes_make(const uint8_t *length, unsigned n, struct code *code)
{
	unsigned next = 0;
	memset(code, 0, n * sizeof *code);
	for (unsigned l = 1; l <= 16; l++, next <<= 1) {
		for (unsigned i = 0; i < n; i++) {
			if (length[i] == l)
				code[i] = (struct code){ (uint16_t)next++, (uint8_t)l };
		}
	}
}

/* ---- trees as they are written --------------------------------------------------------------------------------------------- */

/* A symbol of the pretree, and for a run its bits and, for SAME, the symbol that is repeated. */
struct word {
	uint8_t symbol, extra, extra_bits, repeated;
};

static uint8_t difference(uint8_t old, uint8_t length)
{
	return (uint8_t)((old + 17 - length) % 17);
}

static unsigned run_of(const uint8_t *length, unsigned left, unsigned max)
{
	unsigned n = 1;
	while (n < left && n < max && length[n] == length[0])
		n++;
	return n;
}

/* One word for @length[0] and those like it that follow; how many symbols it stands for. */
static unsigned word_make(const uint8_t *old, const uint8_t *length, unsigned left, struct word *w)
{
	unsigned run = run_of(length, left, 51);
	if (!length[0] && run >= 20) {
		*w = (struct word){ ZEROS_LONG, (uint8_t)(run - 20), 5, 0 };
	} else if (!length[0] && run >= 4) {
		*w = (struct word){ ZEROS_SHORT, (uint8_t)(run - 4), 4, 0 };
	} else if (run >= 4) {
		run = run > 5 ? 5 : run;
		*w = (struct word){ SAME, (uint8_t)(run - 4), 1, difference(old[0], length[0]) };
	} else {
		*w = (struct word){ difference(old[0], length[0]), 0, 0, 0 };
		run = 1;
	}
	return run;
}

void lengths_put(struct bits *o, uint8_t *old, const uint8_t *length, unsigned n)
{
	struct word word[SYMBOLS_MAX];
	uint32_t count[PRETREE] = { 0 };
	uint8_t pre_length[PRETREE];
	struct code code[PRETREE];
	unsigned words = 0;
	for (unsigned i = 0; i < n; words++) {
		i += word_make(old + i, length + i, n - i, &word[words]);
		count[word[words].symbol]++;
		if (word[words].symbol == SAME)
			count[word[words].repeated]++;
	}
	lengths_make(count, PRETREE, PRETREE_LIMIT, true, pre_length);
	codes_make(pre_length, PRETREE, code);
	for (unsigned i = 0; i < PRETREE; i++)
		bits_put(o, pre_length[i], 4);
	for (unsigned i = 0; i < words; i++) {
		bits_put_code(o, code[word[i].symbol]);
		bits_put(o, word[i].extra, word[i].extra_bits);
		if (word[i].symbol == SAME)
			bits_put_code(o, code[word[i].repeated]);
	}
	memcpy(old, length, n);
}
