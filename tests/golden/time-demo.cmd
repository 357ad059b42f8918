# title: demo.elf
# exit: 0
# From the wedge back: to the last wait on its root, to the wait before, to the root's creation; and forward to the same wedge.
run
digest
goto last @2
goto prev
goto create @2
bt
when
back
goto wedge
digest
# Who wrote the handle into memory, and when.
last-writer 82010000
reverse-finish
# Stops work backwards, with their conditions and counts.
goto wedge
catch signal
reverse-continue
goto wedge
catch wait if $_tid == 5
reverse-continue
info breakpoints
checkpoint
reverse-stepi
reverse-nexti 2
restart 1
bisect $_ev >= 50
goto instr 0
when
