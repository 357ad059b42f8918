# title: rewrite.elf
# exit: 0
run
wedge
