/* tests/bench/vmx128.S - the loop of vmx128.c: bench_pass(v, n, matrix, acc). GNU as does not know VMX128: macros write the words.
 * Encodings: VX128 forms; a register number's bits 5 and 6 lie apart from its low five. */
	.macro vx128 op, d, a, b
	.long \op | (\d & 31) << 21 | (\d >> 5) << 2 | (\a & 31) << 16 | (\a >> 5 & 1) << 5 | (\a >> 6) << 10 | (\b & 31) << 11 | \b >> 5
	.endm
	.macro lvx128 d, ra, rb
	.long 0x100000c3 | (\d & 31) << 21 | (\d >> 5) << 2 | \ra << 16 | \rb << 11
	.endm
	.macro stvx128 d, ra, rb
	.long 0x100001c3 | (\d & 31) << 21 | (\d >> 5) << 2 | \ra << 16 | \rb << 11
	.endm
	.macro vspltw128 d, b, lane
	.long 0x18000730 | (\d & 31) << 21 | (\d >> 5) << 2 | \lane << 16 | (\b & 31) << 11 | \b >> 5
	.endm
	.macro vpermwi128 d, b, how
	.long 0x18000210 | (\d & 31) << 21 | (\d >> 5) << 2 | (\how & 31) << 16 | (\how >> 5) << 6 | (\b & 31) << 11 | \b >> 5
	.endm
	.macro vmulfp128 d, a, b
	vx128 0x14000090, \d, \a, \b
	.endm
	.macro vmaddfp128 d, a, b               /* d = a * b + d */
	vx128 0x140000d0, \d, \a, \b
	.endm
	.macro vxor128 d, a, b
	vx128 0x14000310, \d, \a, \b
	.endm
	.macro vrlw128 d, a, b
	vx128 0x18000050, \d, \a, \b
	.endm

	.text
	.globl bench_pass
	.type bench_pass, @function
bench_pass:
	li      7, 16
	li      8, 32
	li      9, 48
	lvx128  100, 0, 5                       /* v100-v103: the matrix */
	lvx128  101, 5, 7
	lvx128  102, 5, 8
	lvx128  103, 5, 9
	lvx128  110, 0, 6                       /* v110: the sum */
	vspltisw 2, 7
	vx128   0x140002d0, 111, 2, 2           /* v111 = 7 in each lane (vor128) */
	mtctr   4
1:
	lvx128  64, 0, 3
	vspltw128 65, 64, 0
	vspltw128 66, 64, 1
	vspltw128 67, 64, 2
	vspltw128 68, 64, 3
	vmulfp128 70, 65, 100
	vmaddfp128 70, 66, 101
	vmaddfp128 70, 67, 102
	vmaddfp128 70, 68, 103
	vrlw128 110, 110, 111
	vxor128 110, 110, 70
	vpermwi128 71, 70, 0x6c                 /* lanes 1 2 3 0 */
	stvx128 71, 0, 3
	addi    3, 3, 16
	bdnz    1b
	stvx128 110, 0, 6
	blr
	.size bench_pass, . - bench_pass
