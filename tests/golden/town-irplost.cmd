# title: irplost.elf
# options: --digest
# exit: 0
run
wedge
info io
