#!/bin/bash
# tests/readme.sh - what README.md shows is what a run prints: in each ```console block, the lines after `$ build/wedge ...`
# are that command's stdout (digests may differ). `(wedge) COMMAND` lines behind it are a session: each one's output follows it.
# No block of README.md is left out but those that install. UPDATE=1 writes them anew.
set -u
: "${srcdir:?run tests/run.sh of a build}"
build=$PWD
tmp=${TMPDIR:-/tmp}
echo 1..2

# Blocks of commands that are not executed: none but bootstrap's.
left_out=$(awk '/^```/ { open = !open; kind = $0; next } open && kind == "```" && !/^\.\/bootstrap / { print NR ": " $0 }' "$srcdir/README.md")
if [ -z "$left_out" ]; then
	echo 'ok readme_leaves_no_example_out'
else
	echo 'not ok readme_leaves_no_example_out'
	printf '%s\n' "$left_out" >&2
fi

if [ -z "${PPC_CC-}" ] && [ ! -f tests/guest/demo.elf ]; then
	echo 'ok readme_shows_what_a_run_prints # SKIP no demo: gcc-powerpc-linux-gnu is not installed'
	exit 0
fi

# show NUMBER LINE: runs the command line of line NUMBER, with the session that stands behind it.
show()
{
	local command=${2#??build/} session=''
	while IFS= read -r line; do
		session="$session -e $(printf %q "echo (wedge) $line") -e $(printf %q "$line")"
	done < <(awk -v from="$1" 'NR > from && /^(```|\$ )/ { exit } NR > from && sub(/^\(wedge\) /, "")' "$srcdir/README.md")
	command="${command%% *} ${session:+--batch $session} ${command#* }"
	(cd "$tmp" && eval "$build/$command" </dev/null 2>/dev/null)
}

# The text of README.md with every block filled in from a run.
number=0 in_block='' skipping=''
while IFS= read -r line; do
	number=$((number + 1))
	case $line in
	'```console') in_block=yes ;;
	'```') in_block='' ;;
	'$ build/wedge'*)
		printf '%s\n' "$line"
		[ -n "$in_block" ] || continue
		show "$number" "$line"
		skipping=yes
		continue
		;;
	'$ '*) skipping='' ;;
	esac
	[ -n "$in_block" ] || skipping=''
	[ -n "$skipping" ] || printf '%s\n' "$line"
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
