# title: crossed.elf
# exit: 3
# Two sections taken crosswise: who owns what, the circle in the graph, and the same for graphviz.
run
locks -o
info cs
graph
graph thread 3
graph --dot -
set json on
locks
graph
