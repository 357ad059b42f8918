/* tests/guest/xdkframes.S - a title whose frames are those of the XDK's compiler (LR at [back chain - 8]), for the stack walker.
 *
 * What the debugger must find: WEDGE; main (tid 1) waits for ever on an auto-reset event that nobody signals.
 *   creation stack   create_event < open_device (saves r29-r31 by __savegprlr_29) < start_engine < main < _start
 *   waiting stack    wait_event < run_frame (saves r14-r31 by __savegprlr_14) < main < _start
 * Every frame above _start is found by the XDK rule; _start has none of its own kind, it ends the chain. Register values saved in the
 * frames look like code addresses, to lead a guessing walker astray.
 */
#include "kit.inc"

	.bss
	.balign 4
event:	.space 4

/* r3: where the handle goes; NtCreateEvent(handle, NULL, auto-reset, not signalled) */
xdk_function create_event
	xdk_prologue XDK_FRAME_MIN
	li 4, 0
	li 5, 1
	li 6, 0
	bl __thunk_NtCreateEvent
	xdk_epilogue XDK_FRAME_MIN
xdk_end create_event

xdk_function open_device
	xdk_prologue_saving 29, XDK_FRAME_MIN + 0x30
	mr 31, 3
	lis 30, main@ha
	addi 30, 30, main@l
	mr 29, 30
	bl create_event
	xdk_epilogue_restoring 29, XDK_FRAME_MIN + 0x30
xdk_end open_device

xdk_function start_engine
	xdk_prologue XDK_FRAME_MIN + 0x40
	lis 3, event@ha
	addi 3, 3, event@l
	bl open_device
	xdk_epilogue XDK_FRAME_MIN + 0x40
xdk_end start_engine

/* NtWaitForSingleObjectEx(event, user mode, not alertable, for ever) */
xdk_function wait_event
	xdk_prologue XDK_FRAME_MIN
	lis 9, event@ha
	lwz 3, event@l(9)
	li 4, 1
	li 5, 0
	li 6, 0
	bl __thunk_NtWaitForSingleObjectEx
	xdk_epilogue XDK_FRAME_MIN
xdk_end wait_event

xdk_function run_frame
	xdk_prologue_saving 14, XDK_FRAME_MIN + 0xA0
	lis 31, start_engine@ha
	addi 31, 31, start_engine@l
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mr \n, 31
	.endr
	bl wait_event
	xdk_epilogue_restoring 14, XDK_FRAME_MIN + 0xA0
xdk_end run_frame

xdk_function main
	xdk_prologue XDK_FRAME_MIN
	bl start_engine
	bl run_frame
	li 3, 0
	xdk_epilogue XDK_FRAME_MIN
xdk_end main
