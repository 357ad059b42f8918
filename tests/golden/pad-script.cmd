# title: padpress.elf
# exit: 0
# Inputs that are put off and at once; what is to come, the journal, and back.
pad press a at cycle 2M for 20ms
pad stick left 0 32767 at 30ms for 5ms
pad press start at 60ms
info inputs
catch input.change
continue
bt 1
goto cyc 40000000
info pads
pad trigger right 255
pad disconnect
undo
info journal
delete
continue
digest
info pads
