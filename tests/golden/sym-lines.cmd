# title: callers.elf
# options: --directory /nowhere --directory @HERE@/../..
# exit: 2
# Source lines: breakpoints by FILE:LINE, steps from line to line, what is listed, where a line's code is.
break callers.c:41
break callers.c:1
info breakpoints
delete 2
run
list
list
list -
list wait_here
list 3,5
step
next
next
step 2
backtrace
finish
next
info line callers.c:24
info line outer
info line $pc
info sources
x/5i inner
until callers.c:33
frame 1
list
run-wedge
frame 3
source /nowhere/at/all
