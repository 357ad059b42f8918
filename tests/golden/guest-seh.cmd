# title: seh.elf
# exit: 0
run
wedge
