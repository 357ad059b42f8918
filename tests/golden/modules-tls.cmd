# title: tlscalls.xex
# TLS callbacks of a title and of a library: who is called, in which order, on which thread.
info modules
catch module.call
run
info modules
bt
continue
continue
bt
info modules
delete 1
run
wedge
