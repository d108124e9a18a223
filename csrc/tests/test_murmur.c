/* sources: murmur.c */
/* The hash against values of the published implementation. */
#include "check.h"
#include "murmur.h"

static void check(const char *text, uint32_t seed, uint64_t a, uint64_t b)
{
    uint32_t hash[4];
    w2v_murmur128((const unsigned char *)text, strlen(text), seed, hash);
    CHECK_EQUAL(hash[0], (uint32_t)a);
    CHECK_EQUAL(hash[1], (uint32_t)(a >> 32));
    CHECK_EQUAL(hash[2], (uint32_t)b);
    CHECK_EQUAL(hash[3], (uint32_t)(b >> 32));
}

CASE(known_values)
{
    check("", 0, 0, 0);
    check("The quick brown fox jumps over the lazy dog", 0, UINT64_C(0xe34bbc7bbc071b6c),
          UINT64_C(0x7a433ca9c49a9347));
    check("hello", 0, UINT64_C(0xcbd8a7b341bd9b02), UINT64_C(0x5b1e906a48ae1d19));
}
