# title: disksave.elf
# options: --mount game:=@HERE@/disc
run
wedge
