# title: metronome.elf
# exit: 0
run -n 4000
info timers
wedge
info quiescence
continue
wedge
