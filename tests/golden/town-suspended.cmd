# title: suspended.elf
# exit: 3
run
wedge
