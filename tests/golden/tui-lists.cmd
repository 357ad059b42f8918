# title: --demo
# exit: 3
# Filter, sort, search, marks, folds, jumps; the mouse; what cannot be filtered is said.
run
screen size 80 24
layout objects
screen keys Esc F4
screen type type~event
screen keys Enter
screen save
screen keys F6 I
screen save
screen keys F4 C-u
screen type waiters>many
screen keys Enter
screen save
screen keys F4 C-u Enter F6 F6 F6 F6 F6 F6 F6 F6 F6 F6 F6 F6
screen keys / A l i
screen save
screen keys Enter Esc Esc
screen keys 1 0 2
screen save
screen keys Esc Home Space Space
screen click 12 2
screen save
screen click 2 6
screen double 2 5
screen wheel-down 10 8
screen save
