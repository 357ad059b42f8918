# title: audio.elf
# A client that plays: seen in its middle, and at its end.
goto cyc 800000000
info audio
info waiters
run
wedge
