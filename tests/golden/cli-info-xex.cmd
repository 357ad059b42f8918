# title: crossed.xex
# args: info @GUESTS@/crossed.xex
