# title: --demo
# exit: 3
# The panes without a terminal: the layout `threads` of a wedged title, at each size; below 80x24 one pane, below 40x10 none.
run
screen size 80 24
screen keys Esc j
screen save
screen size 100 30
screen save
screen size 160 50
screen save
screen size 79 23
screen save
screen size 40 10
screen save
screen size 39 9
screen save
