# title: finish.elf
# exit: 1
run
expect 1 == 2 "one is not two"
