# title: demo.elf
# options: --trace-handles=1008
# exit: 3
# What is known of one object: through either of its two handles, by its id, by its address.
run
handle 100c
object @2
aliases 1008
history @3
created @3
created @2
created @4
who-signals 1008
why 10
why 1
thread 2
bt
track list
track add @2
track del 1008
track list
info focus
status
