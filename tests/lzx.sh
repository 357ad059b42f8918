#!/bin/bash
# tests/lzx.sh - the LZX compressor of the tests (tests/xexmake/lzx_out.h) makes what other decoders read: cabextract (libmspack),
# bsdtar (libarchive), 7z; each that is installed, for every window and kind of block, through a cabinet.
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
mkxex=$PWD/tests/mkxex
unpack_cabextract() { cabextract -q -d "$tmp/out" "$1"; }
unpack_bsdtar() { bsdtar -x -f "$1" -C "$tmp/out"; }
unpack_7z() { 7z x -y -o"$tmp/out" "$1"; }

# What compressors stumble over: one byte, a frame and one more, zeros only, noise only, far matches, code.
head -c 1 "$mkxex" >"$tmp/one"
head -c 32769 "$mkxex" >"$tmp/frame"
head -c 300000 /dev/zero >"$tmp/zeros"
LC_ALL=C awk 'BEGIN { srand(1); for (i = 0; i < 70001; i++) printf "%c", int(rand() * 256) }' </dev/null >"$tmp/noise"
{ cat "$tmp/noise" "$srcdir"/src/load/*.c "$tmp/noise"; head -c 500000 /dev/zero; cat "$tmp/noise"; } >"$tmp/far"
head -c 400000 "$mkxex" >"$tmp/code"

# agrees DECODER WINDOW: the files come back, whatever the blocks?
agrees()
{
	local file kind
	for file in one frame zeros noise far code; do
		for kind in verbatim stored mixed; do
			rm -rf "$tmp/out" "$tmp/x.cab"
			mkdir "$tmp/out"
			"$mkxex" --cab --normal="$2" --blocks=$kind "$tmp/$file" "$tmp/x.cab" &&
				"unpack_$1" "$tmp/x.cab" >"$tmp/said" 2>&1 </dev/null && cmp "$tmp/$file" "$tmp/out/file" || {
				echo "$1: $file, blocks $kind, window 2^$2" >&2
				return 1
			}
		done
	done
}

# Nothing is compressed by nothing.
shrinks()
{
	"$mkxex" --cab --normal=21 "$tmp/far" "$tmp/x.cab" && [ $(($(wc -c <"$tmp/x.cab") * 4)) -lt "$(wc -c <"$tmp/far")" ]
}

echo 1..4
for decoder in cabextract bsdtar 7z; do
	if ! command -v $decoder >/dev/null; then
		echo "ok lzx_is_read_by_$decoder # SKIP $decoder is not installed"
		continue
	fi
	bad=
	for window in 15 16 17 18 19 20 21; do
		agrees $decoder $window || bad=yes
	done
	echo "${bad:+not }ok lzx_is_read_by_$decoder"
done
if shrinks; then
	echo 'ok lzx_finds_far_matches'
else
	echo 'not ok lzx_finds_far_matches'
fi
