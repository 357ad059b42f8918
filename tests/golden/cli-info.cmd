# title: crossed.elf
# args: info @GUESTS@/crossed.elf
