# tests/guest/kit.awk - makes the guest kit's list-like parts from kernel/exports.def.
#
# input   one line per export, as the preprocessor leaves it: @ module ordinal Name STATE TYPE name; TYPE name; ...
# -v part=h   kit_exports.h: declarations for C
# -v part=S   kit_stubs.S: import records, thunks, and stubs from GCC's 32-bit ABI to the console's
# -v part=c   kit_variadic.c: variadic exports, whose arguments become 8-byte slots
#
# GCC (System V ABI, 32-bit): a 64-bit argument takes the next pair r3:r4, r5:r6, r7:r8, r9:r10; what finds no register lies on
# the stack from r1+8 on, 64-bit ones 8-aligned; a 64-bit result is r3:r4. The console: argument i in r(3+i) whatever its
# width, from the ninth on in 8-byte slots from r1+50 on (its low word: r1+54); the result in r3. (facts: MS PPC ABI)

BEGIN {
	split("U32 uint32_t S32 int32_t U64 uint64_t PTR void* HANDLE HANDLE OUT_U32 uint32_t* OUT_HANDLE HANDLE* OBJECT void* " \
		"STR const@char* ANSI void* TIMEOUT const@int64_t* BOOL uint32_t FLAGS uint32_t", t, " ")
	for (i = 1; i in t; i += 2) {
		ctype[t[i]] = t[i + 1]
		gsub("@", " ", ctype[t[i]])
		sub(/\*$/, " *", ctype[t[i]])
	}
	split("auto break case char const continue default do double else enum extern float for goto if inline int long register " \
		"restrict return short signed sizeof static struct switch typedef union unsigned void volatile while", k, " ")
	for (i in k)
		keyword[k[i]] = 1
	result64["KeQueryInterruptTime"] = 1
	library["xboxkrnl"] = 0
	library["xam"] = 1
	print "/* Made by tests/guest/kit.awk from kernel/exports.def. */"
	if (part == "h")
		print "#ifndef KIT_EXPORTS_H\n#define KIT_EXPORTS_H\n"
	if (part == "S")
		print "#include \"kit_import.inc\"\n"
	if (part == "c")
		print "#include \"kit_variadic.h\"\n"
}

$1 != "@" { next }

{
	module = $2
	ordinal = $3
	name = $4
	state = $5
	$1 = $2 = $3 = $4 = $5 = ""
	nargs = variadic = wide = 0
	n = split($0, arg, ";")
	for (i = 1; i < n; i++) {
		split(arg[i], word, " ")
		if (word[1] == "VARARGS") {
			variadic = 1
			continue
		}
		if (!(word[1] in ctype)) {
			print "kit.awk: " name ": unknown type " word[1] > "/dev/stderr"
			exit 1
		}
		type[nargs] = word[1]
		argname[nargs] = word[2] (word[2] in keyword ? "_" : "")
		wide += word[1] == "U64"
		nargs++
	}
	if (!(module in library)) {
		print "kit.awk: " name ": unknown module " module > "/dev/stderr"
		exit 1
	}
	if (part == "h")
		declare()
	else if (part == "S")
		state == "VAR" ? variable() : thunk()
	else if (part == "c" && variadic)
		wrapper()
}

END {
	if (part == "h")
		print "\n#endif"
}

# ---- C ---------------------------------------------------------------------------------------------------------------

function result() { return name in result64 ? "uint64_t" : "uint32_t" }

function spaced(t) { return t ~ /\*$/ ? t : t " " }

# Empty parentheses: the list does not know the arguments; registers are passed on as they are.
function prototype(	i, s)
{
	for (i = 0; i < nargs; i++)
		s = s (i ? ", " : "") spaced(ctype[type[i]]) argname[i]
	return result() " " name "(" s (variadic ? ", ..." : "") ")"
}

function declare()
{
	if (state == "VAR")
		print "extern void *const " name "; /* the variable's address */"
	else
		print prototype() ";"
}

function wrapper(	i)
{
	print "void __thunk_" name "(void);"
	print prototype() "\n{"
	print "\tuint64_t slot[KIT_SLOTS] = { 0 };\n\tva_list ap;"
	for (i = 0; i < nargs; i++)
		print "\tslot[" i "] = (uintptr_t)" argname[i] ";"
	print "\tva_start(ap, " argname[nargs - 1] ");"
	print "\tunsigned n = kit_slots_" (type[nargs - 1] == "STR" ? "narrow" : "wide") "(slot, " nargs ", " argname[nargs - 1] ", ap);"
	print "\tva_end(ap);\n\treturn (uint32_t)kit_call(__thunk_" name ", slot, n);\n}\n"
}

# ---- assembler -----------------------------------------------------------------------------------------------------------

function variable() { print "import_variable " name ", " library[module] ", " ordinal }

function thunk()
{
	print "import_function " name ", " library[module] ", " ordinal
	if (variadic)
		return
	if (wide || nargs > 8 || name in result64)
		stub()
	else
		print "plain_function " name
}

# One argument from where GCC put it (state: reg, stack) to slot i; frame = bytes that the stub pushed. Ascending i never
# overwrites a register that is still to be read: every argument's source register is not below its target.
function move(i,	target)
{
	target = i < 8 ? 3 + i : 0
	if (type[i] == "U64") {
		reg += !(reg % 2)
		if (reg > 9) {
			reg = 11
			stack = int((stack + 7) / 8) * 8
			print "\tld " target ", " frame + stack "(1)"
			stack += 8
		} else {
			print "\trldimi " reg + 1 ", " reg ", 32, 0"
			if (target != reg + 1)
				print "\tmr " target ", " reg + 1
			reg += 2
		}
	} else if (reg > 10) {
		print "\tlwz " target ", " frame + stack "(1)"
		stack += 4
	} else {
		if (target != reg)
			print "\tmr " target ", " reg
		reg++
	}
	if (i >= 8)
		print "\tstd 0, " 80 + 8 * (i - 8) "(1)"
}

function stub(	i)
{
	frame = 0
	if (nargs > 8 || name in result64)
		frame = int((80 + 8 * (nargs > 8 ? nargs - 8 : 0) + 15) / 16) * 16
	print "stub_begin " name
	if (frame)
		print "\tmflr 0\n\tstw 0, 4(1)\n\tstwu 1, -" frame "(1)"
	reg = 3
	stack = 8
	for (i = 0; i < nargs; i++)
		move(i)
	if (!frame)
		print "\tb __thunk_" name
	else
		print "\tbl __thunk_" name
	if (name in result64)
		print "\tmr 4, 3\n\tsrdi 3, 3, 32"
	if (frame)
		print "\taddi 1, 1, " frame "\n\tlwz 0, 4(1)\n\tmtlr 0\n\tblr"
	print "stub_end " name
}
