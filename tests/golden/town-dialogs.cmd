# title: dialogs.elf
# Stops at the first dialog, then at its end.
tcatch notify.post
run
info listeners
info timers
continue
wedge
info profile
