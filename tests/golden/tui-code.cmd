# title: finish.elf
# The layout `code` at a breakpoint: the next instruction, a breakpoint set by b, what a step has changed (bold: * in the second block).
tbreak main
run
screen size 80 24
layout code
screen save
screen keys Esc j b
screen save
screen keys C-x s s s
screen save -a
screen size 160 50
screen save
screen size 100 30
screen save
screen size 39 9
screen save
