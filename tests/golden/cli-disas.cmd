# args: disas @GUESTS@/crossed.elf main 6
