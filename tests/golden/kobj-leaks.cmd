# title: references.elf
# Handles opened and closed since the entry, and those that no word holds any more.
handles snapshot
run
handles diff
leaks
info exports -failed
history -diff
set json on
handles diff
leaks
