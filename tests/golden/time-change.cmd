# title: demo.elf
# exit: 2
# What the user changes is journalled, taints the run, and belongs to its past: going back takes it back, going on does it again.
break publish_chunk
break loader
run
set $r3 = 7
p $r3
set {int}$r1 = -2
p {int}$r1
p {float}$r1
set {float}$r1 = 1
p {float}$r1
set $f1 = 2.5
p $f1
info journal
set $mine = 4
p $mine
when
reverse-continue
info journal
continue
info journal
when
digest
goto instr 300
when
set {int}0 = 3
