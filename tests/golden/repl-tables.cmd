# title: demo.elf
# exit: 3
# Every table once, at the demo's wedge.
run
info threads
info handles
info objects
info waiters
info waiters @3
info aliases
info timers
info quiescence
info trails
info ghosts
info modules
info sections
info symbols chunk
info imports Nt
info stop
info breakpoints
info focus
info parked
info settings
info registers
info registers fpr
