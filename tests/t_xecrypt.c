/* tests/t_xecrypt.c - the laws of XeCrypt*: known answers, streams in pieces, signatures, bad pointers.
 *
 * Answers of hashes and ciphers are those of the standards (FIPS 180 and 197, SP 800-38A, RFC 1321, 2202, 6229); what is the console's own
 * (RotSumSha, the signature of a key made for this test) was computed by a program of its own, in Python.
 */
#include "config.h"

#include <stdio.h>

#include "kernel/xecrypt.h"
#include "tests/testkit.h"

static const char modulus[] =
	"bc8ae7bd1c3c2d9f93b248d94e1184150447d0640120b0701682fcb015523d97e4e938fdd35fc74fae809601bab3f6efa2b177c3412dd135c85d76c6af290397"
	"593982253cc1ae41cc0e2688a7c7317d410b699bdf31b52152c7d462213f1c85c99b93924b5933faec8324bc57cf65b75e47b4a46d070896b7a24d37038e6c53"
	"da43dc1ade0260332dd739ec59245cf084028e444e6d601ca7db49b12784801a87b1911a04892174821ecca9f86a32500bf29a5c87110d329e7f5a1a4d7eba71"
	"43f3433fa1d7f7fec3d2d9b46ee920445fe8f037de290fd7ddfaadaa62c8fabd6d35dd631f59914afccbee520d1e73c72ef7beed98b35910abf2e5f9463c8f9f";
static const char signature[] =
	"7485d75154cde3e17a7d04f3b15ea9deff76ed5a9242455c99e20fbe7b8eb333823cbcdad06259d40444d163df2a6f801ceda02f820442402413f176595c239e"
	"5d3e463e7449f130b234acebe59e337548b513c76e75c1a2c08805ead8e6e7ec3ca518a855c96e1affc0f467063d5790bc55f0081fa6a30328c44a1ca17a3ff3"
	"4c56a9751b1fa43ae73e2da81febb768c984e9ddaa10d27b2353ed11ee747a71bec20f93337d60ef271cf8739240f069037f67a0d90e9de89f30ed4f3a3039df"
	"aa7d94f62c416c9393f0bb16c29a57ec04d9d915d4e6dc7c0d3ef5796cd563afb833133cf26d3368f00e7ded6350cd368c2f6cdbebb3e4268c0d33e0de749422";
static const char formatted[] =
	"c7462c78318886bc5d5f9730c0a55545b60647455f47e140c50e41b48e2b9e97f2701e560849c50edbd761d985a8bcb557f4fe87fec31b78dd3ffd8b68f1fe2c"
	"084976744e9cac1fe40b89dca427590e48c9149ca1f0c1685e5fec01f8b0fb9738178567f790a5affc595b6f74d65e63c61c964aa42d024b618e197c17390e4f"
	"92647662bd16ef1b2eddb5dc1e01af5b9f5c4a8a1a4aca8889ce971903473d3ba7a3477b58ca78e41a45a4744f4b23ab16ed01b01d2a63969c61fda23f0818ea"
	"e7b35ee14c7b2b0a9181b6d232cd91bcb832e08ace685cd72f1bdabd1cc81024bc2e382959ebf4b567ee52f375b15e1d2ce8f7ae9f792f146ada536bbb9698ff";

static uint32_t bytes_of(struct tk *t, const char *hex)
{
	uint32_t size = (uint32_t)strlen(hex) / 2, ga = tk_memory(t, (size + 15) & ~15u);
	for (uint32_t i = 0; i < size; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };
		mem_put8(&t->m->mem, ga + i, (uint8_t)strtoul(two, NULL, 16));
	}
	return ga;
}

static void assert_bytes(struct tk *t, uint32_t ga, const char *hex)
{
	for (uint32_t i = 0; hex[2 * i]; i++) {
		char is[3];
		snprintf(is, sizeof is, "%02x", mem_get8(&t->m->mem, ga + i));
		assert_memory_equal(is, hex + 2 * i, 2);
	}
}

