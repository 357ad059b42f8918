# title: crossed.xex
# args: --batch --patch @GUESTS@/crossed.xex @GUESTS@/crossed.elf
# exit: 2
