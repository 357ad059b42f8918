# title: disksave.elf
# options: --mount game:=@HERE@/disc
# What a title writes is its machine's: the overlay.
run
info files
info cache
check pframes
