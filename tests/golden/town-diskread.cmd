# title: diskread.elf
# options: --mount game:=@HERE@/disc
run
wedge
