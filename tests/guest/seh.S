/* tests/guest/seh.S - exceptions, as the XDK's compiler and run time library make them: __try, __except, __finally by __C_specific_handler;
 * a C++ throw that a language handler of the title's takes; longjmp. Functions and their .pdata are of the XDK's shape (kit.inc).
 *
 * What the debugger must find: the title ends with 0; it prints, in this order,
 *   1: the filter of the inner __try is asked, then that of the outer one, which takes the exception; the inner __finally block runs;
 *      the __except block sees the code, and r14, r31, f31 and v127 as its function had them, though the raiser has changed them
 *   2: a filter that says "go on" (-1): the raise returns
 *   3: the throw passes a function whose handler destroys something on the way, and is caught; 7 is the handler's value
 *   4: longjmp by RtlUnwind runs the __finally block between
 *   5: an exception in a filter is taken inside of it, then the first one goes on to its own __except block
 *   6: an exception in a __finally block that runs for another one takes that one's place
 */
#include "kit.inc"

	.section .rodata
	.balign 4
/* SCOPE_TABLEs: count; begin, end, filter or block, target */
try_outer_scopes:  .long 1, try_outer_begin, try_outer_end, try_outer_filter, try_outer_except
try_inner_scopes:  .long 2, try_inner_begin, try_inner_end, filter_no, try_inner_except
	.long try_inner_begin, try_inner_end, try_inner_finally, 0
try_go_on_scopes:  .long 1, try_go_on_begin, try_go_on_end, filter_go_on, try_go_on_except
jumped_over_scopes: .long 1, jumped_over_begin, jumped_over_end, jumped_over_finally, 0
try_filter_scopes: .long 1, try_filter_begin, try_filter_end, filter_raises, try_filter_except
raising_filter_scopes: .long 1, raising_filter_begin, raising_filter_end, 1, raising_filter_except
try_replaced_scopes: .long 1, try_replaced_begin, try_replaced_end, filter_second, try_replaced_except
replacing_scopes:  .long 1, replacing_begin, replacing_end, replacing_finally, 0
	.balign 4
/* ThrowInfo, CatchableTypeArray, CatchableType, TypeDescriptor of Visual C++ */
throw_info:        .long 0, 0, 0, catchable_types
catchable_types:   .long 1, catchable_type
catchable_type:    .long 0, type_descriptor, 0, -1, 0, 4, 0
type_descriptor:   .long 0, 0
	.asciz ".?AVBroken@@"

/* RtlRaiseException({ code, flags, parameters }); in a function with a frame of at least XDK_FRAME_MIN + 0x60 */
.macro raise code, flags=0
	lis 9, \code@h
	ori 9, 9, \code@l
	stw 9, XDK_FRAME_MIN(1)
	li 9, \flags
	stw 9, XDK_FRAME_MIN + 4(1)
	li 9, 0
	stw 9, XDK_FRAME_MIN + 8(1)
	li 9, 0
	stw 9, XDK_FRAME_MIN + 16(1)
	addi 3, 1, XDK_FRAME_MIN
	bl __thunk_RtlRaiseException
.endm
#define RAISE_FRAME (XDK_FRAME_MIN + 0x60)

/* The XDK's __savefpr_31 and __savevmx_127: from r12 downwards. */
xdk_function savefpr_31
	stfd 31, -8(12)
	blr
xdk_end savefpr_31
xdk_function savevmx_127
	li 11, -16
	.long 0x13EB61CF	/* stvx128 v127, r11, r12 */
	blr
xdk_end savevmx_127

/* ---- 1: search, unwinding, registers ------------------------------------------------------------------------------------------- */

/* Saves all that it may, and changes it. */
xdk_function raiser
	mflr 12
	bl __savegprlr_14
	addi 12, 1, -0x98
	bl savefpr_31
	addi 12, 1, -0xA0
	bl savevmx_127
	stwu 1, -(RAISE_FRAME + 0xC0)(1)
xdk_prologue_end raiser
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	li \n, -1
	.endr
	fneg 31, 31
	.long 0x13FF04C4	/* vxor v31, v31, v0 */
	.long 0x1BFF077C	/* vspltisw128 v127, -1 */
	raise 0xE0000001
	xdk_say "not reached"
	addi 1, 1, RAISE_FRAME + 0xC0
	b __restgprlr_14
xdk_end_unwound raiser

/* r12 = establisher frame: r1 at the entry of the function that the filter belongs to; r3 = EXCEPTION_POINTERS */
xdk_function filter_no
	std 31, -8(1)
	addi 31, 12, -(XDK_FRAME_MIN + 0x20)
	mflr 12
	stw 12, -0x10(1)
	stwu 1, -0x70(1)
