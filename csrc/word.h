/* The bytes that separate words, and the keys of 16 bytes that represent words in the hash table. */
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

enum { W2V_WORD_SHORT = 16 }; /* bytes of the longest word that is its own key */

/* A word of up to 16 bytes, padded with zeros. Of a longer one: a hash of all bytes, and the last 8 bytes, so that
 * the words must be compared as well. */
typedef struct {
    uint64_t low, high;
} w2v_word_key;

/* A number whose highest and whose lowest bits are hashes of the key. */
static inline uint64_t w2v_word_hash(const w2v_secret *secret, w2v_word_key key)
{
    return w2v_secret_mix(secret, w2v_secret_mix(secret, key.low) ^ key.high);
}

static inline w2v_word_key w2v_word_long_key(const w2v_secret *secret, const unsigned char *p,
                                             int64_t n)
{
    uint64_t h = (uint64_t)n;
    const unsigned char *last = p + n - 8;
    for (; p < last; p += 8)
        h = w2v_secret_mix(secret, h ^ w2v_bytes_load8(p)) ^ (h >> 29);
    w2v_word_key key = {h, w2v_bytes_load8(last)};
    return key;
}

/* The key of the n bytes at p. No other byte is read. */
static inline w2v_word_key w2v_word_key_of(const w2v_secret *secret, const unsigned char *p,
                                           int64_t n)
{
    w2v_word_key key = {0, 0};
    if (n > W2V_WORD_SHORT)
        return w2v_word_long_key(secret, p, n);
    key.low = n < 8 ? w2v_bytes_load(p, n) : w2v_bytes_load8(p);
    if (n > 8)
        key.high = w2v_bytes_load8(p + n - 8) >> (8 * (W2V_WORD_SHORT - n));
    return key;
}

/* w2v_word_first[8 + n] selects the first n bytes of 8; n may be from -8 to 16. */
static const uint64_t w2v_word_first[25] = {
    [9] = 0xff, [10] = 0xffff, [11] = 0xffffff, [12] = 0xffffffff, [13] = 0xffffffffff,
    [14] = 0xffffffffffff, [15] = 0xffffffffffffff, [16] = UINT64_MAX, [17] = UINT64_MAX,
    [18] = UINT64_MAX, [19] = UINT64_MAX, [20] = UINT64_MAX, [21] = UINT64_MAX, [22] = UINT64_MAX,
    [23] = UINT64_MAX, [24] = UINT64_MAX,
};

/* Sets the key of the n bytes at p, of which `readable` bytes may be read. Without an unpredictable branch where that
 * is 16 or more. */
static inline void w2v_word_set_key(w2v_word_key *key, const w2v_secret *secret, const unsigned char *p,
                                    int64_t n, int64_t readable)
{
    if (n > W2V_WORD_SHORT || readable < W2V_WORD_SHORT) {
        *key = w2v_word_key_of(secret, p, n);
        return;
    }
    key->low = w2v_bytes_load8(p) & w2v_word_first[8 + n];
    key->high = w2v_bytes_load8(p + 8) & w2v_word_first[n];
}

#endif
