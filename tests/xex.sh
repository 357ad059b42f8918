#!/bin/bash
# tests/xex.sh - a title as XEX2 image runs as it does as ELF: the same event log, byte for byte, and the same report.
#
# Every guest in one form, in turn; one small guest in all of them: compression x encryption x pages x what headers may have.
# (Digests differ: the image has a PE header, and more pages.)
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
guests=tests/guest
strip=$(${PPC_CC:-false} -print-prog-name=strip)
small=$guests/finish.elf
for library in toolbox warmup; do # what guests load from beside them
	[ ! -f "$guests/$library.xex" ] || cp "$guests/$library.xex" "$tmp"
done
echo 00112233445566778899aabbccddeeff >"$tmp/key"
compressions=(--none --basic --normal{=15,=16,=17,=18,=19,=20,=21,=15\ --blocks=stored,=17\ --blocks=mixed})
encryptions=('' --encrypt "--encrypt=$tmp/key")
pages=('' --small-pages)
features=('' --with=all --with={checksum,name,libraries,heap,flags,execution,resources,path,unknown,nobase,pages,exports})

# run TITLE LOG OUT LIMIT [OPTION...]: its log; its output and report, but for digests and where calls would be: a XEX says in .pdata
# where functions begin. @key: the console's key.
run()
{
	local title=$1 log=$2 out=$3 limit=$4
	shift 4
	./wedge --batch --json --log "$log" ${key:+--xex-key "$key"} ${limit:+-n "$limit"} "$@" -e run -e wedge "$title" >"$out.all" 2>&1 </dev/null
	echo "exit $?" >>"$out.all"
	sed 's/"digest":"[0-9a-f]*"/"digest":*/g; s/"sites":\[[^]]*\]/"sites":*/g' "$out.all" >"$out"
}

# run_elf ELF LOG OUT LIMIT: the same of an ELF, without the symbols that a XEX has not.
run_elf()
{
	$strip -o "$tmp/stripped.elf" "$1" && run "$tmp/stripped.elf" "$2" "$3" "$4"
}

