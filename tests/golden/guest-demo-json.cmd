# title: demo.elf
# options: --json
# exit: 3
run
wedge
info threads
info handles
