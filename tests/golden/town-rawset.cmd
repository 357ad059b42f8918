# title: rawset.elf
# exit: 3
run
wedge
