# title: callers.elf
# options: --directory /nowhere --directory @HERE@/../..
# The code pane of a title that has lines: each above its instructions.
tbreak callers.c:41
run
screen size 100 30
layout code
screen save
