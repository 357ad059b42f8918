# title: xdkframes.elf
# exit: 3
run
wedge
bt
created @2
