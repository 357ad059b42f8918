/* src/cpu/hot_mem.h - plain loads and stores, written out inside the interpreter's function: the attribute byte, the
 * host access, the byte swap. What is not fast goes through exec_load and exec_store, and behind it to `attend`. */

#define SWAP8(v) (v)
#define SWAP16(v) __builtin_bswap16(v)
#define SWAP32(v) __builtin_bswap32(v)
#define SWAP64(v) __builtin_bswap64(v)

/* One load: @address may be any 64-bit sum, @result is written in terms of the raw value v, @update runs behind it. */
#define LOAD(label, T, address, result, update) \
	label: { \
		uint64_t sum = (address); \
		uint32_t ea = (uint32_t)sum; \
		T v; \
		if (LOAD_IS_FAST(ea, sizeof v)) { \
			memcpy(&v, base + ea, sizeof v); \
			result; \
			update; \
			NEXT; \
		} \
		if (!exec_load(x, op, ea, sizeof v, &v)) \
			goto fault; \
		result; \
		update; \
		goto attend; \
	}
#define STORE(label, T, address, value, update) \
	label: { \
		uint64_t sum = (address); \
		uint32_t ea = (uint32_t)sum; \
		T v = (value); \
		if (STORE_IS_FAST(ea, sizeof v)) { \
			memcpy(base + ea, &v, sizeof v); \
			update; \
			NEXT; \
		} \
		if (!exec_store(x, op, ea, sizeof v, &v)) \
			goto fault; \
		update; \
		goto attend; \
	}
#define NOTHING (void)sum
#define UPDATE G(a) = sum
#define EA_D (G(a) + IMM)
#define EA_X (G(a) + G(b))

/* All addressing modes of one access. */
#define LOADS(id, T, result) \
	LOAD(L_##id, T, EA_D, result, NOTHING) \
	LOAD(L_##id##_abs, T, IMM, result, NOTHING) \
	LOAD(L_##id##x, T, EA_X, result, NOTHING) \
	LOAD(L_##id##ux, T, EA_X, result, UPDATE)
#define STORES(id, T, value) \
	STORE(L_##id, T, EA_D, value, NOTHING) \
	STORE(L_##id##_abs, T, IMM, value, NOTHING) \
	STORE(L_##id##x, T, EA_X, value, NOTHING) \
	STORE(L_##id##u, T, EA_D, value, UPDATE) \
	STORE(L_##id##ux, T, EA_X, value, UPDATE)

LOADS(lbz, uint8_t, G(d) = v)
LOAD(L_lbzu, uint8_t, EA_D, G(d) = v, UPDATE)
LOADS(lhz, uint16_t, G(d) = SWAP16(v))
LOAD(L_lhzu, uint16_t, EA_D, G(d) = SWAP16(v), UPDATE)
LOADS(lha, uint16_t, G(d) = (uint64_t)(int64_t)(int16_t)SWAP16(v))
LOAD(L_lhau, uint16_t, EA_D, G(d) = (uint64_t)(int64_t)(int16_t)SWAP16(v), UPDATE)
LOADS(lwz, uint32_t, G(d) = SWAP32(v))
LOAD(L_lwzu, uint32_t, EA_D, G(d) = SWAP32(v), UPDATE)
LOADS(lwa, uint32_t, G(d) = (uint64_t)(int64_t)(int32_t)SWAP32(v))
LOADS(ld, uint64_t, G(d) = SWAP64(v))
LOAD(L_ldu, uint64_t, EA_D, G(d) = SWAP64(v), UPDATE)
LOADS(lfs, uint32_t, c->fpr[op->d] = x_double_of_single(SWAP32(v)))
LOAD(L_lfsu, uint32_t, EA_D, c->fpr[op->d] = x_double_of_single(SWAP32(v)), UPDATE)
LOADS(lfd, uint64_t, c->fpr[op->d] = SWAP64(v))
LOAD(L_lfdu, uint64_t, EA_D, c->fpr[op->d] = SWAP64(v), UPDATE)

STORES(stb, uint8_t, (uint8_t)G(d))
STORES(sth, uint16_t, SWAP16((uint16_t)G(d)))
STORES(stw, uint32_t, SWAP32((uint32_t)G(d)))
STORES(std, uint64_t, SWAP64(G(d)))
STORES(stfs, uint32_t, SWAP32(x_single_of_double(c->fpr[op->d])))
STORES(stfd, uint64_t, SWAP64(c->fpr[op->d]))

/* Indexed only: the base may be missing. */
#define EA_0 ((op->a ? G(a) : 0) + G(b))
LOAD(L_lhbrx, uint16_t, EA_0, G(d) = v, NOTHING)
LOAD(L_lwbrx, uint32_t, EA_0, G(d) = v, NOTHING)
LOAD(L_ldbrx, uint64_t, EA_0, G(d) = v, NOTHING)
STORE(L_sthbrx, uint16_t, EA_0, (uint16_t)G(d), NOTHING)
STORE(L_stwbrx, uint32_t, EA_0, (uint32_t)G(d), NOTHING)
STORE(L_stdbrx, uint64_t, EA_0, G(d), NOTHING)
STORE(L_stfiwx, uint32_t, EA_0, SWAP32((uint32_t)c->fpr[op->d]), NOTHING)

/* Vectors: sixteen aligned bytes, reversed. lvebx, lvehx and lvewx load the whole quadword (hand-written vectors). */
#define VECTOR(id, address) \
	L_l##id: { \
		uint32_t ea = (uint32_t)(address) & ~15u; \
		if (LOAD_IS_FAST(ea, 1)) { \
			x_reverse(base + ea, &c->vr[op->d]); \
			NEXT; \
		} \
		union ppc_vr v; \
		if (!exec_load(x, op, ea, 16, &v)) \
			goto fault; \
		x_reverse(&v, &c->vr[op->d]); \
		goto attend; \
	} \
	L_st##id: { \
		uint32_t ea = (uint32_t)(address) & ~15u; \
		if (STORE_IS_FAST(ea, 1)) { \
			x_reverse(&c->vr[op->d], base + ea); \
			NEXT; \
		} \
		union ppc_vr v; \
		x_reverse(&c->vr[op->d], &v); \
		if (!exec_store(x, op, ea, 16, &v)) \
			goto fault; \
		goto attend; \
	}
L_lvxl:
L_lvebx:
L_lvehx:
L_lvewx:
L_lvx128:
L_lvxl128:
L_lvewx128:
L_stvxl:
L_stvx128:
L_stvxl128: /* never: always specialised */
VECTOR(vx, EA_X)
VECTOR(vx_0, G(b))

#undef LOAD
#undef STORE
#undef LOADS
#undef STORES
#undef VECTOR
#undef NOTHING
#undef UPDATE
#undef EA_D
#undef EA_X
#undef EA_0
