#!/bin/bash
# tests/layers.sh - the layers and the laws that the compiler does not check: includes point down, headers compile
# alone, no state outside the arenas and no host time below ui/, files named in their first line and not too long.
set -u
: "${srcdir:?run tests/run.sh of a build}"
build=$PWD
cd "$srcdir" || exit 2
mapfile -t sources < <(find src kernel ui -name '*.[ch]' | sort)
mapfile -t headers < <(find src kernel ui -name '*.h' | sort)
mapfile -t objects < <(cd "$build" && find src kernel -name '*.o' 2>/dev/null | sort)
echo 1..8

# says LAW: the lines on stdin are what breaks it.
says()
{
	local bad
	bad=$(cat)
	if [ -z "$bad" ]; then
		echo "ok $1"
	else
		echo "not ok $1"
		printf '%s\n' "$bad" >&2
	fi
}

# FILE INCLUDED, one pair a line.
includes()
{
	grep -HE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "${sources[@]}" | sed -E 's/^([^:]+):[^"]*"([^"]*)".*/\1 \2/'
}

includes | awk '
function rank(f) { return f ~ /^ui\// ? 3 : f ~ /^kernel\// ? 2 : f ~ /^src\// ? 1 : 0 }
$2 == "config.h" { next }
!rank($2) { print $1 " includes " $2 ": not by its path from the top"; next }
rank($2) > rank($1) { print $1 " includes " $2 ": upwards" }
' | says layers_includes_point_down

# An observer knows events, memory and what an instruction word is (src/cpu/cpu.h); src/observe/<one>* does not know src/observe/<other>*, but for
# what they share, src/observe/walk.h. Nothing but ui/ knows an observer.
includes | awk '
function part(f) { sub(/^src\/observe\//, "", f); sub(/[._\/].*/, "", f); return f }
$2 == "config.h" { next }
$1 ~ /^src\/observe\// && $2 !~ /^src\/(observe|event|mem|base)\// && $2 != "src/cpu/cpu.h" { print $1 " includes " $2 }
$1 ~ /^src\/observe\// && $2 ~ /^src\/observe\// && part($1) != part($2) && part($2) != "walk" { print $1 " includes " $2 }
$1 !~ /^(src\/observe|ui)\// && $2 ~ /^src\/observe\// { print $1 " includes " $2 }
' | says layers_observers_are_blind_to_each_other

# A header without a guard is a piece of one function's body: it may be included by one file of its own folder only.
for h in "${headers[@]}"; do
	if ! grep -qE '^#ifndef [A-Z0-9_]+_H$' "$h"; then
		users=$(includes | awk -v h="$h" '$2 == h { print $1 }')
		case $users in
		"${h%/*}"/*.c) ;;
		*) echo "$h: has no guard and is included by: $users" ;;
		esac
		continue
	fi
	printf '#include "%s"\n' "$h" |
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I. -I"$build" -fsyntax-only -Wall -Wextra -Werror -x c - 2>&1 | head -n 3
done | says layers_headers_compile_alone

# Mutable data of an object file: .data, .bss and their thread-local and common kin, but not .data.rel.ro (constant tables
# with pointers) nor what the sanitizers add.
for o in "${objects[@]}"; do
	objdump -t "$build/$o" | awk -v o="$o" '
	/ (\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && !/\.data\.rel\.ro/ {
		name = $NF
		if (name !~ /^(\.|__odr_asan|__asan_|__sancov|__gcov|__ubsan|__unnamed)/ && !/ d  /) print o ": " name " is mutable"
	}'
done | says layers_no_state_outside_the_arenas

for o in "${objects[@]}"; do
	nm -u "$build/$o" | awk -v o="$o" '
	$2 ~ /^(time|clock|clock_gettime|gettimeofday|times|localtime(_r)?|gmtime(_r)?|s?rand(_r|om|om_r)?|[dlmnej]rand48|arc4random.*|getrandom|getentropy|getpid|getppid|gettid|getenv|secure_getenv|setlocale|pthread_.*|thrd_.*|(u|nano)?sleep|rdtsc|sysconf|uname|gethost.*)$/ {
		print o ": uses " $2 }'
done | says layers_no_host_time_or_randomness

for f in "${sources[@]}" $(find src kernel ui tests \( -name '*.def' -o -path 'tests/*.c' -o -path 'tests/*.h' -o -path 'tests/*.S' \) \
	! -path 'tests/vectors/*'); do
	IFS= read -r first <"$f"
	case $first in
	"/* $f - "*) ;;
	*) echo "$f: does not open with '/* $f - what it is'" ;;
	esac
done | says layers_files_open_with_their_name

wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 800 { print $2 ": " $1 " lines" }' | says layers_files_stay_under_800_lines

{ find src kernel ui -name '*.[ch]' -o -name '*.def'; printf '%s\n' tests/t_*.c tests/*.sh; } | sort | while read -r f; do
	case $f in
	tests/*.c) grep -qw -- "${f%.c}" Makefile.am || echo "$f: is in no list of Makefile.am" ;;
	*) grep -qwF -- "$f" Makefile.am || echo "$f: is in no list of Makefile.am" ;;
	esac
done | says layers_sources_are_all_built_and_shipped
