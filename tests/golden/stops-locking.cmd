# title: bank.elf
# exit: 2
# Threads held by the user: an input to the run, at its instruction; the run is marked.
break main
run
digest
set scheduler-locking step
stepi 5
info journal
set scheduler-locking on
continue -n 2000
info threads
set scheduler-locking off
info journal
digest
continue -n 100
set scheduler-locking sometimes
