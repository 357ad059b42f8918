# title: ramdisk.elf
# options: --digest
# exit: 0
catch kernel.call export IoCompleteRequest
run
bt
info io
info objects
delete 1
continue
wedge
