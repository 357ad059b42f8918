# title: diskread.elf
# options: --mount game:=@HERE@/disc --digest
# exit: 0
# Requests and their completion: synchronous, by the file object, an event, an APC, a port.
info io
catch io start
run
info io
info files
next
info quiescence
delete
run
info cache
info cachepages
