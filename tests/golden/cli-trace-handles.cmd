# args: --batch --trace-handles @GUESTS@/rawevent.elf
# exit: 3