xdk_prologue_end filter_no
	lwz 9, 0(3)
	lwz 4, 0(9)
	lwz 5, 0x50(31)
	xdk_say "inner filter: %08x, its function's local is %d"
	li 3, 0
	lwz 1, 0(1)
	ld 31, -8(1)
	lwz 12, -0x10(1)
	mtlr 12
	blr
xdk_end_unwound filter_no

xdk_function_handled try_inner, __thunk___C_specific_handler, try_inner_scopes
	mflr 12
	bl __savegprlr_30
	stwu 1, -(XDK_FRAME_MIN + 0x20)(1)
	mr 31, 1
xdk_prologue_end try_inner
	li 9, 42
	stw 9, 0x50(31)
try_inner_begin:
	bl raiser
	nop
try_inner_end:
	nop
try_inner_except:
	xdk_say "not reached"
	addi 1, 31, XDK_FRAME_MIN + 0x20
	b __restgprlr_30
xdk_end_unwound try_inner, 1

/* r3: is it left by an exception? */
xdk_function try_inner_finally
	std 31, -8(1)
	addi 31, 12, -(XDK_FRAME_MIN + 0x20)
	mflr 12
	stw 12, -0x10(1)
	stwu 1, -0x70(1)
xdk_prologue_end try_inner_finally
	mr 4, 3
	lwz 5, 0x50(31)
	xdk_say "inner finally: %d, its function's local is %d"
	lwz 1, 0(1)
	ld 31, -8(1)
	lwz 12, -0x10(1)
	mtlr 12
	blr
xdk_end_unwound try_inner_finally

xdk_function try_outer_filter
	mflr 12
	stw 12, -8(1)
	stwu 1, -0x60(1)
xdk_prologue_end try_outer_filter
	lwz 9, 0(3)
	lwz 4, 0(9)
	xdk_say "outer filter: %08x"
	li 3, 1
	xdk_epilogue 0x60
xdk_end_unwound try_outer_filter

xdk_function_handled try_outer, __thunk___C_specific_handler, try_outer_scopes
	mflr 12
	bl __savegprlr_14
	stwu 1, -(XDK_FRAME_MIN + 0xA0)(1)
	mr 31, 1
xdk_prologue_end try_outer
	li 14, 14
	li 9, 31
	stw 9, 0x54(31)
	lis 9, one@ha
	lfd 31, one@l(9)
	.long 0x13E5038C	/* vspltisw v31, 5 */
	.long 0x1BE5077C	/* vspltisw128 v127, 5 */
try_outer_begin:
	bl try_inner
	nop
try_outer_end:
	xdk_say "not reached"
try_outer_except:
	mr 4, 3
	mr 5, 14
	lwz 6, 0x54(31)
	stfd 31, 0x58(31)
	lwz 7, 0x58(31)
	addi 9, 31, 0x50
	li 10, 16
	.long 0x13E951C3 + (3 << 2)	/* stvx128 v127, r9, r10 */
	lwz 8, 0x60(31)
	xdk_say "1: code %08x, r14 %d, local %d, f31 %08x, v127 %d"
	addi 1, 31, XDK_FRAME_MIN + 0xA0
	b __restgprlr_14
xdk_end_unwound try_outer, 1

	.section .rodata
	.balign 8
one:	.double 1.0

/* ---- 2: the raise returns ------------------------------------------------------------------------------------------------------ */

xdk_function filter_go_on
	li 3, -1
xdk_prologue_end filter_go_on
	blr
xdk_end_unwound filter_go_on

xdk_function_handled try_go_on, __thunk___C_specific_handler, try_go_on_scopes
	xdk_prologue RAISE_FRAME
xdk_prologue_end try_go_on
try_go_on_begin:
	raise 0xE0000002
	nop
try_go_on_end:
	xdk_say "2: the raise has returned"
	xdk_epilogue RAISE_FRAME
try_go_on_except:
	xdk_say "not reached"
	xdk_epilogue RAISE_FRAME
xdk_end_unwound try_go_on, 1

/* ---- 3: C++ ---------------------------------------------------------------------------------------------------------------------- */

xdk_function throw
	xdk_prologue RAISE_FRAME
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

/* A frame handler: (record, frame, context, dispatcher); it destroys when frames are unwound. */
xdk_function destroying
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end destroying
	lwz 9, 4(3)
	andi. 9, 9, 0x66
	beq 1f
	xdk_say "something is destroyed"
1:	li 3, 1
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound destroying

xdk_function_handled between, destroying, 0
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end between
	bl throw
	xdk_say "not reached"
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound between, 1

/* Takes a throw: on at what stands in the handler's data. */
xdk_function catching
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end catching
	lwz 9, 4(3)
	andi. 9, 9, 0x66
	bne 1f
	lwz 9, 4(6)		/* function entry */
	lwz 9, 0(9)
	lwz 9, -4(9)		/* handler data */
	mr 5, 3
	mr 3, 4
	mr 4, 9
	li 6, 7
	bl __thunk_RtlUnwind
	trap
