# title: demo.elf
# exit: 0
# What would help, tried and taken back; then done: poke, undo, and a machine in a file.
run
whatif signal 1004
whatif signal @3 -limit 100
whatif reset 1004
info journal
digest
poke signal 1004
continue
poke signal @3
undo
info journal
poke signal @3
save -f here.saved
continue
goto instr 100
info journal
restore here.saved
continue
digest
