# title: xamwrong.elf
# exit: 3
run
wedge
info io
