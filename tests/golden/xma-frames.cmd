# title: xma.elf
# An XMA context from its first kick to its end: how it fills its ring, goes on when it was read, changes buffers, starves; and why it left, each time.
catch xma.kick
run
info xma
info quiescence
info timers
delete
catch xma.done name full
continue
info xma
bt
delete
catch xma.done name starved
continue
info xma
delete
run
wedge
