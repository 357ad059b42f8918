# args: --batch --stall 1s @GUESTS@/finish.elf
# exit: 2
