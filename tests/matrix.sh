#!/bin/bash
# tests/matrix.sh - the same title and options give the same digest, whoever runs it, wherever, watched or not.
#
# usage: tests/matrix.sh [WEDGE...]     default: ./wedge alone, in every way of running; of several programs the others must agree with the
# first in digest and log (.ci/run gives all its builds: the ways of each were run by its own suite)
# WEDGE_MATRIX_LIMIT=20M: instructions. Prints TAP: one test per guest and way of running. Run it in the build's folder.
set -u
limit=${WEDGE_MATRIX_LIMIT:-20M}

die()
{
	echo "matrix.sh: $*" >&2
	exit 2
}

programs=()
if [ $# -gt 0 ]; then
	for program; do
		programs+=("$(realpath "$program")")
	done
else
	programs=("$PWD/wedge")
fi
for program in "${programs[@]}"; do
	[ -x "$program" ] || die "$program is not there"
done
guests=("$PWD"/tests/guest/*.elf)
if [ ! -f "${guests[0]}" ]; then
	echo 1..1
	echo "ok 1 - matrix # SKIP no guests were built"
	exit 0
fi
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
cp "${guests[@]}" "${guests[0]%/*}"/*.xex "$tmp" # guests, and the libraries that some load
wedge=${programs[0]}

# run GUEST OPTION...: the digest line and the exit code.
run()
{
	local guest=$1
	shift
	"${before[@]}" "$wedge" --batch -n "$limit" -e run --digest "$@" "$guest" 2>"$tmp/stderr" </dev/null | tail -n 1
	echo "exit ${PIPESTATUS[0]}"
}

# logged GUEST OPTION...: the same, and the event log in one number.
logged()
{
	run "$@" --log "$tmp/log.jsonl"
	cksum <"$tmp/log.jsonl"
}

# armed GUEST: a stop of every kind is armed, and none stops: their conditions are never true.
armed()
{
	"$wedge" --batch -n "$limit" -e 'break *$pc if 0' -e 'awatch $pc,4096 if 0' -e 'catch * if $_hits == 0' \
		-e 'catch object.* handle 1004 caller 80000000..8fffffff if 0' -e run --digest "$1" 2>"$tmp/stderr" </dev/null | tail -n 1
	echo "exit ${PIPESTATUS[0]}"
}

count=0
same()
{
	count=$((count + 1))
	if [ "$3" = "$4" ] && [[ $3 == instructions=*digest=* ]]; then
		echo "ok $count - matrix_$1_$2"
	else
		echo "not ok $count - matrix_$1_$2"
		printf '%s: %s: wanted\n%s\ngot\n%s\n' "$1" "$2" "$3" "$4" >&2
		cat "$tmp/stderr" >&2
	fi
}

# ways GUEST NAME WANTED WANTED_LOG: one program, in every way that must not matter.
ways()
{
	local guest=$1 name=$2 wanted=$3 wanted_log=$4
	same "$name" again "$wanted" "$(run "$guest")"
	same "$name" stops_armed "$wanted" "$(armed "$guest")"
	same "$name" log "$wanted" "$(logged "$guest" | head -n 2)"
	same "$name" log_of_few_kinds "$wanted" "$(run "$guest" --log "$tmp/log.jsonl" --log-kinds 'object.*')"
	same "$name" trace_handles "$wanted" "$(run "$guest" --trace-handles)"
	same "$name" trace_some_handles "$wanted" "$(run "$guest" --trace-handles=1004,@2,*82010000)"
	same "$name" log_and_trace_handles "$wanted_log" "$(logged "$guest" --trace-handles)"
	same "$name" other_folder_and_path "$wanted_log" "$(cd / && logged "$tmp/${guest##*/}")"
	before=(env -i LANG=tr_TR.UTF-8 LC_ALL=C TZ=Asia/Kathmandu HOME=/nowhere)
	same "$name" other_environment "$wanted_log" "$(logged "$guest")"
	before=(env WEDGE_X="$(head -c 20000 /dev/zero | tr '\0' x)")
	same "$name" large_environment "$wanted" "$(run "$guest")"
	before=()
	if setarch -R true 2>/dev/null; then
		before=(setarch -R)
		same "$name" without_address_randomisation "$wanted_log" "$(logged "$guest")"
		before=()
	fi
}

n=$((${#programs[@]} - 1))
if [ $n = 0 ]; then
	n=10
	setarch -R true 2>/dev/null && n=$((n + 1))
fi
echo "1..$((n * ${#guests[@]}))"
for guest in "${guests[@]}"; do
	name=$(basename "$guest" .elf)
	before=()
	wedge=${programs[0]}
	wanted_log=$(logged "$guest")
	[ ${#programs[@]} -gt 1 ] || ways "$guest" "$name" "$(run "$guest")" "$wanted_log"
	for wedge in "${programs[@]:1}"; do
		build=$(basename "$(dirname "$wedge")")
		same "$name" "program_${build//[^A-Za-z0-9]/_}" "$wanted_log" "$(logged "$guest")"
	done
done
