# title: callers.elf
# exit: 3
run
wedge
