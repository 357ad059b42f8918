# title: crossed.elf
# options: --reference @HERE@/eventlog-crossed.jsonl
# exit: 4
# The log of the same title: equal at the end, cut short before it; and another story once a thread was given a wrong section.
tbreak hold_then_want
run
wedge
continue
compare
wedge
run
tbreak hold_then_want
run
set $r3 = 0
continue
compare
