# title: borrow.elf
info modules
info imports toolbox
run
wedge
