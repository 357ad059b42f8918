/* src/load/xex_key.c - the file that --xex-key names: a key of 32 hex digits; white space around and between them does not count. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "src/load/xex.h"

#define FILE_BYTES_MAX 256u
#define DIGITS (2 * XEX_KEY_BYTES)

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum status parse(const char *path, const uint8_t *text, size_t size, uint8_t key[XEX_KEY_BYTES], struct err *err)
{
	unsigned n = 0;
	memset(key, 0, XEX_KEY_BYTES);
	for (size_t i = 0; i < size; i++) {
		if (strchr(" \t\r\n", text[i]) && text[i])
			continue;
		int d = digit(text[i]);
		if (d < 0)
			return err_set(
				err, ST_BAD_INPUT, "%.200s: offset 0x%zx: key: byte %02x is no hex digit", path, i, text[i]);
		if (n == DIGITS)
			return err_set(err, ST_BAD_INPUT, "%.200s: offset 0x%zx: key: more than %u hex digits", path, i, DIGITS);
		key[n / 2] |= (uint8_t)(d << (n % 2 ? 0 : 4));
		n++;
	}
	if (n < DIGITS)
		return err_set(
			err, ST_BAD_INPUT, "%.200s: offset 0x%zx: key: %u hex digits, should be %u", path, size, n, DIGITS);
	return ST_OK;
}

enum status xex_key_read(const char *path, uint8_t key[XEX_KEY_BYTES], struct err *err)
{
	uint8_t text[FILE_BYTES_MAX + 1];
	FILE *f = fopen(path, "re");
	if (!f)
		return err_set(err, ST_IO, "%.200s: cannot open: %s", path, strerror(errno));
	size_t size = fread(text, 1, sizeof text, f);
	bool failed = ferror(f) != 0;
	int why = errno;
	fclose(f);
	if (failed)
		return err_set(err, ST_IO, "%.200s: cannot read: %s", path, strerror(why));
	if (size > FILE_BYTES_MAX)
		return err_set(
			err, ST_BAD_INPUT, "%.200s: offset 0x%x: key: the file is longer than a key's", path, FILE_BYTES_MAX);
	return parse(path, text, size, key, err);
}
