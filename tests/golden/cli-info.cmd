# args: info @GUESTS@/crossed.elf
