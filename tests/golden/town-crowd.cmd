# title: crowd.elf
# exit: 3
run
wedge
