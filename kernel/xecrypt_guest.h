/* kernel/xecrypt_guest.h - states of the XeCrypt* calls in the title's memory. Source: ExCrypt's headers (excrypt_sha.h, excrypt_sha2.h,
 * excrypt_rc4.h, excrypt_aes.h, excrypt_bn.h), which check these sizes. */
#ifndef KERNEL_XECRYPT_GUEST_H
#define KERNEL_XECRYPT_GUEST_H

#include "kernel/guest.h"

struct g_xecrypt_sha_state {
	be32 count;               /* bytes so far */
	be32 state[5];
	uint8_t buffer[64];
};
GUEST_AT(g_xecrypt_sha_state, buffer, 0x18);
GUEST_SIZE(g_xecrypt_sha_state, 0x58);

struct g_xecrypt_hmacsha_state {
	struct g_xecrypt_sha_state inner, outer;
};
GUEST_SIZE(g_xecrypt_hmacsha_state, 0xB0);

struct g_xecrypt_md5_state {
	be32 count;
	be32 state[4];
	uint8_t buffer[64];
};
GUEST_AT(g_xecrypt_md5_state, buffer, 0x14);
GUEST_SIZE(g_xecrypt_md5_state, 0x54);

struct g_xecrypt_sha256_state {
	be32 count;
	be32 state[8];
	uint8_t buffer[64];
};
GUEST_AT(g_xecrypt_sha256_state, buffer, 0x24);
GUEST_SIZE(g_xecrypt_sha256_state, 0x64);

/* SHA-384 too */
struct g_xecrypt_sha512_state {
	be64 count;
	be64 state[8];
	uint8_t buffer[128];
};
GUEST_AT(g_xecrypt_sha512_state, buffer, 0x48);
GUEST_SIZE(g_xecrypt_sha512_state, 0xC8);

struct g_xecrypt_rc4_state {
	uint8_t s[256], i, j;
};
GUEST_SIZE(g_xecrypt_rc4_state, 0x102);

/* Two tables of eleven round keys. The first round key is the key: that is all that is kept here, and all that the calls need. */
struct g_xecrypt_aes_state {
	uint8_t key[16], rest[0x150];
};
GUEST_SIZE(g_xecrypt_aes_state, 0x160);

/* A public key of 2048 bits; the modulus' least significant quadword comes first. */
struct g_xecrypt_rsa_2048 {
	be32 quadwords;
	be32 exponent;
	be64 reserved;
	be64 modulus[32];
};
GUEST_AT(g_xecrypt_rsa_2048, modulus, 0x10);
GUEST_SIZE(g_xecrypt_rsa_2048, 0x110);

#endif
