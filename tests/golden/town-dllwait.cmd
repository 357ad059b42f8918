# title: dllwait.elf
# exit: 3
run
wedge
thread 1
bt
history @2
info modules
