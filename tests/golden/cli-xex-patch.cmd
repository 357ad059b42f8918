# title: crossed.xex
# args: --batch --patch @GUESTS@/library.xex @GUESTS@/crossed.xex
# exit: 2
