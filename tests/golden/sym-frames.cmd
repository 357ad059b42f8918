# title: callers.elf
# exit: 3
# Registers of callers' frames: what they are is told by what their callees saved; what no frame has kept is not known.
run
backtrace full
frame 4
info registers
print/x $r31
print $f31
print/x $pc
up
print/x $r31
down 2
print/x $sp
frame 0
backtrace all
backtrace -parked 2
stacks -u
thread apply 2,3 backtrace 2
chain
dps $sp 6
thread 1
frame 4
print/x $r31 == 1
set json on
backtrace full
chain
