# title: diskdead.elf
# options: --mount disc:=@HERE@/disc --dead-device disc: --digest
# exit: 0
run
wedge
info io
info files
whatif complete 1008
poke complete 1008
continue
