/* Finds the bytes that separate words, 64 bytes at a time. */
#ifndef W2V_SEPARATORS_H
#define W2V_SEPARATORS_H

#include <stdint.h>
#include <string.h>

#include "utf8.h"

#if defined(__SSE2__) && defined(__GNUC__)
#define W2V_SSE2 1
#include <emmintrin.h>
#else
#define W2V_SSE2 0
#endif

/* The highest bit of each byte of v that is at least n, if the byte is below 0x80; 0 < n <= 0x80. */
static inline uint64_t w2v_bytes_at_least(uint64_t v, unsigned n)
{
    return (v & 0x7f7f7f7f7f7f7f7fu) + (0x80 - n) * 0x0101010101010101u;
}

static inline uint64_t w2v_separators8(const unsigned char *p)
{
    uint64_t v = w2v_bytes_load8(p);
    uint64_t controls = w2v_bytes_at_least(v, '\t') & ~w2v_bytes_at_least(v, '\r' + 1);
    uint64_t space = w2v_bytes_at_least(v, ' ') & ~w2v_bytes_at_least(v, ' ' + 1);
    uint64_t nul = ~w2v_bytes_at_least(v, 1);
    uint64_t found = (controls | space | nul) & ~v & 0x8080808080808080u;
    return (found >> 7) * 0x0102040810204080u >> 56; /* gathers the bits */
}

/* Bit i of the 64 is set if p[i] is white space or NUL. */
static inline uint64_t w2v_separators_portable(const unsigned char *p)
{
    uint64_t found = 0;
    for (int i = 0; i < 8; i++)
        found |= w2v_separators8(p + 8 * i) << (8 * i);
    return found;
}

#if W2V_SSE2
static inline uint64_t w2v_separators16(const unsigned char *p)
{
    const __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    const __m128i from_tab = _mm_sub_epi8(bytes, _mm_set1_epi8('\t')), last = _mm_set1_epi8('\r' - '\t');
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, last), from_tab);
    const __m128i space = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
    const __m128i nul = _mm_cmpeq_epi8(bytes, _mm_setzero_si128());
    return (uint64_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(controls, space), nul));
}
#endif

static inline uint64_t w2v_separators(const unsigned char *p)
{
#if W2V_SSE2
    return w2v_separators16(p) | w2v_separators16(p + 16) << 16 | w2v_separators16(p + 32) << 32 |
           w2v_separators16(p + 48) << 48;
#else
    return w2v_separators_portable(p);
#endif
}

/* The same for n < 64 bytes; no other byte is read. */
static inline uint64_t w2v_separators_of(const unsigned char *p, int64_t n)
{
    unsigned char padded[64];
    memset(padded, 'x', sizeof padded);
    memcpy(padded, p, (size_t)n);
    return w2v_separators(padded);
}

#endif
