# title: demo.elf
# exit: 2
info threads
nonsense
info handles
