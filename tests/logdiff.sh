#!/bin/bash
# tests/logdiff.sh - `wedge diff` over logs of whole runs: equal by stable ids whatever the schedule; a signal that is missing is the first difference.
. "${srcdir:?run tests/run.sh of a build}/tests/laws.sh"
wedge=$PWD/wedge
laws='diff_of_a_run_with_another_quantum_and_seed_is_equal diff_of_compressed_logs_and_pipes_is_equal
	diff_of_a_run_without_a_signal_begins_at_that_signal diff_in_json_tells_the_same diff_refuses_bad_usage'
echo 1..5
if [ ! -x tests/guest/kitcc ] || [ -z "${PPC_CC-}" ]; then
	skip 'gcc-powerpc-linux-gnu is not installed' $laws
fi

# record LOG TITLE [OPTION...]
record()
{
	local log=$1 title=$2
	shift 2
	"$wedge" --batch -e run --log "$log" "$@" "$title" >/dev/null 2>&1 </dev/null || true # a standstill is one of its codes
}

scheduled()
{
	local title options
	for title in demo knockring knockpipe crowd aliases; do
		record "$tmp/plain.jsonl" "tests/guest/$title.elf"
		for options in '--quantum 37' '--seed 5' '--quantum 333 --seed 77'; do
			# shellcheck disable=SC2086 # words
			record "$tmp/other.jsonl" "tests/guest/$title.elf" $options
			"$wedge" diff "$tmp/plain.jsonl" "$tmp/other.jsonl" || { echo "$title $options"; return 1; }
		done
	done
}
check diff_of_a_run_with_another_quantum_and_seed_is_equal scheduled

packed()
{
	record "$tmp/plain.jsonl" tests/guest/demo.elf
	record "$tmp/packed.jsonl.zst" tests/guest/demo.elf
	"$wedge" diff "$tmp/plain.jsonl" "$tmp/packed.jsonl.zst" && "$wedge" diff <(cat "$tmp/packed.jsonl.zst") - <"$tmp/plain.jsonl"
}
check diff_of_compressed_logs_and_pipes_is_equal packed

# Each call of knockring.c that KNOCK names is left out in turn: the summary must name that call, and the thread that would have made it.
knocked()
{
	local n said
	tests/guest/kitcc -o "$tmp/0.elf" "$srcdir/tests/guest/knockring.c" && record "$tmp/0.jsonl" "$tmp/0.elf" || return 1
	for n in 1 2 3 4; do
		tests/guest/kitcc "-DKNOCKED=$n" -o "$tmp/$n.elf" "$srcdir/tests/guest/knockring.c" && record "$tmp/$n.jsonl" "$tmp/$n.elf" || return 1
		said=$("$wedge" diff "$tmp/0.jsonl" "$tmp/$n.jsonl")
		[ $? = 1 ] || return 1
		echo "$said" | tail -n 1
		echo "$said" | tail -n 1 | grep -q "; first tid $((n + 1)) after .*: A line [0-9]* import.call NtSetEvent, B line" || return 1
		said=$("$wedge" diff --kinds 'object.*' "$tmp/0.jsonl" "$tmp/$n.jsonl" | tail -n 1)
		echo "$said" | grep -q "; first tid $((n + 1)) after .*: A line [0-9]* object.signal " || return 1
	done
}
check diff_of_a_run_without_a_signal_begins_at_that_signal knocked

json()
{
	local said
	said=$("$wedge" diff --json "$tmp/0.jsonl" "$tmp/2.jsonl")
	[ $? = 1 ] && grep -q '^{"table":"diff_summary","rows":\[{"equal":false,"threads":6,"equal_threads":1,"different":5,' <<<"$said" &&
		grep -q '^{"table":"diff_events","rows":\[{"a_tid":3,"b_tid":3,"log":"A","first":false,' <<<"$said"
}
check diff_in_json_tells_the_same json

refused()
{
	local words
	for words in '' 'a' 'a b c' '--map 1 a b' '--map 1=2 --map 1=3 a b' '--kinds nope a b' '--kinds' '--nope a b' '/no/such /no/such'; do
		# shellcheck disable=SC2086 # words
		"$wedge" diff $words >/dev/null 2>"$tmp/stderr"
		[ $? = 2 ] && [ "$(wc -l <"$tmp/stderr")" = 1 ] || { echo "diff $words"; return 1; }
	done
}
check diff_refuses_bad_usage refused
