# title: --demo
# exit: 3
# Layouts and keys of one's own: the file that keeps them makes them again.
layout
layout make mine 3 threads:3 stack:2 / 2 console / command
layout mine
bind F11 :info timers
bind X why
bind j
run
screen size 80 24
screen keys Esc F11 X j
screen save
screen keys g h
layout save other
layout
bind C-x+t :layout threads
layout write ./panes
bind j down
bind F11
source ./panes
screen keys F11 C-x t
set border utf8
screen save
