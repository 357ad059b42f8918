# title: demo.elf
# exit: 2
# The inventory of physical frames: its sums, one frame and what shows it, the walk over all; a stop where a frame gets its owner, and back to it.
info pframes
info pframe main
info pframe 92000000
info pframe a7000000
check pframes
catch pframe a0060000
run
info breakpoints
reverse-stepi
continue
goto wedge
reverse-continue
delete
run
info pframe a0060000
info pframes
check pframes
check memory
