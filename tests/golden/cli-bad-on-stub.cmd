# args: --on-stub=continue= @GUESTS@/notbuilt.elf
# exit: 2
