/* tests/t_base.c - statuses, errors with text, big-endian access, stable hashes. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/base/base.h"

static void base_every_status_has_its_own_text(void **state)
{
	static const char *const names[] = {
#define STATUS(name, text) #name,
#include "src/base/status.def"
#undef STATUS
	};
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		assert_true(*status_text(i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(status_text(i), status_text(j));
	}
	assert_string_equal(status_text((enum status)ARRAY_LEN(names)), "unknown status");
}

static void base_err_set_keeps_status_and_cuts_text(void **state)
{
	struct err err;
	char longer[sizeof err.text + 100];
	memset(longer, 'x', sizeof longer);
	longer[sizeof longer - 1] = 0;
	assert_int_equal(err_set(&err, ST_NO_MEMORY, "%s", longer), ST_NO_MEMORY);
	assert_int_equal(err.status, ST_NO_MEMORY);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_int_equal(err_set(NULL, ST_NO_MEMORY, "nobody listens"), ST_NO_MEMORY);
}

static void base_big_endian_access_is_unaligned_and_exact(void **state)
{
	uint8_t b[9];
	store_be64(b + 1, UINT64_C(0x0123456789abcdef));
	assert_int_equal(b[1], 0x01);
	assert_int_equal(b[8], 0xef);
	assert_int_equal(load_be32(b + 1), 0x01234567);
	assert_int_equal(load_be16(b + 7), 0xcdef);
	assert_int_equal(be32_get(be32_of(0xdeadbeef)), 0xdeadbeef);
	assert_int_equal(be16_of(0x1234).b[0], 0x12);
	assert_int_equal(be64_get(be64_of(UINT64_MAX - 1)), UINT64_MAX - 1);
}

/* Values of the FNV authors' test suite, which has NUL-ended strings too; a u64 counts as its bytes, highest first. */
static void base_fnv_gives_the_published_values(void **state)
{
	assert_true(fnv_str(FNV_BASIS, "") == UINT64_C(0xaf63bd4c8601b7df));
	assert_true(fnv_str(FNV_BASIS, "foobar") == UINT64_C(0x34531ca7168b8f38));
	assert_true(fnv_u64(FNV_BASIS, UINT64_C(0x0123456789abcdef)) == UINT64_C(0x9ed00e1af2c13f65));
}

/* In a child: the process ends with 70, and no check after the broken one is made. */
static void base_broken_invariant_ends_with_70(void **state)
{
	pid_t child = fork();
	if (!child) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		INVARIANT(child != 0);
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_every_status_has_its_own_text),
		cmocka_unit_test(base_err_set_keeps_status_and_cuts_text),
		cmocka_unit_test(base_big_endian_access_is_unaligned_and_exact),
		cmocka_unit_test(base_fnv_gives_the_published_values),
		cmocka_unit_test(base_broken_invariant_ends_with_70),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
