# title: demo.elf
# exit: 3
run
wedge
