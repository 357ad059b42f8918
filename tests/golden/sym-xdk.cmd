# title: xdkframes.elf
# exit: 3
# Frames of the XDK's compiler: registers saved by __savegprlr_N, each instruction of a prologue and of an epilogue.
break open_device
run
backtrace
stepi 2
backtrace
info registers
stepi 2
backtrace
stepi 2
backtrace
frame 1
print/x $pc
run-wedge
backtrace full
