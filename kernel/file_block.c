/* kernel/file_block.c - see file.h: the blocks of 4 KiB that the title has written. */
#include "config.h"

#include "kernel/file_priv.h"
#include "kernel/ntstatus.h"
#include "kernel/rows.h"

#define BLOCKS_MAX (1u << 16) /* 256 MiB: more is a full disk */
#define BLOCK_BUCKETS (1u << 14)

void file_blocks_layout(struct machine *m)
{
	m->t_block = arena_table_add(&m->world, "file.block", sizeof(struct w_block), BLOCKS_MAX);
	m->t_block_data = arena_table_add(&m->world, "file.data", FILE_PAGE, BLOCKS_MAX);
	m->t_block_bucket = arena_table_add(&m->world, "block.bucket", sizeof(struct w_bucket), BLOCK_BUCKETS + 1);
}

static const struct w_block *block_peek(const struct machine *m, uint32_t row)
{
	return arena_peek(&m->world, m->t_block, row);
}
static struct w_block *block_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_block, row);
}
static uint8_t *data_mut(struct machine *m, uint32_t row)
{
	return arena_row(&m->world, m->t_block_data, row);
}

static uint32_t bucket_of(uint32_t file, uint32_t index)
{
	return (file * 2654435761u + index) % BLOCK_BUCKETS + 1;
}

static uint32_t bucket_head(const struct machine *m, uint32_t bucket)
{
	return ((const struct w_bucket *)arena_peek(&m->world, m->t_block_bucket, bucket))->object;
}

static void bucket_set(struct machine *m, uint32_t bucket, uint32_t block)
{
	arena_cover(&m->world, m->t_block_bucket, bucket);
	((struct w_bucket *)arena_row(&m->world, m->t_block_bucket, bucket))->object = block;
}

static uint32_t find(const struct machine *m, uint32_t file, uint32_t index)
{
	uint32_t row = bucket_head(m, bucket_of(file, index));
	while (row && (block_peek(m, row)->file != file || block_peek(m, row)->index != index))
		row = block_peek(m, row)->hash_next;
	return row;
}

uint32_t file_blocks(const struct machine *m)
{
	return arena_live(&m->world, m->t_block);
}

bool file_page_reserve(struct machine *m, uint32_t file, uint32_t page)
{
	if (find(m, file, page))
		return true;
	uint32_t row = arena_take(&m->world, m->t_block), bucket = bucket_of(file, page);
	if (!row)
		return false;
	struct w_file *f = file_mut(m, file);
	arena_cover(&m->world, m->t_block_data, row);
	*block_mut(m, row) = (struct w_block){ file, page, bucket_head(m, bucket), f->block_first, 0 };
	if (f->block_first)
		block_mut(m, f->block_first)->file_prev = row;
	f->block_first = row;
	bucket_set(m, bucket, row);
	return true;
}

void file_page_write(struct machine *m, uint32_t file, uint32_t page, const uint8_t bytes[FILE_PAGE])
{
	uint32_t row = find(m, file, page);
	INVARIANT(row);
	memcpy(data_mut(m, row), bytes, FILE_PAGE);
}

static void block_free(struct machine *m, uint32_t row)
{
	const struct w_block b = *block_peek(m, row);
	uint32_t bucket = bucket_of(b.file, b.index), at = bucket_head(m, bucket);
	if (at == row) {
		bucket_set(m, bucket, b.hash_next);
	} else {
		while (block_peek(m, at)->hash_next != row)
			at = block_peek(m, at)->hash_next;
		block_mut(m, at)->hash_next = b.hash_next;
	}
	*(b.file_prev ? &block_mut(m, b.file_prev)->file_next : &file_mut(m, b.file)->block_first) = b.file_next;
	if (b.file_next)
		block_mut(m, b.file_next)->file_prev = b.file_prev;
	memset(data_mut(m, row), 0, FILE_PAGE);
	memset(block_mut(m, row), 0, sizeof b);
	arena_give(&m->world, m->t_block, row);
}

void file_blocks_drop(struct machine *m, uint32_t file, uint64_t size)
{
	uint32_t next;
	for (uint32_t row = file_peek(m, file)->block_first; row; row = next) {
		uint64_t start = (uint64_t)block_peek(m, row)->index * FILE_PAGE;
		next = block_peek(m, row)->file_next;
		if (start >= size)
			block_free(m, row);
		else if (size - start < FILE_PAGE)
			memset(data_mut(m, row) + (size - start), 0, FILE_PAGE - (size_t)(size - start));
	}
}

uint32_t file_page_read(struct machine *m, uint32_t file, uint32_t page, uint8_t bytes[FILE_PAGE])
{
	const struct w_file *f = file_peek(m, file);
	uint64_t start = (uint64_t)page * FILE_PAGE;
	uint32_t row = find(m, file, page), node;
	memset(bytes, 0, FILE_PAGE);
	if (row) {
		memcpy(bytes, arena_peek(&m->world, m->t_block_data, row), FILE_PAGE);
		return NT_SUCCESS;
	}
	if (!f->from_host || start >= f->base_size)
		return NT_SUCCESS;
	struct volume *v = mount_peek(m, f->mount)->volume;
	enum status st = volume_find(v, f->base, &node, NULL);
	if (st == ST_OK)
		st = volume_read(v, node, page, bytes, NULL);
	if (st == ST_BAD_INPUT)
		return NT_FILE_CORRUPT_ERROR;
	if (st != ST_OK) {
		mount_fail(m, m->acting);
		return NT_DEVICE_DATA_ERROR;
	}
	if (f->base_size - start < FILE_PAGE)
		memset(bytes + (f->base_size - start), 0, FILE_PAGE - (size_t)(f->base_size - start));
	return NT_SUCCESS;
}
