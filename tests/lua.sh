#!/bin/bash
# tests/lua.sh - scripts from outside: the session in Lua is that of the command language; one that looks at every table at every event
# changes nothing in any guest; one that never ends is ended by Ctrl-C.
set -u
: "${srcdir:?run tests/run.sh of a build}"
tmp=${TMPDIR:-/tmp}
wedge=$PWD/wedge
guests=$PWD/tests/guest
golden=$srcdir/tests/golden
echo 1..3

if cmp "$golden/script-break-on-handle.out" "$golden/lua-break-on-handle.out" >&2; then
	echo 'ok lua_says_what_the_command_language_says'
else
	echo 'not ok lua_says_what_the_command_language_says'
fi

cat >"$tmp/look.lua" <<'END'
local names, n = wedge.tables(), 0
wedge.on("*", function(e)
	n = n + 1
	for _, name in ipairs(n % 16 == 1 and n < 400 and names or {}) do
		if not pcall(wedge.table, name) then pcall(wedge.table, name, "$pc") end
	end
	for k, v in pairs(e) do assert(k and v ~= nil) end
end)
wedge.run("-n", "200k")
wedge.expect(n > 0, "no event was seen")
END
bad='' any=''
for guest in "$guests"/*.elf; do
	[ -f "$guest" ] || continue
	any=yes
	plain=$("$wedge" --batch --digest -e 'run -n 200k' "$guest" 2>/dev/null </dev/null | tail -n 1)
	looked=$("$wedge" --batch --digest -x "$tmp/look.lua" "$guest" 2>"$tmp/err" </dev/null | tail -n 1)
	if [ -z "$plain" ] || [ "$plain" != "$looked" ] || grep -q 'expect failed' "$tmp/err"; then
		bad="$bad ${guest##*/}"
	fi
done
if [ -z "$any" ]; then
	echo 'ok lua_handlers_change_nothing # SKIP no guests were built'
	echo 'ok lua_endless_scripts_end_by_ctrl_c # SKIP no guests were built'
	exit 0
fi
if [ -z "$bad" ]; then
	echo 'ok lua_handlers_change_nothing'
else
	echo 'not ok lua_handlers_change_nothing'
	echo "another digest, or none: $bad" >&2
fi

# The script says that it runs before it never ends: the interruption cannot come too early.
mkfifo "$tmp/says"
"$wedge" --batch -e 'lua print("runs") io.open("'"$tmp/says"'", "w"):write("x"):close() while true do pcall(function() while true do end end) end' \
	-e 'echo not reached' "$guest" >"$tmp/out" 2>&1 </dev/null &
pid=$!
(cd "$tmp" && head -c 1 says >/dev/null)
kill -INT $pid
wait $pid
code=$?
if [ $code = 130 ] && [ "$(cat "$tmp/out")" = runs ]; then
	echo 'ok lua_endless_scripts_end_by_ctrl_c'
else
	echo 'not ok lua_endless_scripts_end_by_ctrl_c'
	echo "exit $code" >&2
	cat "$tmp/out" >&2
fi
