#!/bin/bash
# tests/fuzz/run.sh - `make fuzz`: builds the fuzzers with clang's libFuzzer, ASan and UBSan in tests/fuzzing of the build, and runs them.
#
# environment  FUZZ_SECONDS=600    all of them together
# What they found stays in tests/fuzzing (crash-*, oom-*, slow-unit-*), and so does the corpus: a later run goes on from it.
# The last line is `N executions, N findings`; exit 1 if there is a finding.
set -u
: "${srcdir:?is set by make fuzz}" "${FUZZ_CFLAGS=}" "${FUZZ_LIBS=}"
if ! command -v clang >/dev/null; then
	echo 'make fuzz: clang is not installed' >&2
	exit 2
fi
out=tests/fuzzing
mkdir -p $out/corpus_{elf,xex,lzx,patch}
for name in image lzx patch; do
	# shellcheck disable=SC2086 # words are meant
	clang -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -DHAVE_CONFIG_H -I. -I"$srcdir" \
		$FUZZ_CFLAGS -o $out/fuzz_$name "$srcdir/tests/fuzz/fuzz_$name.c" "$srcdir"/src/{base,load}/*.c \
		"$srcdir"/tests/xexmake/{xexmake,layout,body,header,patch,lzx_out,lzx_tree}.c $FUZZ_LIBS || exit 1
done

# Seeds: small titles in every form.
tests/mkxex --tiny $out/tiny.elf || exit 1
cp $out/tiny.elf $out/corpus_elf/seed
n=0
for form in '--none --with=all' '--basic' '--basic --encrypt --small-pages --with=tls,exports' '--normal --with=all' \
	'--normal=17 --blocks=mixed --encrypt' '--normal --blocks=stored' '--none --with=dll,exports'; do
	# shellcheck disable=SC2086
	tests/mkxex $form $out/tiny.elf $out/corpus_xex/seed$((n += 1)) || exit 1
done
for blocks in verbatim stored mixed; do
	tests/mkxex --chunks --blocks=$blocks $out/tiny.elf $out/corpus_lzx/seed_$blocks || exit 1
done
# Records of a patch: zeros at 100, a copy from 100 to 200, 40 bytes each.
printf '\0\0\0\0\0\0\0\0\1\0\0\100\0\0\0\0\1\0\0\0\2\0\0\100\0\1' >$out/corpus_patch/seed
# And those of a real one: tiny.elf with other data.
cp $out/tiny.elf $out/other.elf
printf 'other data, of which some are new' | dd of=$out/other.elf bs=1 seek=512 conv=notrunc status=none
tests/mkxex --patch --none $out/tiny.elf $out/other.elf $out/other.xexp || exit 1
{ printf '\0\0' && tail -c +$((0x1000 + 24 + 1)) $out/other.xexp; } >$out/corpus_patch/seed_real

# fuzz PROGRAM CORPUS LONGEST: a quarter of the time.
executions=0 findings=0
fuzz()
{
	local log=$out/$2.log
	nice "$out/fuzz_$1" -max_total_time=$((${FUZZ_SECONDS:-600} / 4)) -max_len="$3" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix=$out/ "$out/corpus_$2" >"$log" 2>&1 || {
		findings=$((findings + 1))
		tail -n 40 "$log"
	}
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	executions=$((executions + ${n:-0}))
	echo "$2: ${n:-0} executions, $(sed -n 's/^#.*cov: \([0-9]*\).*/\1/p' "$log" | tail -n 1) edges"
}
fuzz image elf 4096
fuzz image xex 262144
fuzz lzx lzx 8192
fuzz patch patch 4096
echo "$executions executions, $findings findings"
[ $findings = 0 ]
