/* tests/guest/kit_dll.S - the names of the libraries that a library imports from, as kit_start.S has them for titles. */

	.section .xex.libraries, "a"
	.ascii "xboxkrnl.exe"
	.org 32
	.ascii "xam.xex"
	.org 64
