# title: finish.elf
# exit: 7
run
exit 7
