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
# Tables, and lines that say more when they stand side by side, are laid out by hand; what must agree with .clang-format is
# how statements are indented: lines that it only moves, behind a line that ends a statement or opens a block.
format()
{
	export -f format_files
	printf '%s\0' "${code[@]}" | xargs -0 -P "${JOBS:-2}" -n 16 bash -c 'format_files "$@"' format
}
format_files()
{
	local f bad=0
	for f; do
		clang-format "$f" | awk -v f="$f" '
		function see(line, side) {
			text = line
			sub(/^[ \t]+/, "", text)
			if (text != "" && starts && text !~ /^([\/*#}]|case |default:|\.|\[)/) {
				n[side, text]++
				if (side == 1)
					where[text, n[side, text]] = FNR ": " line
				indent[side, text, n[side, text]] = substr(line, 1, length(line) - length(text))
			}
			if (text !~ /^\/?\*|^$/)
				starts = text ~ /[;{}:]([ \t]*\/\*.*\*\/)?$/
		}
		FNR == 1 { starts = 1 }
		NR == FNR { see($0, 1); next }
		{ see($0, 2) }
		END {
			for (key in n) {
				split(key, k, SUBSEP)
				if (k[1] != 1 || n[1, k[2]] != n[2, k[2]])
					continue
				for (i = 1; i <= n[key]; i++)
					if (indent[1, k[2], i] != indent[2, k[2], i]) {
						print f ":" where[k[2], i]
						bad = 1
					}
			}
			exit bad
		}' "$f" - || bad=1
	done
	return $bad
}
tidy()
{
	printf '%s\0' "${code[@]}" | xargs -0 -P "${JOBS:-2}" -I{} clang-tidy --quiet {} -- -std=gnu11 -D_GNU_SOURCE \
		-DPKGDATADIR='"/usr/share/wedge"' -I. -I"$build" ${LINT_CFLAGS-} 2>/dev/null
}
# All but the interpreter's one function, whose jumps through labels take cppcheck hours.
check()
{
	local others=()
	mapfile -t others < <(printf '%s\n' "${code[@]}" | grep -vx src/cpu/interp.c)
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,portability --inline-suppr -j "${JOBS:-2}" \
		--suppressions-list=tests/cppcheck.txt -I. -I"$build" -DHAVE_CONFIG_H "${others[@]}"
}
look clang-format format
look cppcheck check
look clang-tidy tidy
look shellcheck shellcheck "${scripts[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
