# title: demo.elf
# exit: 3
# Commands over many threads, times, addresses: thread apply, repeat, find, dump, restore; coverage; exports by what is the matter; reset.
run
thread apply 2,10 bt 1
thread apply on 1008 print $_tid
thread apply parked print thread($_tid).state
repeat 2 echo again
find/w 0x1008 in $sp $sp+0x200
find "demo: fed"
find/b 0xEE in $sp $sp
dump ./stack.bin $sp 16
set {int}$sp = 0
print {int}$sp
restore ./stack.bin $sp
print {int}$sp == 0
info coverage publish
info coverage open_c
info exports -uncalled
info exports -failed
info exports -bogus
info exports NtSetEv
reset
status
print $_instr
info journal
run
