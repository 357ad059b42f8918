# title: diskwalk.elf
# options: --mount disc:=@HERE@/disc
# A folder's directories, in order, and every file's bytes.
run
