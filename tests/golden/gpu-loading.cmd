# title: loading.elf
# exit: 3
# Frames go on, and the loader is stuck.
run
wedge
info gpu
