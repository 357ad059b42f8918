# title: irplost.elf
# options: --digest
# exit: 3
run
wedge
info io
