# args: --batch --quantum 0x @GUESTS@/demo.elf
# exit: 2
