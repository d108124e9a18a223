/* MurmurHash3_x64_128: two 64-bit halves, mixed with each other after every 16 bytes. */
#include "murmur.h"

static const uint64_t FACTOR[2] = {UINT64_C(0x87c37b91114253d5), UINT64_C(0x4cf5ad432745937f)};

static inline uint64_t rotated(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

/* Up to 8 bytes as a little-endian number. */
static inline uint64_t number(const unsigned char *bytes, size_t n)
{
    uint64_t x = 0;
    for (size_t i = 0; i < n; i++)
        x |= (uint64_t)bytes[i] << 8 * i;
    return x;
}

static inline uint64_t first_half(uint64_t x)
{
    return rotated(x * FACTOR[0], 31) * FACTOR[1];
}

static inline uint64_t second_half(uint64_t x)
{
    return rotated(x * FACTOR[1], 33) * FACTOR[0];
}

static inline uint64_t finished(uint64_t x)
{
    x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

void w2v_murmur128(const unsigned char *bytes, size_t n, uint32_t seed, uint32_t hash[4])
{
    uint64_t a = seed, b = seed;
    size_t at = 0;
    for (; n - at >= 16; at += 16) {
        a = rotated(a ^ first_half(number(bytes + at, 8)), 27) + b;
        a = a * 5 + 0x52dce729;
        b = rotated(b ^ second_half(number(bytes + at + 8, 8)), 31) + a;
        b = b * 5 + 0x38495ab5;
    }
    const size_t rest = n - at;
    if (rest > 8)
        b ^= second_half(number(bytes + at + 8, rest - 8));
    if (rest > 0)
        a ^= first_half(number(bytes + at, rest < 8 ? rest : 8));
    a ^= n;
    b ^= n;
    a += b;
    b += a;
    a = finished(a);
    b = finished(b);
    a += b;
    b += a;
    hash[0] = (uint32_t)a;
    hash[1] = (uint32_t)(a >> 32);
    hash[2] = (uint32_t)b;
    hash[3] = (uint32_t)(b >> 32);
}
