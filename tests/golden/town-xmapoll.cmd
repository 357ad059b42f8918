# title: xmapoll.elf
# exit: 3
# The first time that it starves; the stall; what the context says then.
catch xma.done name starved
run
info xma
delete
continue
info xma
wedge
