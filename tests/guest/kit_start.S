/* tests/guest/kit_start.S - where a title begins, and the names of the libraries that it imports from. */

	.text
	.balign 4
	.globl _start
	.type _start, @function
_start:
	stwu 1, -0x60(1)
	bl main
	bl ExTerminateThread
	trap
	.size _start, . - _start

	.section .xex.libraries, "a"
	.ascii "xboxkrnl.exe"
	.org 32
	.ascii "xam.xex"
	.org 64
