# args: --batch --reference @HERE@/cli-bad-reference.cmd @GUESTS@/crossed.elf
# exit: 2
