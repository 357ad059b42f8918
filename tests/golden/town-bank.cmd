# title: bank.elf
# exit: 0
run
wedge
