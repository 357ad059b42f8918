# title: knockpipe.elf
run
wedge
