# title: neversent.elf
# exit: 3
run
wedge
