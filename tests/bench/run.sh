#!/bin/bash
# tests/bench/run.sh - `make bench`: guest MIPS of wedge beside qemu-ppc and native code, medians of BENCH_RUNS (5) in one run.
#
# A kernel is compiled once for PowerPC (32-bit instruction set) and linked as a title and as a Linux program, so that wedge and
# qemu execute the same instructions, and once natively. The number of instructions is wedge's own exact count; all
# engines' MIPS are that number by their seconds of processor time, user and system: what else the host does matters less then.
# qemu does not know VMX128.
# Writes bench.json: [{"kernel":"hash","engine":"wedge","mips":700.1,"seconds":1.23},...], without named kernels with the rows of cost.sh.
# The kernels `handles` and `observers` are not programs but what the kernel and its observers cost: tests/bench/kernel.c.
# usage: run.sh [KERNEL...]; environment: srcdir CC PPC_CC QEMU_PPC (make bench), BENCH_RUNS
set -u
: "${srcdir:?is set by make bench}" "${CC:=cc}"
[ -n "${PPC_CC-}" ] || { echo 'bench: gcc-powerpc-linux-gnu is not installed' >&2; exit 2; }
[ -n "${QEMU_PPC-}" ] || echo 'qemu-ppc is not installed (package qemu-user): its column is left out'
all=(hash sort interp nbody vector copy calls vmx128 handles observers)
kernels=("$@")
[ $# -gt 0 ] || kernels=("${all[@]}")
runs=${BENCH_RUNS:-5}
bench=$srcdir/tests/bench
out=tests/bench
mkdir -p "$out"
common=(-O2 -ffp-contract=off -fno-tree-loop-distribute-patterns -I"$srcdir")
ppc=(-m32 -mcpu=7400 -maltivec -ffreestanding -fno-pic -no-pie -mno-sdata)

fail()
{
	echo "bench: $1" >&2
	exit 1
}

build()
{
	local k=$1 more=()
	[ ! -f "$bench/$k.S" ] || more=("$bench/$k.S")
	set -e
	$PPC_CC "${common[@]}" "${ppc[@]}" -S -o "$out/$k.s" "$bench/$k.c"
	tests/guest/kitcc -o "$out/$k.elf" -I"$srcdir" "$out/$k.s" "${more[@]}" "$bench/guest.c"
	$CC "${common[@]}" -march=native -o "$out/$k.native" "$bench/$k.c" "$bench/host.c" -lm
	if runs_on qemu "$k"; then
		$PPC_CC "${common[@]}" "${ppc[@]}" -nostdlib -static -o "$out/$k.linux" "$out/$k.s" "$bench/linux_ppc.c"
	fi
	set +e
}

# runs_on ENGINE KERNEL
runs_on()
{
	[ "$1" != qemu ] || { [ -n "${QEMU_PPC-}" ] && [ "$2" != vmx128 ]; }
}

# once ENGINE KERNEL: runs it; sets seconds, checksum and, for wedge, instructions.
once()
{
	local engine=$1 k=$2 text command TIMEFORMAT='%U %S'
	case $engine in
	wedge) command=(./wedge --batch --digest -e run "$out/$k.elf") ;;
	qemu) command=("$QEMU_PPC" -cpu 7400 "$out/$k.linux") ;;
	native) command=("$out/$k.native") ;;
	esac
	seconds=$({ time "${command[@]}" >"$out/$k.text" 2>&1; } 2>&1) || fail "$engine failed on $k: $(<"$out/$k.text")"
	seconds=$(awk '{ print ($1 + $2) * 1000000 }' <<<"$seconds")
	text=$(<"$out/$k.text")
	checksum=$(sed -n 's/.*checksum \([0-9a-f]*\).*/\1/p' <<<"$text")
	[ "$engine" != wedge ] || instructions=$(sed -n 's/^instructions=\([0-9]*\) .*/\1/p' <<<"$text")
}

printf '%-8s %12s %10s %10s %10s %12s %12s\n' kernel instructions wedge qemu native wedge/qemu wedge/native
rows=
costs=
for k in "${kernels[@]}"; do
	case $k in handles | observers)
		costs+=" $k"
		continue
		;;
	esac
	build "$k"
	: >"$out/$k.times"
	first=
	for ((i = 0; i < runs; i++)); do
		for e in wedge qemu native; do
			runs_on "$e" "$k" || continue
			once "$e" "$k"
			if [ -z "$checksum" ] || [ "$checksum" != "${first:=$checksum}" ]; then
				fail "$e gives checksum '$checksum' on $k, not $first"
			fi
			echo "$e $seconds" >>"$out/$k.times"
		done
	done
	# Medians; one line "engine seconds mips" each.
	sort -k1,1 -k2,2n "$out/$k.times" | awk -v n="$instructions" -v runs="$runs" '
		{ t[$1, ++c[$1]] = $2 }
		END { for (e in c) { us = t[e, int((runs + 1) / 2)]; printf "%s %.6f %.1f\n", e, us / 1e6, n / us } }' >"$out/$k.medians"
	awk -v k="$k" -v n="$instructions" '{ m[$1] = $3 }
		function ratio(a, b) { return b ? sprintf("%.2f", a / b) : "-" }
		END { printf "%-8s %12d %10s %10s %10s %12s %12s\n", k, n, m["wedge"], m["qemu"] ? m["qemu"] : "-", m["native"],
			ratio(m["wedge"], m["qemu"]), ratio(m["wedge"], m["native"]) }' "$out/$k.medians"
	rows+=$(awk -v k="$k" '{ printf ",\n{\"kernel\":\"%s\",\"engine\":\"%s\",\"mips\":%s,\"seconds\":%s}", k, $1, $3, $2 }' "$out/$k.medians")
done
echo "guest MIPS, medians of $runs"
if [ $# -eq 0 ]; then
	"$BASH" "$bench/cost.sh" || exit 1
	rows+=$(<"$out/cost.rows")
	"$BASH" "$bench/refresh.sh" || exit 1
	rows+=$(<"$out/refresh.rows")
fi
: >"$out/kernel.rows"
for k in $costs; do
	tests/bench_kernel "$k" "$runs" "$out/kernel.rows" || fail "$k"
done
rows+=$(<"$out/kernel.rows")
printf '[%s\n]\n' "${rows#,}" >bench.json
echo 'written to bench.json'
