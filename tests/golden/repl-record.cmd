# title: demo.elf
# An event log by command: from a moment on, taken back with the machine; what the file holds.
tbreak feed
run
record start ./a.jsonl handle.*,wait
run-wedge
goto last @3
goto wedge
record stop
reset
tbreak feed
run
record start ./b.jsonl handle.*,wait
run-wedge
record stop
lua local a, b = io.open("a.jsonl"):read("a"), io.open("b.jsonl"):read("a") print(a == b, select(2, a:gsub("\n", "")), a:match("[^\n]*\n$"))
record start ./c.jsonl handle.*
reset
lua print(pcall(wedge.cmd, "record stop"))
lua print(pcall(wedge.cmd, "record start /nonexistent/x"))
lua print(pcall(wedge.cmd, "record start ./d.jsonl bogus"))
lua print(pcall(wedge.cmd, "record"))
