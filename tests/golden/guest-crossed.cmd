# title: crossed.elf
# exit: 3
run
wedge
why 1
info objects
