# title: idlework.elf
# options: -n 4M
# exit: 5
run
wedge
