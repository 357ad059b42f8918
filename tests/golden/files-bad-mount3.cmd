# args: --batch --mount game:=@HERE@/disc/README.TXT @GUESTS@/finish.elf
# exit: 2
