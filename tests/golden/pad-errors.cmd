# title: demo.elf
# args: --batch -x @HERE@/pad-errors.lua @GUESTS@/demo.elf
