# args: info @GUESTS@/crossed.xex
