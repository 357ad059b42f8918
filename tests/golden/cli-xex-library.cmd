# title: library.xex
# args: --batch @GUESTS@/library.xex
# exit: 2
