# title: finish.elf
# options: -n 1000
# exit: 5
run
digest
