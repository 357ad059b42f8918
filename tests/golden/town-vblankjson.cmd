# title: vblank.elf
# options: --json
# exit: 3
run
wedge
