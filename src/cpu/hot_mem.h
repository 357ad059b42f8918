/* src/cpu/hot_mem.h - plain loads and stores, in terms of interp.c's macros: the attribute byte, the host access, the byte
 * swap. What is not fast goes through exec_load and exec_store in a handler of its own (s_x), and behind it to `attend`. */

#define SWAP8(v) (v)
#define SWAP16(v) __builtin_bswap16(v)
#define SWAP32(v) __builtin_bswap32(v)
#define SWAP64(v) __builtin_bswap64(v)

/* One access is described by DO_x(M): M(name, type, address, what is done, update). @address may be any 64-bit sum. A load's
 * @result is written in terms of the raw v; a store's is v; @update runs behind either. */
#define LOAD_BODY(id, T, address, result, update) \
	{ \
		uint64_t sum = (address); \
		uint32_t ea = (uint32_t)sum; \
		T v; \
		if (!LOAD_IS_FAST(ea, sizeof v)) \
			JUMP(s_##id); \
		memcpy(&v, base + ea, sizeof v); \
		result; \
		update; \
	}
#define STORE_BODY(id, T, address, value, update) \
	{ \
		uint64_t sum = (address); \
		uint32_t ea = (uint32_t)sum; \
		T v = (value); \
		if (!STORE_IS_FAST(ea, sizeof v)) \
			JUMP(s_##id); \
		memcpy(base + ea, &v, sizeof v); \
		update; \
	}
#define LOAD(id, T, address, result, update) \
	COLD_HANDLER(s_##id) \
	{ \
		ALONE \
		uint64_t sum = (address); \
		T v; \
		if (!exec_load(&cpu->x, op, (uint32_t)sum, sizeof v, &v)) \
			JUMP(fault); \
		result; \
		update; \
		JUMP(attend); \
	} \
	HANDLER(id) \
	{ \
		ALONE \
		LOAD_BODY(id, T, address, result, update) \
		NEXT; \
	}
#define STORE(id, T, address, value, update) \
	COLD_HANDLER(s_##id) \
	{ \
		ALONE \
		uint64_t sum = (address); \
		T v = (value); \
		if (!exec_store(&cpu->x, op, (uint32_t)sum, sizeof v, &v)) \
			JUMP(fault); \
		update; \
		JUMP(attend); \
	} \
	HANDLER(id) \
	{ \
		ALONE \
		STORE_BODY(id, T, address, value, update) \
		NEXT; \
	}
#define NOTHING (void)sum
#define UPDATE G(a) = sum
#define EA_D ((uint32_t)R(a) + UIMM)
#define EA_X ((uint32_t)R(a) + (uint32_t)R(b))
#define EA_DU (R(a) + IMM)    /* 64 bits wide, for the register that it updates */
#define EA_XU (R(a) + R(b))

#define DO_lbz(M) M(lbz, uint8_t, EA_D, SET(v), NOTHING)
#define DO_lbzx(M) M(lbzx, uint8_t, EA_X, SET(v), NOTHING)
#define DO_lbzu(M) M(lbzu, uint8_t, EA_DU, SET(v), UPDATE)
#define DO_lhz(M) M(lhz, uint16_t, EA_D, SET(SWAP16(v)), NOTHING)
#define DO_lwz(M) M(lwz, uint32_t, EA_D, SET(SWAP32(v)), NOTHING)
#define DO_lwzx(M) M(lwzx, uint32_t, EA_X, SET(SWAP32(v)), NOTHING)
#define DO_lwzu(M) M(lwzu, uint32_t, EA_DU, SET(SWAP32(v)), UPDATE)
#define DO_ld(M) M(ld, uint64_t, EA_D, SET(SWAP64(v)), NOTHING)
#define DO_stb(M) M(stb, uint8_t, EA_D, (uint8_t)R(d), NOTHING)
#define DO_sth(M) M(sth, uint16_t, EA_D, SWAP16((uint16_t)R(d)), NOTHING)
#define DO_stw(M) M(stw, uint32_t, EA_D, SWAP32((uint32_t)R(d)), NOTHING)
#define DO_stwx(M) M(stwx, uint32_t, EA_X, SWAP32((uint32_t)R(d)), NOTHING)
#define DO_stwu(M) M(stwu, uint32_t, EA_DU, SWAP32((uint32_t)R(d)), UPDATE)
#define DO_std(M) M(std, uint64_t, EA_D, SWAP64(R(d)), NOTHING)
#define DO_lhzx(M) M(lhzx, uint16_t, EA_X, SET(SWAP16(v)), NOTHING)
#define DO_lha(M) M(lha, uint16_t, EA_D, SET((uint64_t)(int64_t)(int16_t)SWAP16(v)), NOTHING)
#define DO_stbx(M) M(stbx, uint8_t, EA_X, (uint8_t)R(d), NOTHING)
#define DO_stbu(M) M(stbu, uint8_t, EA_DU, (uint8_t)R(d), UPDATE)
#define DO_sthx(M) M(sthx, uint16_t, EA_X, SWAP16((uint16_t)R(d)), NOTHING)
#define DO_lfs(M) M(lfs, uint32_t, EA_D, c->fpr[op->d] = fp_from_single(SWAP32(v)), NOTHING)
#define DO_lfd(M) M(lfd, uint64_t, EA_D, c->fpr[op->d] = SWAP64(v), NOTHING)
#define DO_stfs(M) M(stfs, uint32_t, EA_D, SWAP32(fp_to_single(c->fpr[op->d])), NOTHING)
#define DO_stfd(M) M(stfd, uint64_t, EA_D, SWAP64(c->fpr[op->d]), NOTHING)
/* Vectors: sixteen aligned bytes, reversed. lvebx, lvehx and lvewx load the whole quadword (hand-written vectors). */
#define VECTOR_LOAD(id, address) \
	{ \
		uint32_t ea = (uint32_t)(address) & ~15u; \
		if (!LOAD_IS_FAST(ea, 1)) \
			JUMP(s_##id); \
		x_reverse(base + ea, &c->vr[op->d]); \
	}
#define VECTOR_STORE(id, address) \
	{ \
		uint32_t ea = (uint32_t)(address) & ~15u; \
		if (!STORE_IS_FAST(ea, 1)) \
			JUMP(s_##id); \
		x_reverse(&c->vr[op->d], base + ea); \
	}
#define BODY_lvx VECTOR_LOAD(lvx, EA_X)
#define BODY_lvx_0 VECTOR_LOAD(lvx_0, R(b))
#define BODY_stvx VECTOR_STORE(stvx, EA_X)
#define BODY_stvx_0 VECTOR_STORE(stvx_0, R(b))
#define BODY_lbz DO_lbz(LOAD_BODY)
#define BODY_lhzx DO_lhzx(LOAD_BODY)
#define BODY_lha DO_lha(LOAD_BODY)
#define BODY_stbx DO_stbx(STORE_BODY)
#define BODY_stbu DO_stbu(STORE_BODY)
#define BODY_sthx DO_sthx(STORE_BODY)
#define BODY_lfs DO_lfs(LOAD_BODY)
#define BODY_lfd DO_lfd(LOAD_BODY)
#define BODY_stfs DO_stfs(STORE_BODY)
#define BODY_stfd DO_stfd(STORE_BODY)
#define BODY_lbzx DO_lbzx(LOAD_BODY)
#define BODY_lbzu DO_lbzu(LOAD_BODY)
#define BODY_lhz DO_lhz(LOAD_BODY)
#define BODY_lwz DO_lwz(LOAD_BODY)
#define BODY_lwzx DO_lwzx(LOAD_BODY)
#define BODY_lwzu DO_lwzu(LOAD_BODY)
#define BODY_ld DO_ld(LOAD_BODY)
#define BODY_stb DO_stb(STORE_BODY)
#define BODY_sth DO_sth(STORE_BODY)
#define BODY_stw DO_stw(STORE_BODY)
#define BODY_stwx DO_stwx(STORE_BODY)
#define BODY_stwu DO_stwu(STORE_BODY)
#define BODY_std DO_std(STORE_BODY)

/* ---- handlers ------------------------------------------------------------------------------------------------------------- */

DO_lbz(LOAD)
DO_lbzx(LOAD)
DO_lbzu(LOAD)
LOAD(lbz_abs, uint8_t, IMM, G(d) = v, NOTHING)
LOAD(lbzux, uint8_t, EA_XU, G(d) = v, UPDATE)
DO_lhz(LOAD)
DO_lhzx(LOAD)
LOAD(lhzu, uint16_t, EA_DU, G(d) = SWAP16(v), UPDATE)
LOAD(lhz_abs, uint16_t, IMM, G(d) = SWAP16(v), NOTHING)
LOAD(lhzux, uint16_t, EA_XU, G(d) = SWAP16(v), UPDATE)
DO_lwz(LOAD)
DO_lwzx(LOAD)
DO_lwzu(LOAD)
LOAD(lwz_abs, uint32_t, IMM, G(d) = SWAP32(v), NOTHING)
LOAD(lwzux, uint32_t, EA_XU, G(d) = SWAP32(v), UPDATE)
DO_ld(LOAD)
LOAD(ldx, uint64_t, EA_X, G(d) = SWAP64(v), NOTHING)
LOAD(ldu, uint64_t, EA_DU, G(d) = SWAP64(v), UPDATE)
LOAD(ld_abs, uint64_t, IMM, G(d) = SWAP64(v), NOTHING)
LOAD(ldux, uint64_t, EA_XU, G(d) = SWAP64(v), UPDATE)

/* The other addressing modes of an access. */
#define OTHERS(M, id, T, what) \
	M(id##_abs, T, IMM, what, NOTHING) \
	M(id##x, T, EA_X, what, NOTHING) \
	M(id##u, T, EA_DU, what, UPDATE) \
	M(id##ux, T, EA_XU, what, UPDATE)
DO_lha(LOAD)
OTHERS(LOAD, lha, uint16_t, G(d) = (uint64_t)(int64_t)(int16_t)SWAP16(v))
LOAD(lwa, uint32_t, EA_D, G(d) = (uint64_t)(int64_t)(int32_t)SWAP32(v), NOTHING)
LOAD(lwa_abs, uint32_t, IMM, G(d) = (uint64_t)(int64_t)(int32_t)SWAP32(v), NOTHING)
LOAD(lwax, uint32_t, EA_X, G(d) = (uint64_t)(int64_t)(int32_t)SWAP32(v), NOTHING)
LOAD(lwaux, uint32_t, EA_XU, G(d) = (uint64_t)(int64_t)(int32_t)SWAP32(v), UPDATE)
DO_lfs(LOAD)
OTHERS(LOAD, lfs, uint32_t, c->fpr[op->d] = fp_from_single(SWAP32(v)))
DO_lfd(LOAD)
OTHERS(LOAD, lfd, uint64_t, c->fpr[op->d] = SWAP64(v))

DO_stb(STORE)
DO_stbx(STORE)
DO_stbu(STORE)
STORE(stb_abs, uint8_t, IMM, (uint8_t)G(d), NOTHING)
STORE(stbux, uint8_t, EA_XU, (uint8_t)G(d), UPDATE)
DO_sth(STORE)
DO_sthx(STORE)
STORE(sthu, uint16_t, EA_DU, SWAP16((uint16_t)G(d)), UPDATE)
STORE(sth_abs, uint16_t, IMM, SWAP16((uint16_t)G(d)), NOTHING)
STORE(sthux, uint16_t, EA_XU, SWAP16((uint16_t)G(d)), UPDATE)
DO_stw(STORE)
DO_stwx(STORE)
DO_stwu(STORE)
STORE(stw_abs, uint32_t, IMM, SWAP32((uint32_t)G(d)), NOTHING)
STORE(stwux, uint32_t, EA_XU, SWAP32((uint32_t)G(d)), UPDATE)
DO_std(STORE)
STORE(stdx, uint64_t, EA_X, SWAP64(G(d)), NOTHING)
STORE(stdu, uint64_t, EA_DU, SWAP64(G(d)), UPDATE)
STORE(std_abs, uint64_t, IMM, SWAP64(G(d)), NOTHING)
STORE(stdux, uint64_t, EA_XU, SWAP64(G(d)), UPDATE)

DO_stfs(STORE)
OTHERS(STORE, stfs, uint32_t, SWAP32(fp_to_single(c->fpr[op->d])))
DO_stfd(STORE)
OTHERS(STORE, stfd, uint64_t, SWAP64(c->fpr[op->d]))

/* Indexed only: the base may be missing. */
#define EA_0 ((op->a ? G(a) : 0) + R(b))
LOAD(lhbrx, uint16_t, EA_0, G(d) = v, NOTHING)
LOAD(lwbrx, uint32_t, EA_0, G(d) = v, NOTHING)
LOAD(ldbrx, uint64_t, EA_0, G(d) = v, NOTHING)
STORE(sthbrx, uint16_t, EA_0, (uint16_t)G(d), NOTHING)
STORE(stwbrx, uint32_t, EA_0, (uint32_t)G(d), NOTHING)
STORE(stdbrx, uint64_t, EA_0, G(d), NOTHING)
STORE(stfiwx, uint32_t, EA_0, SWAP32((uint32_t)c->fpr[op->d]), NOTHING)

#define VECTOR(id, address) \
	COLD_HANDLER(s_l##id) \
	{ \
		ALONE \
		union ppc_vr v; \
		if (!exec_load(&cpu->x, op, (uint32_t)(address) & ~15u, 16, &v)) \
			JUMP(fault); \
		x_reverse(&v, &c->vr[op->d]); \
		JUMP(attend); \
	} \
	PLAIN(l##id) \
	COLD_HANDLER(s_st##id) \
	{ \
		ALONE \
		union ppc_vr v; \
		x_reverse(&c->vr[op->d], &v); \
		if (!exec_store(&cpu->x, op, (uint32_t)(address) & ~15u, 16, &v)) \
			JUMP(fault); \
		JUMP(attend); \
	} \
	PLAIN(st##id)
VECTOR(vx, EA_X)
VECTOR(vx_0, R(b))
ALWAYS(lvxl, lvx)
ALWAYS(lvebx, lvx)
ALWAYS(lvehx, lvx)
ALWAYS(lvewx, lvx)
ALWAYS(lvx128, lvx)
ALWAYS(lvxl128, lvx)
ALWAYS(lvewx128, lvx)
ALWAYS(stvxl, stvx)
ALWAYS(stvx128, stvx)
ALWAYS(stvxl128, stvx)
#undef OTHERS
#undef VECTOR
