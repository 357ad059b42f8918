#!/bin/bash
# tests/seeds.sh - guests that say their verdict in their first lines get it under every seed from 0 to 20.
#
# The lines are ` * verdict: WEDGE`, ` * root: KIND CAUSE THREAD...` (one per root; tests/verdict.awk has the words), and for a title that would
# run for ever ` * limit: 200k`, which is its --max-instr; ` * options: --mount game:=@HERE@/disc`, @HERE@ being tests/golden. Prints TAP, one
# test per guest. WEDGE_SEEDS=20: the last seed.
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
seeds=$(seq 0 "${WEDGE_SEEDS:-20}")

# said GUEST.c KEY: what its first lines say.
said()
{
	sed -n "/\*\//q; s/^ \* $2: /$2: /p" "$1"
}

# run GUEST.elf SEED LIMIT OPTIONS: verdict and roots.
run()
{
	# shellcheck disable=SC2086 # options are words
	./wedge --batch --json --seed "$2" ${3:+-n "$3"} $4 -e run -e wedge -e 'info threads' "$1" 2>"$tmp/err" | awk -f "$srcdir/tests/verdict.awk"
}

# check GUEST.c GUEST.elf: the same under all seeds?
check()
{
	local seed limit options wrong=0
	{ said "$1" verdict; said "$1" root | LC_ALL=C sort; } >"$tmp/want"
	limit=$(said "$1" limit)
	options=$(said "$1" options)
	options=${options#options: }
	for seed in $seeds; do
		run "$2" "$seed" "${limit#limit: }" "${options//@HERE@/$srcdir/tests/golden}" >"$tmp/got"
		if ! cmp -s "$tmp/want" "$tmp/got"; then
			{ echo "$2 --seed $seed:"; diff "$tmp/want" "$tmp/got"; head -n 3 "$tmp/err"; } >&2
			wrong=$((wrong + 1))
		fi
	done
	return $((wrong > 0))
}

guests=$(grep -l '^ \* verdict: ' "$srcdir"/tests/guest/*.c)
echo "1..$(echo "$guests" | wc -l)"
for guest in $guests; do
	name=${guest##*/}
	name=${name%.c}
	if [ ! -f "tests/guest/$name.elf" ] && [ -z "${PPC_CC-}" ]; then
		echo "ok seeds_$name # SKIP no guests were built"
	elif check "$guest" "tests/guest/$name.elf"; then
		echo "ok seeds_$name"
	else
		echo "not ok seeds_$name"
	fi
done
