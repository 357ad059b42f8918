# title: frames.elf
run
wedge
