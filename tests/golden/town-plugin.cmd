# title: plugin.elf
run
wedge
