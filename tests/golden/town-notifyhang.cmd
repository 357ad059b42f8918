# title: notifyhang.elf
# exit: 3
run
wedge
info listeners
