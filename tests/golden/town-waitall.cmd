# title: waitall.elf
# exit: 3
run
wedge
