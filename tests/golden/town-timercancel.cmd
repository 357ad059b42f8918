# title: timercancel.elf
# exit: 3
run
wedge
history @2