/* 9000 bytes 00 01 02 ...; more than two blocks of any hash and than two chunks. */
static uint32_t long_data(struct tk *t)
{
	uint32_t ga = tk_memory(t, 9008);
	for (uint32_t i = 0; i < 9000; i++)
		mem_put8(&t->m->mem, ga + i, (uint8_t)i);
	return ga;
}

static const struct {
	const char *name;
	uint32_t bytes;
	const char *of_abc, *of_long;
} hashes[] = {
	{ "XeCryptMd5", 16, "900150983cd24fb0d6963f7d28e17f72", "2b8689ba436faee8874dd4b98001f9bd" },
	{ "XeCryptSha", 20, "a9993e364706816aba3e25717850c26c9cd0d89d", "98295ecf02acedb91e4f6fb3bfd87ae19dbb94a2" },
	{ "XeCryptSha256", 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"e20408c373c54abf78de6635c3cc3ec08023bf94b58a6020d80a9122e7c9ab17" },
	{ "XeCryptSha384", 48, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
		"3016749d5edf484e6d2a716f9077e43149552f70652461578578e8fdb562945b9070f85174c53d70a3fabe8224218db6" },
	{ "XeCryptSha512", 64,
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"77698392d84bde599da63c409a9c23606c250d9690a82d5b374c785d2f06988313e64bed3e2619f7abdc545f0a8723625c58af16a84c00361e3aa2a8611d2c0f" },
};

static void hash_of_three_pieces_is_that_of_the_whole(void **state)
{
	struct tk *t = TK(state);
	uint32_t abc = tk_string(t, "abc"), data = long_data(t);
	for (unsigned i = 0; i < ARRAY_LEN(hashes); i++) {
		uint32_t out = tk_memory(t, 64), size = hashes[i].bytes;
		CALL(t, t->main, hashes[i].name, abc, 1, abc + 1, 1, abc + 2, 1, out, size);
		assert_bytes(t, out, hashes[i].of_abc);
		CALL(t, t->main, hashes[i].name, 0, 77, data, 9000, 0, 0, out, size);
		assert_bytes(t, out, hashes[i].of_long);
	}
}

static void hash_goes_on_from_its_state_in_memory(void **state)
{
	struct tk *t = TK(state);
	uint32_t data = long_data(t);
	static const uint32_t cuts[] = { 0, 1, 63, 64, 129, 5000, 8999, 9000 };
	for (unsigned i = 0; i < ARRAY_LEN(hashes); i++) {
		uint32_t s = tk_memory(t, 0xD0), out = tk_memory(t, 64);
		char init[32], update[32], final[32];
		snprintf(init, sizeof init, "%sInit", hashes[i].name);
		snprintf(update, sizeof update, "%sUpdate", hashes[i].name);
		snprintf(final, sizeof final, "%sFinal", hashes[i].name);
		CALL(t, t->main, init, s);
		for (unsigned k = 1; k < ARRAY_LEN(cuts); k++)
			CALL(t, t->main, update, s, data + cuts[k - 1], cuts[k] - cuts[k - 1]);
		CALL(t, t->main, final, s, out, hashes[i].bytes);
		assert_bytes(t, out, hashes[i].of_long);
	}
}

static void a_digest_is_cut_at_the_callers_size(void **state)
{
	struct tk *t = TK(state);
	uint32_t abc = tk_string(t, "abc"), out = tk_memory(t, 64);
	tk_put32(t, out + 8, 0x55555555);
	CALL(t, t->main, "XeCryptSha", abc, 3, 0, 0, 0, 0, out, 8);
	assert_bytes(t, out, "a9993e364706816a55555555");
	tk_put32(t, out + 20, 0x66666666);
	CALL(t, t->main, "XeCryptSha", abc, 3, 0, 0, 0, 0, out, 1000);
	assert_bytes(t, out, "a9993e364706816aba3e25717850c26c9cd0d89d66666666");
}

