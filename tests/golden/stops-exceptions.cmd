# title: seh.elf
# exit: 0
# Catchpoints on exceptions; the stack goes through the kernel's own frames, from a handler to who raised.
catch raise if $_exception == 0xe06d7363
catch exception.unwind -log "unwound: {$_exception}"
run
bt
break catching
continue
bt
break destroying
continue
bt
delete 1
delete 3
delete 4
break replacing_finally
continue
bt
delete 5
continue
