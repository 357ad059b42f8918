# title: jobqueue.elf
# exit: 3
run
wedge
info queues
