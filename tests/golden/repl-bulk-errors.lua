-- What these commands say to bad input: one line each, and the session goes on.
for line in ([[
kil
breka
htrace
i threds
info nothing
info p
infoo handles
handels
thread apply nobody bt
thread apply on 9998 bt
thread apply all
repeat 0 echo never
repeat 2 nonsense
find
find ""
find/z 5
find 5 in 9 3
find 5 from 9
dump none.bin 0 16
dump none.bin $sp 0
dump /nonexistent/none.bin $sp 4
restore none.bin
restore none.bin $sp
restore /dev/null 0
reset now
catch wedge type event
catch unsatisfiable
catch wedge wedge
info exports -bogus
lua
luafile
lua x =
luafile none.lua]]):gmatch("[^\n]+") do
	local ok, why = pcall(wedge.cmd, line)
	print(line, ok and "" or "-- " .. why)
end
