#!/bin/bash
# tests/bench/refresh.sh - what it costs to look anew at a title with 10,000 handles: each pane at 160x50, alone, and each layout.
#
# Milliseconds of the processor, user and system, per look: medians of BENCH_RUNS (5) of 100 looks less none. Run by run.sh in the build folder;
# prints a table, writes tests/bench/refresh.rows: {"kernel":"refresh","engine":"wedge","variant":"handles","ms":2.61}
# usage: refresh.sh [PANE...]
set -u
: "${srcdir:?is set by make bench}"
runs=${BENCH_RUNS:-5}
out=tests/bench
mkdir -p "$out"
cat >"$out/handles10k.c" <<'END'
#include "kit.h"
int main(void)
{
	HANDLE h = 0;
	for (uint32_t i = 0; i < 10000; i++)
		NtCreateEvent(&h, NULL, i & 1, 0);
	NtWaitForSingleObjectEx(h, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
END
tests/guest/kitcc -o "$out/handles10k.elf" "$out/handles10k.c" || exit 1

# looks NUMBER LAYOUT: prints the microseconds.
looks()
{
	local seconds TIMEFORMAT='%U %S'
	{
		echo run
		echo 'screen size 160 50'
		for pane in "${panes[@]}"; do
			echo "layout make only-$pane $pane"
		done
		echo "layout $2"
		echo 'screen save /dev/null'
		for ((n = 0; n < $1; n++)); do
			echo "layout $2"
			echo 'screen save /dev/null'
		done
	} >"$out/refresh.cmd"
	seconds=$({ time ./wedge --batch -x "$out/refresh.cmd" "$out/handles10k.elf" >"$out/refresh.text" 2>&1; } 2>&1)
	awk '{ printf "%d\n", ($1 + $2) * 1000000 }' <<<"$seconds"
}

median() { sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] }'; }

panes=("$@")
[ $# -gt 0 ] || panes=(threads object handles objects waiters aliases refs timeline code registers memory stack graph events frames accounting report timers)
layouts=()
[ $# -gt 0 ] || layouts=(threads objects wedge code)
: >"$out/refresh.rows"
printf '%-20s %10s\n' look ms
for what in "${panes[@]/#/only-}" "${layouts[@]}"; do
	none=$(for ((i = 0; i < runs; i++)); do looks 0 "$what"; done | median)
	all=$(for ((i = 0; i < runs; i++)); do looks 100 "$what"; done | median)
	ms=$(awk -v a="$all" -v b="$none" 'BEGIN { printf "%.2f", (a - b) / 100000 }')
	name=${what#only-}
	[ "$name" != "$what" ] || name=layout-$what
	printf '%-20s %10s\n' "$name" "$ms"
	printf ',\n{"kernel":"refresh","engine":"wedge","variant":"%s","ms":%s}' "$name" "$ms" >>"$out/refresh.rows"
done
