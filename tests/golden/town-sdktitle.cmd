# title: sdktitle.elf
# options: --mount game:=@HERE@/disc
# exit: 0
# It starts as a title of the SDK's does, and shows two seconds of frames.
run
wedge
info stubs
