# title: demo.elf
# args: --batch -x @HERE@/repl-bulk-errors.lua @GUESTS@/demo.elf
