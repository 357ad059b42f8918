# title: lockorder.elf
# exit: 3
run
wedge
