/* ui/block.h - lines of commands kept for later: bodies of define, if, while, commands; and where lines are read from. */
#ifndef UI_BLOCK_H
#define UI_BLOCK_H

#include "src/base/base.h"

/** Lines with their places. Counted references: a stop's commands may delete that stop. */
struct block {
	unsigned references;
	char *from;                   /* file's or command's name; "" = typed */
	unsigned count, room;
	char **line;
	unsigned *number;             /* of the line in @from, from 1 */
};

struct block *block_new(const char *from);
struct block *block_get(struct block *b);
void block_put(struct block *b);
void block_add(struct block *b, const char *line, unsigned number);

/** Where the next line comes from: a file, a terminal, a block. The present one is the session's. */
struct line_source {
	/** The next line, borrowed until the next call; NULL = there is none. @depth: how deep in blocks (for a prompt). */
	const char *(*next)(void *ctx, unsigned depth);
	void *ctx;
	const char *from;             /* as in a block */
	unsigned number;              /* of the line read last */
};

#endif
