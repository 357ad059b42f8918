# title: diskread.elf
# options: --mount game:=@HERE@/disc
# What each request sets off, event by event: the file object, an event, an APC, a port.
catch io.* -log "{cyc:d} {event} by {tid}: @{obj} {type}"
catch apc.* -log "{cyc:d} {event} by {tid}: @{obj} {type}"
catch object.signal -log "{cyc:d} {event} by {tid}: @{obj} {type}"
catch object.release -log "{cyc:d} {event} by {tid}: @{obj} {type}"
run
