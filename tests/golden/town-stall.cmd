# title: stall.elf
# exit: 3
run
wedge
info stop
continue
