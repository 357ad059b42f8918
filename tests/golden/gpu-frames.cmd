# title: frames.elf
# A frame loop: what came of it to its end, and the packets of its second frame.
catch gpu.swap -k 2
run
info gpu
info gpufences
info gpupackets
reverse-continue
info gpufences
catch interrupt -t
continue
delete
continue
wedge
