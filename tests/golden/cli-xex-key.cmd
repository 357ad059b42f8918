# title: crossed.xex
# args: --batch --xex-key @HERE@/cli-xex-key.cmd @GUESTS@/crossed.xex
# exit: 2
