/* Where words end, and the key of a word in the table. */
#ifndef W2V_WORD_H
#define W2V_WORD_H

#include <stdint.h>

#include "secret.h"
#include "utf8.h"

enum { W2V_BYTE_WORD, W2V_BYTE_SPACE, W2V_BYTE_NEWLINE, W2V_BYTE_NUL };

/* What a byte is. Other control characters and all bytes from 0x80 up are letters. */
static const unsigned char w2v_byte_kind[256] = {
    ['\0'] = W2V_BYTE_NUL,   ['\t'] = W2V_BYTE_SPACE, ['\n'] = W2V_BYTE_NEWLINE, ['\v'] = W2V_BYTE_SPACE,
    ['\f'] = W2V_BYTE_SPACE, ['\r'] = W2V_BYTE_SPACE, [' '] = W2V_BYTE_SPACE,
};

/* The key of a word longer than 8 bytes: a hash of all of them. */
static inline uint64_t w2v_word_long_key(const w2v_secret *secret, const unsigned char *p, int64_t n)
{
    uint64_t h = (uint64_t)n;
    const unsigned char *last = p + n - 8;
    for (; p < last; p += 8)
        h = w2v_secret_mix(secret, h ^ w2v_bytes_load8(p)) ^ (h >> 29);
    return w2v_secret_mix(secret, h ^ w2v_bytes_load8(last));
}

/* What is compared first: a word of up to 8 bytes itself, zeros above; of a longer one the hash. */
static inline uint64_t w2v_word_key(const w2v_secret *secret, const unsigned char *p, int64_t n)
{
    if (n > 8)
        return w2v_word_long_key(secret, p, n);
    return n == 8 ? w2v_bytes_load8(p) : w2v_bytes_load(p, n);
}

#endif