1:	li 3, 1
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound catching

xdk_function_handled catcher, catching, caught
	mflr 12
	bl __savegprlr_31
	stwu 1, -(XDK_FRAME_MIN + 0x10)(1)
xdk_prologue_end catcher
	li 31, 13
	bl between
	xdk_say "not reached"
caught:
	mr 4, 3
	mr 5, 31
	xdk_say "3: caught, with %d; r31 is %d"
	addi 1, 1, XDK_FRAME_MIN + 0x10
	b __restgprlr_31
xdk_end_unwound catcher, 1

/* ---- 4: longjmp -------------------------------------------------------------------------------------------------------------------- */

	.bss
	.balign 4
jump_frame: .space 4
	.text

xdk_function jumped_over_finally
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end jumped_over_finally
	xdk_say "the block that is jumped over runs"
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound jumped_over_finally

xdk_function_handled jumped_over, __thunk___C_specific_handler, jumped_over_scopes
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end jumped_over
jumped_over_begin:
	lis 9, jump_frame@ha
	lwz 3, jump_frame@l(9)
	lis 4, jumped_to@ha
	addi 4, 4, jumped_to@l
	li 5, 0
	li 6, 5
	bl __thunk_RtlUnwind
	nop
jumped_over_end:
	trap
xdk_end_unwound jumped_over, 1

xdk_function jumper
	mflr 12
	bl __savegprlr_31
	stwu 1, -(XDK_FRAME_MIN + 0x10)(1)
xdk_prologue_end jumper
	li 31, 77
	lwz 9, 0(1)
	lis 10, jump_frame@ha
	stw 9, jump_frame@l(10)
	bl jumped_over
	trap
jumped_to:
	mr 4, 3
	mr 5, 31
	xdk_say "4: longjmp gives %d; r31 is %d"
	addi 1, 1, XDK_FRAME_MIN + 0x10
	b __restgprlr_31
xdk_end_unwound jumper

/* ---- 5: an exception in a filter ----------------------------------------------------------------------------------------------------- */

xdk_function_handled filter_raises, __thunk___C_specific_handler, raising_filter_scopes
	xdk_prologue RAISE_FRAME
xdk_prologue_end filter_raises
raising_filter_begin:
	raise 0xE0000006
	nop
raising_filter_end:
	trap
raising_filter_except:
	mr 4, 3
	xdk_say "in the filter: %08x"
	li 3, 1
	xdk_epilogue RAISE_FRAME
xdk_end_unwound filter_raises, 1

xdk_function_handled try_filter, __thunk___C_specific_handler, try_filter_scopes
	xdk_prologue RAISE_FRAME
xdk_prologue_end try_filter
try_filter_begin:
	raise 0xE0000005
	nop
try_filter_end:
	trap
try_filter_except:
	mr 4, 3
	xdk_say "5: %08x"
	xdk_epilogue RAISE_FRAME
xdk_end_unwound try_filter, 1

/* ---- 6: one exception takes another's place -------------------------------------------------------------------------------------------- */

xdk_function replacing_finally
	xdk_prologue RAISE_FRAME
xdk_prologue_end replacing_finally
	xdk_say "a block that raises"
	raise 0xE0000008
	trap
xdk_end_unwound replacing_finally

xdk_function_handled replacing, __thunk___C_specific_handler, replacing_scopes
	xdk_prologue RAISE_FRAME
xdk_prologue_end replacing
replacing_begin:
	raise 0xE0000007
	nop
replacing_end:
	trap
xdk_end_unwound replacing, 1

xdk_function filter_second
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end filter_second
	lwz 9, 0(3)
	lwz 4, 0(9)
	lwz 5, 4(9)
	xdk_say "filter: %08x, flags %x"
	li 3, 1
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound filter_second

xdk_function_handled try_replaced, __thunk___C_specific_handler, try_replaced_scopes
	mflr 12
	bl __savegprlr_31
	stwu 1, -(XDK_FRAME_MIN + 0x10)(1)
xdk_prologue_end try_replaced
	li 31, 66
try_replaced_begin:
	bl replacing
	nop
try_replaced_end:
	trap
try_replaced_except:
	mr 4, 3
	mr 5, 31
	xdk_say "6: %08x; r31 is %d"
	addi 1, 1, XDK_FRAME_MIN + 0x10
	b __restgprlr_31
xdk_end_unwound try_replaced, 1

xdk_function main
	xdk_prologue XDK_FRAME_MIN
xdk_prologue_end main
	bl try_outer
	bl try_go_on
	bl catcher
	bl jumper
	bl try_filter
	bl try_replaced
	li 3, 0
	xdk_epilogue XDK_FRAME_MIN
xdk_end_unwound main
