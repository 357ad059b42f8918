# title: abandoned.elf
# exit: 0
run
wedge
