# title: rwlock.elf
# exit: 3
run
wedge
locks
info rwlocks
