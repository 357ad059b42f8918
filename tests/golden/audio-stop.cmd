# title: audiostop.elf
# exit: 3
# The audio worker is asked for nothing any more: how far it came, who waits, and the report.
run
info audio
wedge
