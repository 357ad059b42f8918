# title: diskwalk.elf
# options: --mount disc:=@GUESTS@/disc.stfs
# The same from a package.
run
