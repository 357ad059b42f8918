# title: --demo
# exit: 3
# The layout `objects`: the row of the selected object is under the cursor; Enter opens its card, < goes back.
run
screen size 80 24
screen keys Esc j
layout objects
screen save
screen keys j Enter
screen save
screen size 160 50
screen save
screen size 100 30
screen save
screen size 39 9
screen save
