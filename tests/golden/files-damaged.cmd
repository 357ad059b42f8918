# title: diskwalk.elf
# options: --mount disc:=@GUESTS@/damaged.stfs --mount game:=@HERE@/disc
# exit: 0
# A package with a damaged block: the file that has it cannot be read, all others can; who asks is told.
catch io.damaged -log "{event} by {tid}: @{obj} {type}"
run
info mounts
info imagefiles
