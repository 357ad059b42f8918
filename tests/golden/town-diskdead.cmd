# title: diskdead.elf
# options: --mount disc:=@HERE@/disc --dead-device disc: --digest
# exit: 3
run
wedge
info io
info files
