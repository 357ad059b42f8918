# args: --batch @HERE@/nowhere.elf
# exit: 2
