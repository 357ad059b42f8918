-- What `pad` says to bad input: one line each, and nothing has changed.
for line in ([[
pad
pad wave
pad press
pad press q
pad press a+
pad press a b
pad press a on 4
pad press a at cycle 0
pad press a at 5
pad press a at
pad press a for ever
pad press a for 0
pad press a for 99999999999999999999s
pad press a at cycle 18446744073709551615
pad stick up 1 1
pad stick left 1
pad stick left 32768 0
pad trigger left 256
pad trigger
pad connect 2]]):gmatch("[^\n]+") do
	local ok, why = pcall(wedge.cmd, line)
	print(line, ok and "" or "-- " .. why)
end
wedge.cmd("info journal")
wedge.cmd("info inputs")
