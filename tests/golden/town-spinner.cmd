# title: spinner.elf
# options: -n 100k
# exit: 5
run
wedge
why 3
