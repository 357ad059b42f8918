# title: lockorder.elf
# exit: 3
# The wait that closes a circle of owners is caught as it begins; where the machine stands still, a log and commands.
catch unsatisfiable-wait
catch wedge -log "stands still; {$_tid}"
catch wedge do echo commands of the standstill
info breakpoints
run
print thread($_tid).name
continue
catch ghost -t
catch refs
info breakpoints
