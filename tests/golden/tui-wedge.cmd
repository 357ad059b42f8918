# title: --demo
# exit: 3
# F9: the report and the graph of waits, roots first; F5 there: threads first. F9 again goes back.
run
screen size 80 24
screen keys F9
screen save
screen keys Esc Tab F5
screen save
screen size 100 30
screen save
screen size 160 50
screen save
screen keys F9
screen size 80 24
screen save
screen size 39 9
screen save
