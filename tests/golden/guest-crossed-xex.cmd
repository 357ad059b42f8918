# A title as a XEX2 image, compressed and encrypted.
# title: crossed.xex
# exit: 3
run
wedge
info libraries
info functions
