#!/bin/bash
# tests/knockout.sh [GUEST.c...] - the report is right about the object and the threads whichever signal is missing.
#
# A guest with KNOCK(n, call) lines (tests/guest/knock.h) comes to its end as it is; here it is built once for each n, without that
# call. Each build's verdict and roots must be those written behind the call. Prints TAP, and the table on stderr.
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
if [ $# = 0 ]; then
	set -- "$srcdir"/tests/guest/knock*.c
fi

# rows GUEST.c: `n | call | verdict | root: ...` for each call that can be left out.
rows()
{
	sed -nE 's,^.*KNOCK(_IF)?\(([0-9]+)\, (.*)\);[ \t]*// (.*)$,\2 | \3 | \4,p' "$1" | sort -n
}

# found GUEST.elf: what the debugger finds, in one line.
found()
{
	./wedge --batch --json -e run -e wedge -e 'info threads' "$1" 2>/dev/null | awk -f "$srcdir/tests/verdict.awk" |
		sed '1s/^verdict: //; 1!s/^/ | /' | tr -d '\n'
}

total=0
for guest; do
	total=$((total + $(rows "$guest" | wc -l)))
done
echo "1..$total"
for guest; do
	name=${guest##*/}
	name=${name%.c}
	rows "$guest" >"$tmp/rows"
	[ "$(wc -l <"$tmp/rows")" = "$(grep -cE '^[^#]*KNOCK(_IF)?\(' "$guest")" ] || {
		echo "knockout.sh: $guest: a KNOCK without what it leads to" >&2
		exit 2
	}
	while IFS= read -r row; do
		n=${row%% | *}
		want=${row#* | }
		call=${want%% | *}
		want=${want#* | }
		if [ ! -x tests/guest/kitcc ] || [ -z "${PPC_CC-}" ]; then
			echo "ok knockout_${name}_$n # SKIP gcc-powerpc-linux-gnu is not installed"
			continue
		fi
		tests/guest/kitcc -DKNOCKED="$n" -o "$tmp/$n.elf" "$guest" || exit 2
		got=$(found "$tmp/$n.elf")
		if [ "$got" = "$want" ]; then
			echo "ok knockout_${name}_$n"
			printf '%-10s %2d  %-52s %s\n' "$name" "$n" "$call" "$got" >&2
		else
			echo "not ok knockout_${name}_$n"
			printf '%-10s %2d  %-52s\n\tfound    %s\n\texpected %s\n' "$name" "$n" "$call" "$got" "$want" >&2
		fi
	done <"$tmp/rows"
done
