# title: finish.elf
# exit: 0
# Breakpoints, steps, frames, memory; and running on to the end.
break take
tbreak put
info breakpoints
run
bt
continue
up
frame
down
continue 3
info breakpoints
disable 1
delete 1
stepi
nexti 4
x/4i $pc
x/8xw $sp
x/2xg $sp
x/4db $sp
x/s main
print $r3
print/d main + 4 * 2
symbol main+8
disas put 4
run -n 2000
continue -n 1000
digest
continue
