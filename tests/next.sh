#!/bin/bash
# tests/next.sh - the commands that a report says to type next can be typed: for each guest of the town, as it stands then, one by one.
# And each guest of the town has a golden that shows its report. Prints TAP.
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
wedge=$PWD/wedge
here=$(cd "$srcdir/tests" && pwd)

# next GUEST.elf LIMIT OPTIONS: the commands, one a line.
next()
{
	# shellcheck disable=SC2086 # options are words
	"$wedge" --batch --json ${2:+-n "$2"} $3 -e run -e wedge "$1" 2>/dev/null | grep '^{"verdict"' | sed 's/.*"next":\[//; s/\]}$//; s/^"//; s/"$//; s/","/\n/g'
}

# check GUEST.elf LIMIT OPTIONS: all of them, in their order, in one session; a command's error ends it with 2.
check()
{
	local args=() line
	while IFS= read -r line; do
		args+=(-e "$line")
	done < <(next "$1" "$2" "$3")
	[ ${#args[@]} -gt 0 ] || { echo "$1: no commands" >&2; return 1; }
	# shellcheck disable=SC2086 # options are words
	(cd "$tmp" && "$wedge" --batch ${2:+-n "$2"} $3 -e run -e 'info threads' "${args[@]}" "$1" >"$tmp/out" 2>"$tmp/err")
	[ $? != 2 ] || { cat "$tmp/err" >&2; return 1; }
	return 0
}

guests=$(grep -l '^ \* verdict: ' "$srcdir"/tests/guest/*.c)
echo "1..$(($(echo "$guests" | wc -l) * 2))"
for guest in $guests; do
	name=${guest##*/}
	name=${name%.c}
	if grep -lx "# title: $name.elf" "$srcdir"/tests/golden/*.cmd | xargs -r grep -lx 'wedge\( -v\)\?' | grep -q .; then
		echo "ok next_golden_$name"
	else
		echo "$name: no golden shows its report" >&2
		echo "not ok next_golden_$name"
	fi
	options=$(sed -n "/\*\//q; s|@HERE@|$here/golden|g; s/^ \* options: //p" "$guest")
	limit=$(sed -n '/\*\//q; s/^ \* limit: //p' "$guest")
	if [ ! -f "tests/guest/$name.elf" ] && [ -z "${PPC_CC-}" ]; then
		echo "ok next_$name # SKIP no guests were built"
	elif check "$PWD/tests/guest/$name.elf" "$limit" "$options"; then
		echo "ok next_$name"
	else
		echo "not ok next_$name"
	fi
done
