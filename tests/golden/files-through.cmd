# args: --batch --write-through d: @GUESTS@/finish.elf
# exit: 2
