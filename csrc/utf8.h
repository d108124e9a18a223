/* Reading eight bytes at once, and validating UTF-8.
 *
 * As for Python's decoder, overlong forms, surrogates and code points above U+10FFFF are invalid. */
#ifndef W2V_UTF8_H
#define W2V_UTF8_H

#include <stdint.h>
#include <string.h>

#if defined(_MSC_VER)
#include <intrin.h>
#endif

/* The eight bytes at p, the first one in the lowest bits. */
static inline uint64_t w2v_bytes_load8(const unsigned char *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

/* The n < 8 bytes at p, padded with zeros. No other byte is read. */
static inline uint64_t w2v_bytes_load(const unsigned char *p, int64_t n)
{
    uint64_t v = 0;
    for (int64_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

/* The index of the lowest bit set; mask must not be 0. */
static inline int w2v_bit_first(uint64_t mask)
{
#if defined(_MSC_VER) && (defined(_M_X64) || defined(_M_ARM64))
    unsigned long bit;
    _BitScanForward64(&bit, mask);
    return (int)bit;
#elif defined(__GNUC__)
    return __builtin_ctzll(mask);
#else
    int bit = 0;
    while (!(mask & 1)) {
        mask >>= 1;
        bit++;
    }
    return bit;
#endif
}

/* The index of the first invalid sequence, or -1. */
static inline int64_t w2v_utf8_fault(const unsigned char *s, int64_t n)
{
    int64_t i = 0;
    while (i < n) {
        unsigned c = s[i], low = 0x80, high = 0xbf;
        int more;
        if (c < 0x80) {
            i++;
            while (n - i >= 8 && !(w2v_bytes_load8(s + i) & 0x8080808080808080u))
                i += 8;
            continue;
        }
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if ((c & 0xf0) == 0xe0) {
            more = 2;
            if (c == 0xe0)
                low = 0xa0;
            if (c == 0xed)
                high = 0x9f;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            if (c == 0xf0)
                low = 0x90;
            if (c == 0xf4)
                high = 0x8f;
        } else {
            return i;
        }
        if (n - i <= more || s[i + 1] < low || s[i + 1] > high)
            return i;
        for (int k = 2; k <= more; k++)
            if ((s[i + k] & 0xc0) != 0x80)
                return i;
        i += more + 1;
    }
    return -1;
}

#endif
