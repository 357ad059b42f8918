# title: recycled.elf
# exit: 3
run
wedge
handle 1004
history @2
