# title: notbuilt.elf
# exit: 2
set on-stub continue=7g
