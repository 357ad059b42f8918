# args: --batch --mount game:=@HERE@/disc @GUESTS@/borrow.elf
# exit: 2