static void hmac_is_rfc_2202s_but_a_long_key_is_cut(void **state)
{
	struct tk *t = TK(state);
	uint32_t key = tk_memory(t, 80), longer = tk_memory(t, 80), s = tk_memory(t, 0xB0), out = tk_memory(t, 32),
		 hi = tk_string(t, "Hi There");
	for (uint32_t i = 0; i < 80; i++) {
		mem_put8(&t->m->mem, key + i, 0x0b);
		mem_put8(&t->m->mem, longer + i, 0xaa);
	}
	CALL(t, t->main, "XeCryptHmacSha", key, 20, hi, 3, hi + 3, 5, 0, 0, out, 20);
	assert_bytes(t, out, "b617318655057264e28bc0b6fb378c8ef146be00");
	assert_int_equal(CALL(t, t->main, "XeCryptHmacShaVerify", key, 20, hi, 8, 0, 0, 0, 0, out, 20), 1);
	assert_int_equal(CALL(t, t->main, "XeCryptHmacShaVerify", key, 20, hi, 7, 0, 0, 0, 0, out, 20), 0);
	assert_int_equal(CALL(t, t->main, "XeCryptHmacShaVerify", key, 20, hi, 8, 0, 0, 0, 0, out, 21), 0);
	CALL(t, t->main, "XeCryptHmacShaInit", s, longer, 80);
	CALL(t, t->main, "XeCryptHmacShaUpdate", s, tk_string(t, "Test"), 4);
	CALL(t, t->main, "XeCryptHmacShaFinal", s, out, 20);
	assert_bytes(t, out, "2a679174be912ab311f4f5280b22cd31484f1e6a");
}

static void rotsumsha_is_the_consoles(void **state)
{
	struct tk *t = TK(state);
	uint32_t a = tk_memory(t, 80), b = tk_memory(t, 48), out = tk_memory(t, 32);
	for (uint32_t i = 0; i < 80; i++)
		mem_put8(&t->m->mem, a + i, (uint8_t)(i * 7 + 3));
	for (uint32_t i = 0; i < 44; i++)
		mem_put8(&t->m->mem, b + i, (uint8_t)(255 - i * 5));
	CALL(t, t->main, "XeCryptRotSumSha", a, 80, b, 44, out, 20);
	assert_bytes(t, out, "989651a2b1d7290da67f7f8ba03b90845dbee41f");
}

static void aes_is_fips_197s(void **state)
{
	struct tk *t = TK(state);
	uint32_t s = tk_memory(t, 0x160), out = tk_memory(t, 32), plain = bytes_of(t, "00112233445566778899aabbccddeeff");
	CALL(t, t->main, "XeCryptAesKey", s, bytes_of(t, "000102030405060708090a0b0c0d0e0f"));
	CALL(t, t->main, "XeCryptAesEcb", s, plain, out, 1);
	assert_bytes(t, out, "69c4e0d86a7b0430d8cdb78070b4c55a");
	CALL(t, t->main, "XeCryptAesEcb", s, out, out, 0);
	assert_bytes(t, out, "00112233445566778899aabbccddeeff");
}

