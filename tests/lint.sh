#!/bin/bash
# tests/lint.sh - `make lint`: clang-format and clang-tidy by their configurations here, cppcheck, shellcheck.
# A tool that is not installed is skipped. Ends with `N passed, N failed, N skipped`; what is wrong is printed before.
set -u
: "${srcdir:?is set by make lint}"
build=$PWD
cd "$srcdir" || exit 2
mapfile -t code < <(find src kernel ui tests -name '*.c' ! -path 'tests/guest/*' ! -path 'tests/bench/*' | sort)
mapfile -t scripts < <(grep -lE '^#!/bin/(ba)?sh' bootstrap .ci/* tests/* tests/*/* 2>/dev/null)
passed=0 failed=0 skipped=0

# look TOOL COMMAND...: one check.
look()
{
	local tool=$1
	shift
	if ! command -v "$tool" >/dev/null; then
		echo "skip $tool: not installed"
		skipped=$((skipped + 1))
	elif "$@"; then
		echo "ok $tool"
		passed=$((passed + 1))
	else
		echo "not ok $tool"
		failed=$((failed + 1))
	fi
}
tidy()
{
	printf '%s\n' "${code[@]}" | xargs -P "${JOBS:-2}" -n 4 clang-tidy --quiet -- -std=gnu11 -D_GNU_SOURCE -I. -I"$build" \
		$LINT_CFLAGS 2>/dev/null
}
check()
{
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr -j "${JOBS:-2}" \
		--suppressions-list=tests/cppcheck.txt -I. -I"$build" -DHAVE_CONFIG_H "${code[@]}"
}
look clang-format clang-format --dry-run --Werror "${code[@]}"
look cppcheck check
look clang-tidy tidy
look shellcheck shellcheck "${scripts[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
