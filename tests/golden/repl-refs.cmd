# title: references.elf
# exit: 0
# The ledger of references, and closed handles, at the end of a title that is careless with them.
run
info refs
refs @2
handle 1004#1
handle 1008#1
info handles
history @5
wedge
set json on
refs @2
