# title: callers.elf
# exit: 2
# Names of the user's own: kept in a file, read again, taken away; the title with its symbols as an ELF file, read as symbols again.
symbol add gate 82010000 16
symbol add on_stack 70040000
save symbols names.wedge
symbol del gate
symbol del on_stack
symbol 82010004
source names.wedge
symbol 82010004
symbol on_stack+2
symbol add gate 82010008
symbol gate
export-elf out.elf
symbol load out.elf
info symbols outer
print main == 0x82000180
symbol del main
symbol main
symbol del outer
