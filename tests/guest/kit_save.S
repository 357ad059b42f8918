/* tests/guest/kit_save.S - the XDK's __savegprlr_N and __restgprlr_N: r14-r31 from r1-0x98 on, LR (in r12) at r1-8. */

	.section .text.kit_save, "ax"
	.balign 4

	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.globl __savegprlr_\n
	.type __savegprlr_\n, @function
__savegprlr_\n:
	std \n, -0x98 + 8 * (\n - 14)(1)
	.endr
	stw 12, -8(1)
	blr

	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.globl __restgprlr_\n
	.type __restgprlr_\n, @function
__restgprlr_\n:
	ld \n, -0x98 + 8 * (\n - 14)(1)
	.endr
	lwz 12, -8(1)
	mtlr 12
	blr
