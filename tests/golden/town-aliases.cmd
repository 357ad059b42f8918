# title: aliases.elf
# exit: 0
run
wedge
