# title: xmastarve.elf
# exit: 3
# The context that was not fed: the report names it, and the books say when it left for good.
catch xma.done name consumed
run
info xma
delete
continue
info xma
info audio
wedge
