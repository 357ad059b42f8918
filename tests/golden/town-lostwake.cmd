# title: lostwake.elf
# exit: 3
run
wedge
history @2
history @3
