# title: finish.elf
# exit: 0
run
wedge
