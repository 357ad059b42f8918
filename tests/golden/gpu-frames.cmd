# title: frames.elf
# A frame loop: what came of it to its end, and the packets of its second frame.
catch gpu.swap -k 2
run
info gpu
info gpufences
info gpupackets
delete
continue
wedge
