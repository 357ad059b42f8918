# title: plugin.elf
# options: --mount game:=@HERE@/disc
# A library that is not there: the title gets a status, and the log says why.
catch module.refuse
run
info modules
continue
wedge
