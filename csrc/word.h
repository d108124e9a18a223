/* The bytes that separate words, and the 64-bit keys that represent words in the hash table. */
#ifndef W2V_WORD_H
#define W2V_WORD_H

#include <stdint.h>

#include "secret.h"
#include "utf8.h"

enum { W2V_BYTE_WORD, W2V_BYTE_SPACE, W2V_BYTE_NEWLINE, W2V_BYTE_NUL };

/* Other control characters and all bytes from 0x80 on are parts of words. */
static const unsigned char w2v_byte_kind[256] = {
    ['\0'] = W2V_BYTE_NUL,   ['\n'] = W2V_BYTE_NEWLINE,
    ['\t'] = W2V_BYTE_SPACE, ['\v'] = W2V_BYTE_SPACE,
    ['\f'] = W2V_BYTE_SPACE, ['\r'] = W2V_BYTE_SPACE,
    [' '] = W2V_BYTE_SPACE,
};

/* The key of a word of more than 8 bytes: a hash of all bytes. */
static inline uint64_t w2v_word_long_key(const w2v_secret *secret, const unsigned char *p,
                                         int64_t n)
{
    uint64_t h = (uint64_t)n;
    const unsigned char *last = p + n - 8;
    for (; p < last; p += 8)
        h = w2v_secret_mix(secret, h ^ w2v_bytes_load8(p)) ^ (h >> 29);
    return w2v_secret_mix(secret, h ^ w2v_bytes_load8(last));
}

/* A word of up to 8 bytes is its own key, padded with zeros. The key of a longer one is a hash, so that the
 * bytes must be compared as well. */
static inline uint64_t w2v_word_key(const w2v_secret *secret, const unsigned char *p, int64_t n)
{
    if (n > 8)
        return w2v_word_long_key(secret, p, n);
    return n == 8 ? w2v_bytes_load8(p) : w2v_bytes_load(p, n);
}

#endif
