# title: inversion.elf
# options: -n 200k
# exit: 5
run
wedge
why 4
info threads
