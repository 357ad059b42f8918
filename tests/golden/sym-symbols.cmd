# title: crossed.xex
# options: --symbols @GUESTS@/crossed.elf
# exit: 2
# Symbols from beside a title: an ELF file's, the user's own, those of imports; and the title written as an ELF file.
info symbols hold
info symbols DbgPrint
symbol add sections 82010000 56
symbol add holder 82000010
symbol 82010004
symbol holder+8
break holder
run
backtrace
disas holder 4
disas
info sources
info source
list
