# args: --batch -x @HERE@/cli-source-outer @GUESTS@/finish.elf
# exit: 2
