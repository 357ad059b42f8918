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
mkdir -p $out/corpus_{elf,xex,lzx,patch,volume,ring}
# build NAME SOURCE...: the fuzzer of this name.
build()
{
	local name=$1
	shift
	# shellcheck disable=SC2086 # words are meant
	clang -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -DHAVE_CONFIG_H -I. -I"$srcdir" \
		$FUZZ_CFLAGS -o $out/fuzz_$name "$srcdir/tests/fuzz/fuzz_$name.c" "$@" $FUZZ_LIBS || exit 1
}
for name in image lzx patch; do
	build $name "$srcdir"/src/{base,load}/*.c "$srcdir"/tests/xexmake/{xexmake,layout,body,header,patch,lzx_out,lzx_tree}.c
done
build volume "$srcdir"/src/{base,vol}/*.c "$srcdir"/tests/volmake/{volmake,stfs_out}.c
# Of the ring's fuzzer only the kernel is instrumented: each run goes back to a snapshot, and the rest would make that a hundred times slower.
mkdir -p $out/ring
rm -f $out/ring/*.o
for file in "$srcdir"/src/{base,mem,cpu,load,event,vol,snap,observe}/*.c; do
	# shellcheck disable=SC2086
	(cd $out/ring && clang -std=gnu11 -O2 -g -DHAVE_CONFIG_H -I../../.. -I"$srcdir" $FUZZ_CFLAGS -c "$file") || exit 1
done
build ring $out/ring/*.o "$srcdir"/kernel/*.c "$srcdir/tests/testkit.c"

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

# Volumes: each form, its hashes right; the file system of a disc alone.
i=0
for form in '\0001 stfs' '\0003 stfs-con' '\0000 stfs-bad' '\0000 xdvdfs'; do
	tests/mkvol "${form#* }" "$srcdir/tests/golden/disc" $out/volume || exit 1
	{ printf %b "${form% *}" && cat $out/volume; } >$out/corpus_volume/seed$((i += 1))
done
{ printf '\004' && tail -c +$((0x10000 + 1)) $out/volume; } >$out/corpus_volume/seed_disc

# Rings: words of 8 hex digits; the first two bytes tell all of them but one at once. @ in a word's place is the memory behind the ring, big-endian.
memory=$($out/fuzz_ring -runs=0 2>&1 | sed -n 's/^ring at .*, memory at //p')
memory=$(printf %08x $((0x$memory | 2)))
ring()
{
	local name=$1 word
	shift
	{
		printf '%b' "\\000\\x$(printf %02x $(($# > 255 ? 255 : $# - 1)))"
		for word in "$@"; do
			[ "$word" != @ ] || word=$memory
			printf '%b' "\\x${word:0:2}\\x${word:2:2}\\x${word:4:2}\\x${word:6:2}"
		done
	} >"$out/corpus_ring/$name"
}
# Whole rings of 256 words: those given, then type 2 packets, which say nothing; what stands behind `--` lies in memory.
whole()
{
	local name=$1 words=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	while [ ${#words[@]} -lt 256 ]; do
		words+=(80000000)
	done
	ring "$name" "${words[@]}" "${@:2}"
}
ring registers 00012000 0000000b 00000016 c0022100 00000100 000000ff 00010000 c0012d00 00010005 00000037
ring fence c0025800 00000014 @ 11223344 c0013d00 @ 00000005 c0013e00 00002000 @ c0005400 00000004
ring wait c0043c00 00000013 @ 00000005 000000ff 00000004 00002000 00000001
ring conditions c0054500 00000003 00002000 00000005 ffffffff 00002001 00000001 c0015a00 00000001 @ c0005b00 00000015
ring bins c0016000 00000001 c0006200 00000002 c0015501 00002000 00000005 c0015000 00000000 00000000 c0015100 00000001 00000001
ring swap c0036400 53574150 @ 00000500 000002d0 c0013600 00000004 00000000 c0004800 00000000
whole indirect c0013f00 @ 00000006 00002003 00000004 -- 00002000 00000001 c0013700 @ 00000002 00002002
whole endless c0013f00 @ 00000003 -- c0013f00 @ 00000003
whole long 3fff2000 c0016000
# fuzz PROGRAM CORPUS LONGEST: a sixth of the time.
executions=0 findings=0
fuzz()
{
	local log=$out/$2.log
	nice "$out/fuzz_$1" -max_total_time=$((${FUZZ_SECONDS:-600} / 6)) -max_len="$3" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
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
fuzz volume volume 262144
fuzz ring ring 5122
echo "$executions executions, $findings findings"
[ $findings = 0 ]
