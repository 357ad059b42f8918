# title: xamsave.elf
# options: -n 1000000
# exit: 0
catch xam.* -log "{cyc:d} {event} by {tid}"
catch io.start
run
info content
info userdata
delete 2
catch export XamContentClose -t
continue
info content
info io
continue
wedge
