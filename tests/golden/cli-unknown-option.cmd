# args: --batch --nonsense @GUESTS@/demo.elf
# exit: 2
