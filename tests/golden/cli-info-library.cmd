# args: info --json @GUESTS@/library.xex
