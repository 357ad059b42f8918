# title: crossed.elf
# options: --json
# exit: 3
break hold_then_want
info breakpoints
run
bt
x/4xw $sp
x/2i $pc
print $pc
thread
symbol $pc
delete
continue
why 1
parked
info waiters
info quiescence
history @2
digest
wedge
