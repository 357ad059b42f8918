# title: uncaught.elf
# exit: 4
catch raise
run
bt
delete
continue
bt
continue
