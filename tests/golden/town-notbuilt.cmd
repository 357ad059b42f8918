# title: notbuilt.elf
# options: --on-stub=continue=0xC0000002
# exit: 0
run
wedge
info stubs
