# title: rawevent.elf
# options: --trace-handles
# exit: 3
run
wedge
info ghosts
