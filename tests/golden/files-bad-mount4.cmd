# args: --batch --dead-device game: @GUESTS@/finish.elf
# exit: 2
