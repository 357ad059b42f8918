# title: demo.elf
# args: --batch --digest -x @HERE@/lua-break-on-handle.lua @GUESTS@/demo.elf
# exit: 3
# tests/lua.sh: its text is that of script-break-on-handle.
