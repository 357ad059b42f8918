# title: finish.elf
# exit: 1
# The command language: own commands, blocks, variables, a stop's commands, chained stops, checks, output to files.
define tell
  if $argc > 1
    echo $arg0 and $arg1
  else
    echo $arg0 alone
  end
end
tell one
tell one two
set $i = 0
while 1
  set $i = $i + 1
  if $i == 2
    loop_continue
  end
  if $i > 3
    loop_break
  end
  print/d $i
end
alias bps = info breakpoints
break put thread 2 if $r3 % 5 == 0
commands
  silent
  echo five more
  print/d $r3
  if $r3 < 10
    continue
  end
end
break take
after 1 arm 2
run
continue
finish
tbreak put if $_hits == 3
log $bpnum "put of {$r3:d} by {thread($_tid).name} < {bt:2}"
advance put
until
stepi
bps
save breakpoints stops.wedge
delete
source stops.wedge
bps
info threads > ./threads
print $r1 >> ./threads
expect 1 + 1 == 2
expect thread(1).state == "running" "main does not run"
assert-stop step
goto wedge
print $_stop
assert-stop wedge
help vars
