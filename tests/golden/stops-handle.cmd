# title: recycled.elf
# exit: 3
# Break on a handle's life: who made it, by which names it is known, what happens to the number when it is used again.
catch create type event
run
expect $_event == "handle.create" && $_type == "Event"
set $first = $_handle
created $first
delete
catch signal,wait handle $first -log "{cyc:d} {event} {handle} by tid {tid} from {lr:sym} < {bt:3}"
catch handle.* handle $first
commands
silent
print $_event
continue
end
run-wedge
info breakpoints
assert-stop wedge
catch signal handle 1000#1
catch signal handle $first exact thread !1
