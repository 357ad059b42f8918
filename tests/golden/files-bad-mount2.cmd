# args: --batch --mount game:=/nowhere/at/all @GUESTS@/finish.elf
# exit: 2
