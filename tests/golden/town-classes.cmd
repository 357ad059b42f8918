# title: classes.elf
# exit: 3
run
wedge
whois @2
set json on
whois @2
