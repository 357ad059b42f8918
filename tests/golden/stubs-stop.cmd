# title: notbuilt.elf
# exit: 0
# A call of what is not built: it stops the run by default; `set on-stub` lets it answer from here on, and the past has its own answer.
show on-stub
run
info stubs
set on-stub continue=7
show on
catch thread.create
continue
info stubs
catch stub
continue
reverse-continue
info journal
set on-stub stop
undo
continue
info stubs
set json on
info stubs
