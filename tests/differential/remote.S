/* tests/differential/remote.S - the reference side of the differential test: runs under qemu-ppc or qemu-ppc64, without a C library.
 *
 * Reads batches from standard input and answers on standard output, all big-endian, until the input ends:
 *   in:   word n; n x 64 bytes of code (up to 15 instructions, then blr); n x STATE bytes
 *   out:  n x STATE bytes: the registers and the memory window behind each piece of code
 * Code may use r0, r3-r12, r14-r30, all FPRs and VRs, CR, XER, FPSCR, VSCR; memory through r29 and r28 within the window.
 * Built with -m32 or -m64 (WORD = one GPR; STATE holds 64-bit slots in both).
 */
#define STATE_GPR 0
#define STATE_FPR 256
#define STATE_VR 512
#define STATE_CR 1024
#define STATE_XER 1028
#define STATE_FPSCR 1032
#define STATE_VSCR 1040
#define STATE_MEM 1056
#define MEM_BYTES 512
#define STATE (STATE_MEM + MEM_BYTES)
#define WINDOW_HI 0x1000    /* the window lies at 10000000 */
#define BATCH 4096

#ifdef __powerpc64__
#define LG ld
#define STG std
#define LOW 0
	.abiversion 2
#else
#define LG lwz
#define STG stw
#define LOW 4
#endif

#define SYS_exit 1
#define SYS_read 3
#define SYS_write 4

	.section .bss
	.balign 65536
code:	.space BATCH * 64
states:	.space BATCH * STATE
	.balign 16
vtmp:	.space 16
count:	.space 16

	.text
	.globl _start
_start:
	/* r20 code, r21 states, r22 window */
	lis 20, code@h
	ori 20, 20, code@l
	lis 21, states@h
	ori 21, 21, states@l
	lis 22, WINDOW_HI
next_batch:
	lis 14, count@h
	ori 14, 14, count@l
	li 15, 4
	bl read_all
	lis 14, count@h
	ori 14, 14, count@l
	lwz 23, 0(14)               /* n */
	mr 14, 20
	slwi 15, 23, 6
	bl read_all
	mr 14, 21
	mulli 15, 23, STATE
	bl read_all
	/* make the code visible */
	mr 14, 20
	slwi 15, 23, 6
1:	dcbst 0, 14
	icbi 0, 14
	addi 14, 14, 32
	addic. 15, 15, -32
	bgt 1b
	sync
	isync
	li 24, 0
2:	cmpw 24, 23
	bge 3f
	slwi 25, 24, 6
	add 25, 25, 20
	mulli 26, 24, STATE
	add 26, 26, 21
	b run_one
run_done:
	addi 24, 24, 1
	b 2b
3:	mr 14, 21
	mulli 15, 23, STATE
4:	li 0, SYS_write
	li 3, 1
	mr 4, 14
	mr 5, 15
	sc
	bso fail
	add 14, 14, 3
	subf 15, 3, 15
	cmpwi 15, 0
	bgt 4b
	b next_batch

read_all:                           /* r14 to, r15 bytes; the end of input ends the program */
	li 0, SYS_read
	li 3, 0
	mr 4, 14
	mr 5, 15
	sc
	bso fail
	cmpwi 3, 0
	beq done
	add 14, 14, 3
	subf 15, 3, 15
	cmpwi 15, 0
	bgt read_all
	blr
done:	li 3, 0
	li 0, SYS_exit
	sc
fail:	li 3, 1
	li 0, SYS_exit
	sc

	/* r25 code, r26 state: what the loop needs is kept in save */
run_one:
	lis 31, save@h
	ori 31, 31, save@l
	STG 20, 0(31)
	STG 21, 8(31)
	STG 22, 16(31)
	STG 23, 24(31)
	STG 24, 32(31)
	STG 26, 40(31)
	STG 1, 48(31)
	STG 2, 56(31)
	STG 13, 64(31)
	/* window in */
	addi 3, 26, STATE_MEM - 4
	addi 4, 22, -4
	li 5, MEM_BYTES / 4
	mtctr 5
1:	lwzu 6, 4(3)
	stwu 6, 4(4)
	bdnz 1b
	mtctr 25
	mr 31, 26
	addi 5, 31, STATE_VSCR
	lvx 0, 0, 5
	mtvscr 0
	addi 5, 31, STATE_VR
	.irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	li 6, 16 * \i
	lvx \i, 5, 6
	.endr
	lfd 0, STATE_FPSCR(31)
	mtfsf 255, 0
	.irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	lfd \i, STATE_FPR + 8 * \i(31)
	.endr
	lwz 0, STATE_CR(31)
	mtcrf 255, 0
	lwz 0, STATE_XER(31)
	mtxer 0
	.irp i,0,3,4,5,6,7,8,9,10,11,12,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	LG \i, STATE_GPR + 8 * \i + LOW(31)
	.endr
	bctrl
	.irp i,0,3,4,5,6,7,8,9,10,11,12,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	STG \i, STATE_GPR + 8 * \i + LOW(31)
	.endr
	mfcr 0
	stw 0, STATE_CR(31)
	mfxer 0
	stw 0, STATE_XER(31)
	.irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	stfd \i, STATE_FPR + 8 * \i(31)
	.endr
	mffs 0
	stfd 0, STATE_FPSCR(31)
	addi 5, 31, STATE_VR
	.irp i,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	li 6, 16 * \i
	stvx \i, 5, 6
	.endr
	mfvscr 0
	addi 5, 31, STATE_VSCR
	stvx 0, 0, 5
	mr 26, 31
	lis 31, save@h
	ori 31, 31, save@l
	LG 20, 0(31)
	LG 21, 8(31)
	LG 22, 16(31)
	LG 23, 24(31)
	LG 24, 32(31)
	LG 1, 48(31)
	LG 2, 56(31)
	LG 13, 64(31)
	/* window out */
	addi 4, 26, STATE_MEM - 4
	addi 3, 22, -4
	li 5, MEM_BYTES / 4
	mtctr 5
1:	lwzu 6, 4(3)
	stwu 6, 4(4)
	bdnz 1b
	b run_done

	.section .bss
	.balign 16
save:	.space 128
	/* the window that the code sees, at a fixed address */
	.section .window, "aw", @nobits
	.space 4096
