#!/bin/sh
# tests/differential.sh - random code on wedge's core and on qemu's (tests/differential): 2,500 sequences of each class.
#
# environment  WEDGE_SEQUENCES=N   how many of each class (250000: a million in all)
#              WEDGE_SEED=N        which
set -u
: "${srcdir:?run tests/run.sh of a build}"
n=0
for class in int32 fp vmx int64; do
	n=$((n + 1))
	name=differential_${class}_agrees_with_qemu
	if [ -z "${PPC_CC:-}" ]; then
		echo "ok $name # SKIP no PowerPC cross compiler"
	elif ! command -v qemu-ppc >/dev/null || ! command -v qemu-ppc64 >/dev/null; then
		echo "ok $name # SKIP no qemu-ppc"
	elif out=$(tests/random_code -n "${WEDGE_SEQUENCES:-2500}" -s "${WEDGE_SEED:-1}" -c $class tests/remote32.elf tests/remote64.elf); then
		echo "ok $name"
		echo "# $class: $out"
	else
		printf '%s\n' "$out" >&2
		echo "not ok $name"
	fi
done
echo "1..$n"
