# title: --demo
# Time: F7 and F8 go from event to event of the selected object, { and } from checkpoint to checkpoint; the title line says where one is.
run
screen size 80 24
screen keys Esc j F7
screen save
screen keys F7 F7
screen save
screen keys F8
screen save
screen keys {
screen save -a
screen keys } F8
screen save
