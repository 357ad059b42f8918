# title: finish.elf
# exit: 0
# Data watchpoints: on changes, on loads, on every access, logged; on the way to an instruction, an event, a cycle.
watch/c filled
run
info breakpoints
delete
rwatch tail if $_tid != 2
continue
bt 2
awatch {u32}ring thread 2
log $bpnum "ring[0] by tid {tid}: {$r9:x} at {$pc:sym}"
goto instr 1500
goto ev $_ev + 20
goto cyc $_cyc + 100000
goto cyc 5
