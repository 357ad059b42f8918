# title: demo.elf
# exit: 3
# The tables of kernel objects at the demo's wedge, as text and as JSON.
run
info handles
info objects
info aliases
info refs
info waiters
info trail
info trail @3
info trail 100c
info ghosts
set json on
info handles
info objects
info aliases
info refs @3
info waiters
info trail @3
info ghosts
