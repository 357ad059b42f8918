# title: padpress.elf
# exit: 5
run -n 200k
info pads
wedge
