/* ui/value.h - what an expression gives: an integer, a floating-point number, a text, an object or a thread. */
#ifndef UI_VALUE_H
#define UI_VALUE_H

#include "src/base/base.h"

/** Types that have bytes in the guest's memory: VALUE_TYPE(id, bytes, signed, "words that name it, apart by commas"). A long has 32 bits. */
#define VALUE_TYPES(VALUE_TYPE) \
	VALUE_TYPE(S8, 1, true, "s8,i8,int8_t,char,signed char") \
	VALUE_TYPE(U8, 1, false, "u8,uint8_t,byte,unsigned char,bool") \
	VALUE_TYPE(S16, 2, true, "s16,i16,int16_t,short,signed short,short int") \
	VALUE_TYPE(U16, 2, false, "u16,uint16_t,unsigned short") \
	VALUE_TYPE(S32, 4, true, "s32,i32,int32_t,int,long,signed,signed int,signed long,long int") \
	VALUE_TYPE(U32, 4, false, "u32,uint32_t,word,unsigned,unsigned int,unsigned long") \
	VALUE_TYPE(S64, 8, true, "s64,i64,int64_t,long long,signed long long") \
	VALUE_TYPE(U64, 8, false, "u64,uint64_t,unsigned long long") \
	VALUE_TYPE(F32, 4, true, "float,f32") \
	VALUE_TYPE(F64, 8, true, "double,f64")

enum value_type {
#define VALUE_TYPE(id, bytes, sign, words) V_##id,
	VALUE_TYPES(VALUE_TYPE)
#undef VALUE_TYPE
	V_TEXT,               /* @text, borrowed: valid until the machine runs on, or the expression goes */
	V_OBJECT,             /* @u: object row */
	V_THREAD,             /* @u: thread row */
};

struct value {
	union {
		uint64_t u;
		int64_t s;
		double f;     /* V_F32 too */
		const char *text;
	};
	uint8_t type;         /* enum value_type; of a pointer: of what it points to at last */
	uint8_t pointer;      /* how many times it points; then @u is a guest address */
};

static inline struct value value_u(uint64_t u) { return (struct value){ .u = u, .type = V_U64 }; }
static inline struct value value_s(int64_t s) { return (struct value){ .s = s, .type = V_S64 }; }
static inline struct value value_u32(uint32_t u) { return (struct value){ .u = u, .type = V_U32 }; }
static inline struct value value_text(const char *text) { return (struct value){ .text = text, .type = V_TEXT }; }
static inline bool value_is_float(const struct value *v) { return !v->pointer && (v->type == V_F32 || v->type == V_F64); }
static inline bool value_is_integer(const struct value *v) { return v->pointer || v->type < V_F32; }
/** Bytes that it takes in the guest's memory, 0 = none. */
unsigned value_bytes(const struct value *v);
/** The bits that it has in a place of the guest that holds an integer, or (@real) a floating-point number of @bytes. False: it is no number. */
bool value_bits(const struct value *v, bool real, unsigned bytes, uint64_t *bits);
/** C's truth; a text is true if it is not empty. */
bool value_true(const struct value *v);
/** As `print` shows it; @format: x d u o t c a f s, 0 = as its type is. */
void value_format(const struct value *v, char format, char *buf, size_t size);

#endif
