# title: xmaloop.elf
# exit: 3
# The decoder is at work for ever, and no source of anything new.
run
info xma
info audio
wedge
