# title: vblank.elf
# exit: 3
break vblank_routine
run
info dpcs
bt
info quiescence
stepi
delete
continue
wedge
info timers
