# title: stall.elf
# options: --stall 0.25 --json
# exit: 3
run
wedge
