# title: references.elf
# References dropped that nobody took, and (tests/guest/rawevent.c) objects that nobody was seen to make, are events.
catch refs -log "surplus: @{obj} by {lr:sym}"
catch object.surplus
run
bt 1
continue
