# title: --demo
# exit: 3
# Each pane by itself (but those that show how much memory is taken, which is no fact of the title).
run
screen size 96 14
screen keys Esc j
pane aliases
screen save
pane accounting
screen save
pane breakpoints
screen save
pane console
screen save
pane events
screen save
pane floats
screen save
pane graph
screen save
pane journal
screen save
pane objects
screen save
pane refs
screen save
pane registers
screen save
pane stack
screen save
pane timers
screen save
pane vectors
screen save
pane waiters
screen save
pane object
screen save
