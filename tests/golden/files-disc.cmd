# title: diskwalk.elf
# options: --mount disc:=@GUESTS@/disc.iso --mount game:=@HERE@/disc
# The same from a disc image: `info mounts` says what is mounted.
info mounts
run
