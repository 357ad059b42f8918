#!/bin/sh
# tests/vectors.sh - the CPU against its conformance vectors: the compact set always, the full sets where they are found.
#
# environment  WEDGE_VECTORS=DIR   the full sets, DIR/*.jsonl.xz (default: ../shared/vectors beside the source tree)
set -u
: "${srcdir:?run tests/run.sh of a build}"

# one LAW FILE: the runner's last line as a comment, its failures on stderr
one()
{
	if out=$(tests/vectors "$2"); then
		echo "ok $1"
	else
		printf '%s\n' "$out" >&2
		echo "not ok $1"
	fi
	echo "# ${2##*/}: $(printf '%s\n' "$out" | tail -n 1)"
}

one vectors_compact_set_passes "$srcdir/tests/conformance/compact.jsonl.xz"
n=1
for file in "${WEDGE_VECTORS:-$srcdir/../shared/vectors}"/*.jsonl.xz; do
	[ -f "$file" ] || continue
	name=${file##*/}
	one "vectors_$(printf '%s' "${name%.jsonl.xz}" | tr -c 'a-z0-9' _)_passes" "$file"
	n=$((n + 1))
done
if [ $n -eq 1 ]; then
	echo "ok vectors_full_sets_pass # SKIP not found: set WEDGE_VECTORS to their folder"
	n=2
fi
echo "1..$n"
