# title: lostwake.elf
# exit: 3
# Lost wake-ups, caught in the act: a signal or a pulse that meets nobody.
catch pulse,signal if $_waiters == 0 -log "{cyc} {event} {handle} @{obj} waiters {waiters} by tid {tid} in {export} at {lr:sym}"
tcatch wait thread 3 type event
run
bt 3
print handle($_handle).signals
print $_event
expect handle($_handle).state == 0 "the pulse was not kept"
catch wake if $_obj == 3 do print $_tid; print thread($_tid).name; continue
continue
wedge > report.txt
info breakpoints
