# args: --batch @GUESTS@/library.xex
# exit: 2
