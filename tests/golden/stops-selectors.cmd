# title: aliases.elf
# exit: 2
# Selectors: types, exports, callers, threads, aliases against exact handles, negation, lists, globs.
catch create caller main depth 1..3 -log "made {handle} {type} from {lr:sym}"
catch dup -log "{event} {handle} of @{obj}, canonical {alias}"
catch thread create -log "{event} {name}"
catch object.* type event thread !1 export Nt*Event if $_hits <= 3 -log "{event} @{obj} {handle} {export} tid {tid} hit {hits}"
catch fail -log "{export} -> {status:x}"
catch export NtClose return from-host
catch signal lr main -log "{export} by main"
catch exit -log "{event} tid {tid}"
run
info breakpoints
catch sign
catch create type event lr nowhere
catch signal handle zz
catch thread
