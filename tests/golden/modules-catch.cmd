# title: plugin.elf
# A library comes and goes: catchpoints, breakpoints in it by name, and going back before it was there.
catch module.load
catch module.unload
run
info modules
break add
break toolbox.5
continue
bt
x/3i $pc
info symbol $pc
goto ev 20
info modules
continue
info modules
delete 3
delete 4
continue
continue
reverse-continue
info modules
info symbol 0x88000008
