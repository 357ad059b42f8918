# title: fencespin.elf
# options: -n 20k
# exit: 5
# Main spins on a fence; the command processor was never told to read so far.
run
wedge
info gpu
x/2xw 0xA0000000 + 0x1FD00000
thread 1
