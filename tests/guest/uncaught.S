/* tests/guest/uncaught.S - a C++ throw that nobody catches.
 *
 * What the debugger must find: the run stops with an unhandled exception (exit code 4), the thread stands at the raise again: throw < worker <
 * main < _start. One handler was asked, that of worker, which has a __try whose filter declines.
 */
#include "kit.inc"

	.section .rodata
	.balign 4
worker_scopes:     .long 1, worker_begin, worker_end, declines, worker_except
throw_info:        .long 0, 0, 0, catchable_types
catchable_types:   .long 1, catchable_type
catchable_type:    .long 0, type_descriptor, 0, -1, 0, 4, 0
type_descriptor:   .long 0, 0
	.asciz ".?AVBroken@@"

/* RtlRaiseException({ C++, cannot be continued, parameters: magic, object, type }) */
xdk_function throw
	xdk_prologue XDK_FRAME_MIN + 0x60
xdk_prologue_end throw
	lis 9, 0xE06D
	ori 9, 9, 0x7363
	stw 9, XDK_FRAME_MIN(1)
	li 9, 1
	stw 9, XDK_FRAME_MIN + 4(1)
	li 9, 0
	stw 9, XDK_FRAME_MIN + 8(1)
	li 9, 3
	stw 9, XDK_FRAME_MIN + 16(1)
	lis 9, 0x1993
	ori 9, 9, 0x0520
	stw 9, XDK_FRAME_MIN + 20(1)
	stw 1, XDK_FRAME_MIN + 24(1)
	lis 9, throw_info@ha
	addi 9, 9, throw_info@l
	stw 9, XDK_FRAME_MIN + 28(1)
	addi 3, 1, XDK_FRAME_MIN
	bl __thunk_RtlRaiseException
	trap
xdk_end_unwound throw

xdk_function declines
	li 3, 0
xdk_prologue_end declines
	blr
xdk_end_unwound declines

xdk_function_handled worker, __thunk___C_specific_handler, worker_scopes
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end worker
worker_begin:
	bl throw
	nop
worker_end:
	trap
worker_except:
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound worker, 1

xdk_function main
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end main
	bl worker
	li 3, 0
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound main
