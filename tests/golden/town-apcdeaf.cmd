# title: apcdeaf.elf
# exit: 3
run
wedge
info apcs
