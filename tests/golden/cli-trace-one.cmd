# args: --batch --json --trace-handles=@4,1004 -e run @GUESTS@/rawevent.elf
# exit: 3
