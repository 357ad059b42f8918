#!/bin/bash
# tests/bench/cost.sh - what wedge costs against itself: six runnable threads against one, observers that are armed and not hit, stops whose
# condition is false a million times, the event log, the panes.
#
# Pairs of runs of the same number of instructions. Seconds are those of the processor, user and system, because a few percent would
# drown in what else the host does; medians of BENCH_RUNS (5), the runs of all variants taken in turn. Run by run.sh in the
# build folder; prints a table, writes tests/bench/cost.rows:
#   {"kernel":"threads","engine":"wedge","variant":"six","seconds":1.01,"mips":800.2,"against":"one","ratio":1.012}
set -u
: "${srcdir:?is set by make bench}"
runs=${BENCH_RUNS:-5}
bench=$srcdir/tests/bench
out=tests/bench
flags=(-O2 -ffp-contract=off -fno-tree-loop-distribute-patterns -I"$srcdir")

# one KERNEL VARIANT ARGUMENT...: a run; its line goes to the kernel's times.
one()
{
	local k=$1 v=$2 text seconds TIMEFORMAT='%U %S'
	shift 2
	seconds=$({ time ./wedge --batch --digest "$@" >"$out/cost.text" 2>&1; } 2>&1) || { echo "bench: wedge failed on $k, $v" >&2; exit 1; }
	text=$(sed -n 's/^instructions=\([0-9]*\) .*/\1/p' "$out/cost.text")
	awk -v v="$v" -v n="$text" '{ printf "%s %.3f %s\n", v, $1 + $2, n }' <<<"$seconds" >>"$out/cost.$k.times"
}

# summary KERNEL AGAINST
summary()
{
	sort -k1,1 -k2,2n "$out/cost.$1.times" | awk -v k="$1" -v base="$2" -v runs="$runs" -v rows="$out/cost.rows" '
		{ t[$1, ++c[$1]] = $2; n[$1] = $3 }
		END {
			for (v in c)
				m[v] = t[v, int((runs + 1) / 2)]
			for (v in c) {
				ratio = m[v] / n[v] * n[base] / m[base]
				printf "%-8s %-12s %12d %10.3f %10.1f %12.3f\n", k, v, n[v], m[v], n[v] / m[v] / 1e6, ratio
				printf ",\n{\"kernel\":\"%s\",\"engine\":\"wedge\",\"variant\":\"%s\",\"seconds\":%.3f,\"mips\":%.1f,\"against\":\"%s\",\"ratio\":%.3f}",
					k, v, m[v], n[v] / m[v] / 1e6, base, ratio >>rows
			}
		}' | sort
}

