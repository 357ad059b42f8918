# title: demo.elf
# exit: 0
# Where one stood: each command that moved is one place, the run to the wedge too.
run
goto last @2
back
when
back
when
fwd
when
back
fwd
