#!/bin/sh
# tests/guest/mkkit.sh - makes the guest kit in DIR: kit_exports.h, kit_start.o, kit_dll.o, libkit.a.
#
# usage: mkkit.sh CC SRCDIR DIR    (CC: the PowerPC cross compiler; DIR has kitcc; run by make)
set -eu
cc=$1 src=$2 dir=$3
kit=$src/tests/guest
tmp=$dir/kit.tmp
rm -rf "$tmp"
mkdir -p "$tmp"

# The list of exports, one a line; its preprocessor directives and comments resolved by the preprocessor itself.
$cc -E -P -undef -x c -I"$src" '-DEXPORT(m,o,n,args,state,source)=@ m o n state args' '-DARGS(...)=__VA_ARGS__' -DNOARGS= \
	'-DA(type,name)=type name;' "$src/kernel/exports.def" >"$tmp/exports.list"
make_part()
{
	awk -v part="$1" -f "$kit/kit.awk" "$tmp/exports.list" >"$tmp/$2"
}
make_part h kit_exports.h
make_part S kit_stubs.S
make_part c kit_variadic.c
mv "$tmp/kit_exports.h" "$dir/kit_exports.h"

compile()
{
	object=${1##*/}
	"$dir/kitcc" -c -ffunction-sections -fno-tree-loop-distribute-patterns -o "$tmp/${object%.*}.o" "$1"
}
for f in "$kit/kit_start.S" "$kit/kit_dll.S" "$kit/kit_call.S" "$kit/kit_save.S" "$kit/kit_slots.c" "$kit/kit_rt.c" "$tmp/kit_stubs.S" \
	"$tmp/kit_variadic.c"; do
	compile "$f"
done
mv "$tmp/kit_start.o" "$tmp/kit_dll.o" "$dir/"
(cd "$tmp" && "$($cc -print-prog-name=ar)" rcsD libkit.a ./*.o)
mv "$tmp/libkit.a" "$dir/libkit.a"
rm -rf "$tmp"
