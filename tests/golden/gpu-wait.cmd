# title: gpuwait.elf
# exit: 3
# The command processor stands at a wait for memory that nobody writes: seen when it begins, among the waiters, in the report.
catch gpu.packet name INTERRUPT
catch gpu.wait
run
info gpu
info waiters
continue
wedge
info breakpoints