# arm VARIANT: the commands that arm it, if this program has them: the trap behind _start's last call, in the page of the code
# that runs, is never reached nor stored to; the kernel hashes without handles.
arm()
{
	case $1 in
	breakpoint) armed=(-e 'break _start+0xc') ;;
	watchpoint) armed=(-e 'watch 8200000c,4') ;;
	catchpoint) armed=(-e 'catch handle.dup') ;;
	*) armed=() ;;
	esac
	[ ${#armed[@]} -eq 0 ] || ./wedge --batch "${armed[@]}" "$out/hash.elf" >/dev/null 2>&1
}

: >"$out/cost.rows"
: >"$out/cost.threads.times"
: >"$out/cost.observing.times"
tests/guest/kitcc "${flags[@]}" -DTHREADS=1 -o "$out/threads_one.elf" "$bench/threads.c"
tests/guest/kitcc "${flags[@]}" -DTHREADS=6 -o "$out/threads_six.elf" "$bench/threads.c"
tests/guest/kitcc "${flags[@]}" -DTHREADS=6 -DON_ONE -o "$out/threads_six_on_one.elf" "$bench/threads.c"
for ((i = 0; i < runs; i++)); do
	for v in one six six_on_one; do
		one threads $v -e run "$out/threads_$v.elf"
	done
	for v in nothing breakpoint watchpoint catchpoint; do
		arm $v && one observing $v "${armed[@]}" -e run "$out/hash.elf"
	done
done
# What a hit costs whose condition is false: a loop that passes a breakpoint, stores to a watched word and sets an event, a million times each.
cat >"$out/hits.c" <<'END'
#include "kit.h"
static HANDLE event;
volatile uint32_t cell;
__attribute__((noinline)) void touched(uint32_t i) { cell = i; }
int main(void)
{
	NtCreateEvent(&event, NULL, EVENT_MANUAL, 0);
	for (uint32_t i = 0; i < 1000000; i++) {
		touched(i);
		NtSetEvent(event, NULL);
	}
	return 0;
}
END
tests/guest/kitcc "${flags[@]}" -o "$out/hits.elf" "$out/hits.c"
: >"$out/cost.hits.times"
for ((i = 0; i < runs; i++)); do
	one hits nothing -e run "$out/hits.elf"
	one hits catch-armed -e 'catch dup' -e run "$out/hits.elf"
	one hits catch-false -e 'catch signal if $_waiters > 0' -e run "$out/hits.elf"
	one hits catch-other -e 'catch signal thread 9' -e run "$out/hits.elf"
	one hits break-false -e 'break touched if $r3 == 0x7fffffff' -e run "$out/hits.elf"
	one hits watch-false -e 'watch cell if $r3 == 0x7fffffff' -e run "$out/hits.elf"
done
# The event log at about a million events per second of run: four events a call, some thousand instructions between calls.
cat >"$out/logged.c" <<'END'
#include "kit.h"
volatile uint32_t cell;
int main(void)
{
	HANDLE event = 0;
	NtCreateEvent(&event, NULL, EVENT_MANUAL, 0);
	for (uint32_t i = 0; i < 250000; i++) {
		for (uint32_t k = 0; k < 700; k++)
			cell = cell + (k ^ i);
		NtSetEvent(event, NULL);
	}
	return 0;
}
END
tests/guest/kitcc "${flags[@]}" -o "$out/logged.elf" "$out/logged.c"
: >"$out/cost.log.times"
for ((i = 0; i < runs; i++)); do
	one log nothing -e run "$out/logged.elf"
	one log written --log "$out/logged.jsonl" -e run "$out/logged.elf"
	one log compressed --log "$out/logged.jsonl.zst" -e run "$out/logged.elf"
done
rm -f "$out"/logged.jsonl*
# The past: recorded or not, and one instruction back from the end of it. (Where it ends: all variants but the last one's are equal.)
: >"$out/cost.time.times"
for ((i = 0; i < runs; i++)); do
	for n in 10M 100M 1G; do
		one time "off-$n" -e 'set record off' -e "run -n $n" tests/guest/spinner.elf
		one time "on-$n" -e "run -n $n" tests/guest/spinner.elf
		one time "stepi-$n" -e "run -n $n" -e reverse-stepi tests/guest/spinner.elf
		one time "continue-$n" -e "run -n $n" -e 'catch thread.exit' -e reverse-continue -e "continue -n $n" tests/guest/spinner.elf
	done
done
# The panes at 160x50, on a terminal of `script`, over a title that runs for seconds; both variants sit at a terminal, and end in one state.
cat >"$out/live.c" <<'END'
#include "kit.h"
static volatile uint32_t sums[6];
static HANDLE never;
static uint32_t work(void *arg)
{
	uint32_t i = (uint32_t)(uintptr_t)arg, sum = 0;
	for (uint32_t r = 0; r < 100000000; r++)
		sum = (sum << 5 | sum >> 27) ^ r;
	sums[i] = sum;
	return 0;
}
static uint32_t sleep(void *arg)
{
	(void)arg;
	NtWaitForSingleObjectEx(never, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
int main(void)
{
	HANDLE threads[6], event;
	NtCreateEvent(&never, NULL, EVENT_MANUAL, 0);
	for (uint32_t i = 0; i < 40; i++)
		NtCreateEvent(&event, NULL, EVENT_AUTO, 0);
	for (uint32_t i = 0; i < 20; i++)
		ExCreateThread(&event, 0, NULL, NULL, sleep, NULL, ON_HW(i % 6));
	for (uint32_t i = 0; i < 6; i++)
		ExCreateThread(&threads[i], 0, NULL, NULL, work, (void *)(uintptr_t)i, ON_HW(i));
	NtWaitForMultipleObjectsEx(6, threads, WAIT_ALL, USER_MODE, NOT_ALERTABLE, NULL);
	return 0;
}
END
tests/guest/kitcc "${flags[@]}" -o "$out/live.elf" "$out/live.c"
: >"$out/cost.panes.times"
# live VARIANT OPTION...
live()
{
	local v=$1 text seconds TIMEFORMAT='%U %S'
	shift
	seconds=$({ time script -qec "stty cols 160 rows 50; TERM=xterm-256color exec ./wedge --no-init --digest $* -e run -e quit $out/live.elf" /dev/null \
		</dev/null >"$out/cost.text" 2>&1; } 2>&1) || { echo "bench: wedge failed on live, $v" >&2; exit 1; }
	text=$(tr -d '\r' <"$out/cost.text" | sed -n 's/.*instructions=\([0-9]*\) .*/\1/p')
	tr -d '\r' <"$out/cost.text" | grep -ao 'digest=[0-9a-f]*' >>"$out/cost.digests"
	awk -v v="$v" -v n="$text" '{ printf "%s %.3f %s\n", v, $1 + $2, n }' <<<"$seconds" >>"$out/cost.panes.times"
}
: >"$out/cost.digests"
if command -v script >/dev/null; then
	for ((i = 0; i < runs; i++)); do
		live prompt
		live panes --tui
	done
	[ "$(sort -u "$out/cost.digests" | wc -l)" = 1 ] || { echo 'bench: the panes have changed the digest' >&2; exit 1; }
fi
printf '%-8s %-12s %12s %10s %10s %12s\n' kernel variant instructions seconds mips against
summary threads one
summary observing nothing
summary hits nothing
summary log nothing
summary time on-1G
[ ! -s "$out/cost.panes.times" ] || summary panes prompt
