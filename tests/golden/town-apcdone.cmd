# title: apcdone.elf
# exit: 0
run
wedge
