#!/bin/sh
# tests/golden.sh FILE.cmd - runs a golden: a command script and its whole text (FILE.out), twice; prints TAP.
#
# The first lines of FILE.cmd may say, as comments:
#   # title: demo.elf      guest of this build (tests/guest/), or a file beside FILE.cmd, or --demo; without it none is given
#   # options: --json      options put before the title
#   # args: diff a b       the whole command line instead (the script's commands are then not run)
#   # exit: 3              expected exit code; 0 if not said
# In options and args @TMP@ is an empty directory, @GUESTS@ the built guests, @HERE@ the folder of FILE.cmd.
# The second run has another directory and environment; both must agree in every byte, digests too. In FILE.out, stdout
# comes first, stderr after `--- stderr ---`; digests stand as `*`, since every change of the machine's state changes them.
# UPDATE=1 writes FILE.out instead of comparing (the two runs must still agree).
set -u
set -f
cmd=$1
name=${cmd##*/}
name=${name%.cmd}
here=$(cd "$(dirname "$cmd")" && pwd)
cmd=$here/$name.cmd
out=$here/$name.out
guests=$PWD/tests/guest
wedge=$PWD/wedge
tmp=${TMPDIR:-/tmp}

not_ok()
{
	echo "not ok $name"
	echo "$name: $1" >&2
	exit 1
}

said()
{
	sed -n "s/^# $1: *//p; /^[^#]/q" "$cmd" | head -n 1
}

places()
{
	printf '%s' "$1" | sed "s|@TMP@|.|g; s|@GUESTS@|$guests|g; s|@HERE@|$here|g"
}

title=$(said title)
options=$(places "$(said options)")
args=$(places "$(said args)")
expected=$(said exit)
case $title in
'' | --*) ;;
*)
	if [ -f "$here/$title" ]; then
		title=$here/$title
	elif [ -f "$guests/$title" ]; then
		title=$guests/$title
	elif [ -z "${PPC_CC-}" ]; then
		echo "ok $name # SKIP no $title: gcc-powerpc-linux-gnu is not installed"
		exit 0
	else
		not_ok "no such title: $title"
	fi
	;;
esac
if [ -z "$args" ]; then
	args="--batch --digest $options -x $cmd $title"
fi

# run NUMBER COMMAND...: one run in its own directory; leaves TMP/NUMBER.text with paths of this build replaced.
run()
{
	dir=$tmp/$1
	shift
	mkdir -p "$dir"
	(cd "$dir" && exec "$@" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null)
	code=$?
	{
		cat "$tmp/stdout"
		if [ -s "$tmp/stderr" ]; then
			echo '--- stderr ---'
			cat "$tmp/stderr"
		fi
	} | sed "s|$dir/||g; s|$guests/||g; s|$here/||g" >"$dir.text"
	[ "$code" = "${expected:-0}" ] || {
		tail -n 20 "$dir.text" >&2
		not_ok "exit $code, expected ${expected:-0}: wedge $args"
	}
}

# shellcheck disable=SC2086
run 1 "$wedge" $args
# shellcheck disable=SC2086
run second/place env -i HOME=/nonexistent LANG=C.UTF-8 TZ=Asia/Tokyo EXTRA=1 PATH="$PATH" \
	ASAN_OPTIONS="${ASAN_OPTIONS-}" UBSAN_OPTIONS="${UBSAN_OPTIONS-}" "$wedge" $args
cmp -s "$tmp/1.text" "$tmp/second/place.text" || {
	diff -u "$tmp/1.text" "$tmp/second/place.text" >&2
	not_ok 'two runs differ'
}

sed -E 's/(digest[ =]|"digest":")[0-9a-f]{16}/\1*/g' "$tmp/1.text" >"$tmp/text"
if [ -n "${UPDATE-}" ]; then
	cp "$tmp/text" "$out" || not_ok "cannot write $out"
fi
[ -f "$out" ] || not_ok "there is no $out (UPDATE=1 writes it)"
diff -u "$out" "$tmp/text" >&2 || not_ok 'its text differs from what is written down'
echo "ok $name"
