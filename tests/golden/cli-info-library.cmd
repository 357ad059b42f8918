# title: library.xex
# args: info --json @GUESTS@/library.xex
