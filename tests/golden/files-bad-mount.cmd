# args: --batch --mount game=x --mount y @GUESTS@/finish.elf
# exit: 2
