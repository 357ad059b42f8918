# title: finish.elf
help
help break
help info
h x
apropos cycle
apropos xyzzy
