#!/bin/sh
# tests/readme.sh - what README.md shows is what a run prints: in each ```console block, the lines after `$ build/wedge ...`
# are that command's stdout (digests may differ). UPDATE=1 writes them anew.
set -u
: "${srcdir:?run tests/run.sh of a build}"
build=$PWD
tmp=${TMPDIR:-/tmp}
if [ -z "${PPC_CC-}" ] && [ ! -f tests/guest/demo.elf ]; then
	echo 'ok readme_shows_what_a_run_prints # SKIP no demo: gcc-powerpc-linux-gnu is not installed'
	exit 0
fi
# The text of README.md with every block filled in from a run.
while IFS= read -r line; do
	case $line in
	'```console') in_block=yes ;;
	'```') in_block='' ;;
	'$ build/wedge'*)
		printf '%s\n' "$line"
		[ -n "${in_block-}" ] || continue
		(cd "$tmp" && eval "exec $build/${line#??build/}" </dev/null 2>/dev/null)
		skipping=yes
		continue
		;;
	'$ '*) skipping='' ;;
	esac
	[ -n "${in_block-}" ] || skipping=''
	[ -n "${skipping-}" ] || printf '%s\n' "$line"
done <"$srcdir/README.md" >"$tmp/readme"
[ -z "${UPDATE-}" ] || cp "$tmp/readme" "$srcdir/README.md"
masked()
{
	sed -E 's/digest[ =][0-9a-f]{16}/digest */' "$1"
}
masked "$srcdir/README.md" >"$tmp/have"
masked "$tmp/readme" >"$tmp/want"
if grep -q '^\$ build/wedge' "$srcdir/README.md" && diff -u "$tmp/have" "$tmp/want" >&2; then
	echo 'ok readme_shows_what_a_run_prints'
else
	echo 'not ok readme_shows_what_a_run_prints'
fi
