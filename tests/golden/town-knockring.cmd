# title: knockring.elf
run
wedge
