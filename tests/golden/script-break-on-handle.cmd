# title: demo.elf
# exit: 3
# The same session as lua-break-on-handle.lua, in the command language: from the birth of a handle to those who wait on it for ever.
catch create type event -log "{handle} made in {lr:sym}" > ./out
catch create type event caller open_cache -silent > ./out
run
set $h = $_handle
echo stopped where the cache makes its event
bt 3
delete 2
catch wait handle $h -silent > ./out
continue
print thread($_tid).name
print $_waiters
while $_stop == "event"
  continue
end
print handle($h).signals
print handle($h).waiters
waiters @3
expect handle($h).signals == 0 "somebody has signalled it"