# same ELF FORM...: does it run the same as a XEX of this form? The ELF's own run is kept.
same()
{
	local elf=$1 name limit key=''
	shift
	name=${elf##*/}
	name=${name%.elf}
	limit=$(sed -n '/\*\//q; s/^ \* limit: //p' "$srcdir/$guests/$name".[cS] 2>/dev/null)
	[ -f "$tmp/$name.elf.log" ] || run_elf "$elf" "$tmp/$name.elf.log" "$tmp/$name.elf.out" "$limit"
	tests/mkxex "$@" "$elf" "$tmp/$name.xex" || return 1
	[[ $* != *--encrypt=* ]] || key=$tmp/key
	run "$tmp/$name.xex" "$tmp/xex.log" "$tmp/xex.out" "$limit"
	[ -s "$tmp/$name.elf.log" ] && cmp "$tmp/$name.elf.log" "$tmp/xex.log" && diff "$tmp/$name.elf.out" "$tmp/xex.out" || {
		echo "$name: $*"
		diff "$tmp/$name.elf.log" "$tmp/xex.log" | head -n 6
		return 1
	} >&2
}

# says LAW COMMAND...
says()
{
	local law=$1
	shift
	if "$@"; then
		echo "ok $law"
	else
		echo "not ok $law"
	fi
}

matrix()
{
	local c e p f bad=0
	for c in "${compressions[@]}"; do
		for e in "${encryptions[@]}"; do
			for p in "${pages[@]}"; do
				for f in '' --with=all; do
					# shellcheck disable=SC2086 # words are meant
					same "$small" $c $e $p $f || bad=1
				done
			done
		done
	done
	return $bad
}

each_feature()
{
	local f bad=0
	for f in "${features[@]}"; do
		# shellcheck disable=SC2086
		same "$small" --basic $f || bad=1
	done
	return $bad
}

# What is unpacked is the same image, byte for byte, whatever it was packed in.
same_image()
{
	local c e key digest first='' bad=0
	for c in "${compressions[@]}"; do
		for e in "${encryptions[@]}"; do
			key=''
			[[ $e != *=* ]] || key=$tmp/key
			# shellcheck disable=SC2086
			tests/mkxex $c $e --with=all "$guests/demo.elf" "$tmp/demo.xex" || return 1
			digest=$(./wedge info ${key:+--xex-key "$key"} "$tmp/demo.xex" | sed -n 's/^digest of the image *//p')
			first=${first:-$digest}
			[ -n "$digest" ] && [ "$digest" = "$first" ] || {
				echo "$c $e: the image's digest is '$digest', not '$first'" >&2
				bad=1
			}
		done
	done
	return $bad
}

# patched FORM...: does one guest with a patch run as another?
patched()
{
	local key='' from=$guests/demo.elf to=$small
	[[ $* != *--encrypt=* ]] || key=$tmp/key
	[ -f "$tmp/to.log" ] || run_elf "$to" "$tmp/to.log" "$tmp/to.out" ''
	tests/mkxex "$@" "$from" "$tmp/demo.xex" && tests/mkxex --patch "$@" "$from" "$to" "$tmp/demo.xexp" || return 1
	run "$tmp/demo.xex" "$tmp/xex.log" "$tmp/xex.out" '' --patch "$tmp/demo.xexp"
	cmp "$tmp/to.log" "$tmp/xex.log" && diff "$tmp/to.out" "$tmp/xex.out" || {
		echo "patched: $*"
		return 1
	} >&2
}

all_patched()
{
	local c e bad=0
	for c in "${compressions[@]}"; do
		for e in "${encryptions[@]}"; do
			# shellcheck disable=SC2086
			patched $c $e || bad=1
		done
	done
	# shellcheck disable=SC2086
	patched --small-pages --normal=18 --with=all "--encrypt=$tmp/key" || bad=1
	return $bad
}

# A patch of another image, and a title that is no XEX, are refused.
misfits()
{
	tests/mkxex --patch "$small" "$guests/demo.elf" "$tmp/x.xexp" && tests/mkxex "$guests/demo.elf" "$tmp/demo.xex" || return 1
	./wedge --batch --patch "$tmp/x.xexp" "$tmp/demo.xex" >"$tmp/out" 2>&1
	[ $? = 2 ] && [ "$(wc -l <"$tmp/out")" = 1 ] && grep -q 'x.xexp: offset 0x.*: a patch of another image' "$tmp/out" || { cat "$tmp/out"; return 1; } >&2
	./wedge --batch --patch "$tmp/x.xexp" "$small" >"$tmp/out" 2>&1
	[ $? = 2 ] && [ "$(wc -l <"$tmp/out")" = 1 ] || { cat "$tmp/out"; return 1; } >&2
}

# kitcc makes the same image as compiling and mkxex do.
kitcc_makes_it()
{
	local name=finish
	tests/guest/kitcc --xex -o "$tmp/$name.xex" "$srcdir/$guests/$name.c" && mv "$tmp/$name.xex" "$tmp/kitcc.xex" &&
		tests/mkxex --normal --encrypt "$small" "$tmp/$name.xex" && cmp "$tmp/kitcc.xex" "$tmp/$name.xex" && [ ! -e "$tmp/$name.xex.elf.tmp" ] || return 1
	tests/guest/kitcc --xex= -o "$tmp/$name.xex" "$srcdir/$guests/$name.c" && mv "$tmp/$name.xex" "$tmp/kitcc.xex" &&
		tests/mkxex "$small" "$tmp/$name.xex" && cmp "$tmp/kitcc.xex" "$tmp/$name.xex"
}

if [ ! -f "$small" ] || [ -z "$strip" ]; then
	echo 1..1
	echo 'ok xex_runs_as_the_elf_does # SKIP no guests were built'
	exit 0
fi
set -- "$guests"/*.elf
echo "1..$(($# + 6))"
n=0
for elf; do
	name=${elf##*/}
	# shellcheck disable=SC2086
	says "xex_runs_as_the_elf_does_${name%.elf}" same "$elf" ${compressions[n % ${#compressions[@]}]} ${encryptions[n % 3]} \
		${pages[n % 2]} ${features[n % ${#features[@]}]}
	n=$((n + 1))
done
says xex_runs_in_every_form matrix
says xex_runs_with_every_feature each_feature
says xex_is_one_image_in_every_form same_image
says xex_with_a_patch_runs_as_what_it_becomes all_patched
says xex_takes_no_patch_of_another_image misfits
says xex_is_what_kitcc_makes kitcc_makes_it