static void cbc_goes_on_with_its_feed(void **state)
{
	struct tk *t = TK(state);
	static const char text[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
	static const char cipher[] = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2";
	uint32_t s = tk_memory(t, 0x160), out = tk_memory(t, 32), plain = bytes_of(t, text);
	uint32_t feed = bytes_of(t, "000102030405060708090a0b0c0d0e0f"), again = bytes_of(t, "000102030405060708090a0b0c0d0e0f");
	CALL(t, t->main, "XeCryptAesKey", s, bytes_of(t, "2b7e151628aed2a6abf7158809cf4f3c"));
	CALL(t, t->main, "XeCryptAesCbc", s, plain, 16, out, feed, 1);
	CALL(t, t->main, "XeCryptAesCbc", s, plain + 16, 16, out + 16, feed, 1);
	assert_bytes(t, out, cipher);
	assert_bytes(t, feed, cipher + 32);
	CALL(t, t->main, "XeCryptAesCbc", s, out, 32, out, again, 0);
	assert_bytes(t, out, text);
	assert_bytes(t, again, cipher + 32);
}

static void rc4_goes_on_from_its_state(void **state)
{
	struct tk *t = TK(state);
	uint32_t key = bytes_of(t, "0102030405"), s = tk_memory(t, 0x110), data = tk_memory(t, 32);
	CALL(t, t->main, "XeCryptRc4Key", s, key, 5);
	CALL(t, t->main, "XeCryptRc4Ecb", s, data, 5);
	CALL(t, t->main, "XeCryptRc4Ecb", s, data + 5, 27);
	assert_bytes(t, data, "b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919");
	CALL(t, t->main, "XeCryptRc4", key, 5, data, 32);
	assert_bytes(t, data, "0000000000000000000000000000000000000000000000000000000000000000");
}

static uint32_t public_key(struct tk *t, uint32_t exponent)
{
	uint32_t key = tk_memory(t, 16), n = bytes_of(t, modulus);
	assert_int_equal(n, key + 16);
	tk_put32(t, key, 0x20);
	tk_put32(t, key + 4, exponent);
	return key;
}

static void a_signature_holds_for_its_hash_salt_and_key_only(void **state)
{
	struct tk *t = TK(state);
	uint32_t key = public_key(t, 3), s = bytes_of(t, signature), salt = tk_string(t, "XBOX360XEX"), hash = tk_memory(t, 32);
	for (uint32_t i = 0; i < 20; i++)
		mem_put8(&t->m->mem, hash + i, (uint8_t)i);
	assert_int_equal(CALL(t, t->main, "XeCryptBnQwBeSigVerify", s, hash, salt, key), 1);
	assert_int_equal(CALL(t, t->main, "XeCryptBnQwBeSigVerify", s, hash, tk_string(t, "XBOX360REV"), key), 0);
	mem_put8(&t->m->mem, hash, 1);
	assert_int_equal(CALL(t, t->main, "XeCryptBnQwBeSigVerify", s, hash, salt, key), 0);
	mem_put8(&t->m->mem, hash, 0);
	tk_put32(t, key + 4, 0x10001);
	assert_int_equal(CALL(t, t->main, "XeCryptBnQwBeSigVerify", s, hash, salt, key), 0);
	tk_put32(t, key + 4, 5); /* an exponent that the console refuses */
	assert_int_equal(CALL(t, t->main, "XeCryptBnQwBeSigVerify", s, hash, salt, key), 0);
	CALL(t, t->main, "XeCryptBnQwBeSigFormat", s, hash, salt);
	assert_bytes(t, s, formatted);
}

static void big_numbers_move_and_turn(void **state)
{
	struct tk *t = TK(state);
	static const char words[] = "00112233445566778899aabbccddeeff";
	static const struct {
		const char *name;
		uint32_t words;
		const char *becomes;
	} moves[] = {
		{ "XeCryptBnDw_Copy", 4, words },
		{ "XeCryptBnQw_Copy", 2, words },
		{ "XeCryptBnDw_SwapLeBe", 4, "3322110077665544bbaa9988ffeeddcc" },
		{ "XeCryptBnQw_SwapDwQw", 2, "4455667700112233ccddeeff8899aabb" },
		{ "XeCryptBnQw_SwapDwQwLeBe", 2, "7766554433221100ffeeddccbbaa9988" },
	};
	for (unsigned i = 0; i < ARRAY_LEN(moves); i++) {
		uint32_t from = bytes_of(t, words), to = tk_memory(t, 16);
		CALL(t, t->main, moves[i].name, from, to, moves[i].words);
		assert_bytes(t, to, moves[i].becomes);
		CALL(t, t->main, moves[i].name, from, from, moves[i].words);
		assert_bytes(t, from, moves[i].becomes);
	}
	uint32_t at = bytes_of(t, words);
	CALL(t, t->main, "XeCryptBnDw_Zero", at, 1);
	assert_bytes(t, at, "000000004455667788");
	CALL(t, t->main, "XeCryptBnQw_Zero", at, 1);
	assert_bytes(t, at, "000000000000000088");
}

static void random_bytes_are_the_same_in_every_run_and_differ_by_the_moment(void **state)
{
	struct tk *t = TK(state), *other = tk_new();
	uint32_t a = tk_memory(t, 32), b = tk_memory(other, 32);
	CALL(t, t->main, "XeCryptRandom", a, 13);
	CALL(other, other->main, "XeCryptRandom", b, 13);
	assert_int_equal(tk_get32(t, a), tk_get32(other, b));
	assert_int_not_equal(tk_get32(t, a), tk_get32(t, a + 4));
	assert_int_equal(mem_get8(&t->m->mem, a + 13), 0);
	uint32_t before = tk_get32(t, a);
	tk_run(t, 1000);
	CALL(t, t->main, "XeCryptRandom", a, 13);
	assert_int_not_equal(tk_get32(t, a), before);
	tk_free(other);
}

static void bad_pointers_are_guest_faults(void **state)
{
	struct tk *t = TK(state);
	uint32_t ok = tk_memory(t, 0x200);
	const struct {
		const char *name;
		uint64_t arg[10];
	} calls[] = {
		{ "XeCryptSha", { 0x100, 8, 0, 0, 0, 0, ok, 20 } },
		{ "XeCryptSha", { ok, 8, 0, 0, 0, 0, 0x100, 20 } },
		{ "XeCryptShaUpdate", { 0x100, ok, 1 } },
		{ "XeCryptRotSumSha", { 0x100, 8, 0, 0, ok, 20 } },
		{ "XeCryptHmacSha", { 0x100, 8, ok, 1, 0, 0, 0, 0, ok, 20 } },
		{ "XeCryptAesCbc", { ok, ok, 16, 0x100, ok, 1 } },
		{ "XeCryptRc4", { ok, 5, 0x100, 5 } },
		{ "XeCryptRandom", { 0x100, 5 } },
		{ "XeCryptBnQwBeSigVerify", { ok, ok, ok, 0x100 } },
		{ "XeCryptSha256", { ok, 0xffffffff, 0, 0, 0, 0, ok, 32 } },
		{ "XeCryptBnQw_Copy", { ok, ok, 0xffffffff } },
	};
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		t->m->pending.kind = STOP_NONE;
		assert_true(tk_call_on(t, t->main, calls[i].name, 10, calls[i].arg).faulted);
		assert_int_equal(t->m->pending.kind, STOP_FAULT);
	}
}

static const struct CMUnitTest tests[] = {
	TK_TEST(hash_of_three_pieces_is_that_of_the_whole),
	TK_TEST(hash_goes_on_from_its_state_in_memory),
	TK_TEST(a_digest_is_cut_at_the_callers_size),
	TK_TEST(hmac_is_rfc_2202s_but_a_long_key_is_cut),
	TK_TEST(rotsumsha_is_the_consoles),
	TK_TEST(aes_is_fips_197s),
	TK_TEST(cbc_goes_on_with_its_feed),
	TK_TEST(rc4_goes_on_from_its_state),
	TK_TEST(a_signature_holds_for_its_hash_salt_and_key_only),
	TK_TEST(big_numbers_move_and_turn),
	TK_TEST(random_bytes_are_the_same_in_every_run_and_differ_by_the_moment),
	TK_TEST(bad_pointers_are_guest_faults),
};
TK_MAIN(tests)
