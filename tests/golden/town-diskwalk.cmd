# title: diskwalk.elf
# options: --mount disc:=@HERE@/disc
run
wedge
