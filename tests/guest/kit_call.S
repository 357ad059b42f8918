/* tests/guest/kit_call.S - uint64_t kit_call(void (*thunk)(void), const uint64_t *slot, unsigned count): calls an import with @count
 * 8-byte arguments, as the console passes them: r3-r10, then r1+50 on. The result comes back as GCC has it, in r3:r4. */

	.section .text.kit_call, "ax"
	.balign 4
	.globl kit_call
	.type kit_call, @function
kit_call:
	mflr 0
	stw 0, 4(1)
	rlwinm 11, 5, 3, 0, 28          /* 8 bytes per argument: more than the ninth and later need */
	addi 11, 11, 0x60
	rlwinm 11, 11, 0, 0, 27
	neg 11, 11
	stwux 1, 1, 11
	mtctr 3
	mr 12, 4
	cmplwi 5, 8
	ble 2f
	addi 5, 5, -8
	addi 6, 1, 0x50 - 8
	addi 7, 12, 64 - 8
1:	ldu 8, 8(7)
	stdu 8, 8(6)
	addic. 5, 5, -1
	bne 1b
2:	ld 3, 0(12)
	ld 4, 8(12)
	ld 5, 16(12)
	ld 6, 24(12)
	ld 7, 32(12)
	ld 8, 40(12)
	ld 9, 48(12)
	ld 10, 56(12)
	bctrl
	mr 4, 3
	srdi 3, 3, 32
	lwz 1, 0(1)
	lwz 0, 4(1)
	mtlr 0
	blr
	.size kit_call, . - kit_call
