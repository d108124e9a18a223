/* Splits text that is ASCII into words: each byte is mapped by itself and its neighbours, so that compilers
 * vectorize the loops. */
#ifndef W2V_SPLIT_ASCII_H
#define W2V_SPLIT_ASCII_H

#include <stdint.h>

#include "utf8.h"
#include "word.h"

static inline int w2v_ascii_is_blank(unsigned char byte)
{
    return w2v_byte_kind[byte] != W2V_BYTE_WORD;
}

/* The number of bytes at s that are ASCII other than _, up to the end of their last word. NUL is among them only
 * where it ends documents. */
static inline int64_t w2v_ascii_plain(const unsigned char *s, int64_t n, int documents)
{
    int64_t i = 0;
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    for (; i + 8 <= n; i += 8) {
        uint64_t v = w2v_bytes_load8(s + i), line = v ^ (ones * '_');
        uint64_t nul = documents ? 0 : v - ones;
        if ((v | nul | (line - ones)) & highs)
            break;
    }
    while (i < n && (s[i] || documents) && s[i] < 0x80 && s[i] != '_')
        i++;
    if (i < n)
        while (i && !w2v_ascii_is_blank(s[i]))
            i--;
    return i;
}

static inline int w2v_ascii_is_letter(unsigned char c)
{
    return (unsigned char)((c | 32) - 'a') < 26;
}

static inline int w2v_ascii_is_digit(unsigned char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* A byte of a plain part, given those before and after it: itself, or what separates words. */
static inline unsigned char w2v_ascii_mapped(unsigned char before, unsigned char c,
                                             unsigned char after, unsigned char upper,
                                             unsigned char newline)
{
    unsigned char letters = w2v_ascii_is_letter(before) & w2v_ascii_is_letter(after);
    unsigned char digits = w2v_ascii_is_digit(before) & w2v_ascii_is_digit(after);
    unsigned char both = (c == '.') | (c == '\''), number = (c == ',') | (c == ';');
    unsigned char word = w2v_ascii_is_letter(c) | w2v_ascii_is_digit(c) |
                         (both & (letters | digits)) | (number & digits);
    unsigned char low = c | ((unsigned char)(c - 'A') < upper ? 32 : 0);
    unsigned char blank = c == '\n' ? newline : c ? ' ' : '\n';
    return word ? low : blank;
}

/* Writes the n > 0 bytes of a plain part, mapped for W2V_SPLIT_WORDS. `upper` is 26 to convert capital letters to
 * lower case, and 0 to keep them. \n becomes `newline`. */
static inline void w2v_ascii_words(const unsigned char *s, int64_t n, unsigned char *restrict out,
                                   unsigned char upper, unsigned char newline)
{
    if (n == 1) {
        out[0] = w2v_ascii_mapped(' ', s[0], ' ', upper, newline);
        return;
    }
    out[0] = w2v_ascii_mapped(' ', s[0], s[1], upper, newline);
    for (int64_t i = 1; i < n - 1; i++)
        out[i] = w2v_ascii_mapped(s[i - 1], s[i], s[i + 1], upper, newline);
    out[n - 1] = w2v_ascii_mapped(s[n - 2], s[n - 1], ' ', upper, newline);
}

/* The same for W2V_SPLIT_WHITESPACE. */
static inline void w2v_ascii_whitespace(const unsigned char *s, int64_t n,
                                        unsigned char *restrict out, unsigned char upper,
                                        unsigned char newline)
{
    for (int64_t i = 0; i < n; i++) {
        unsigned char c = s[i], low = c | ((unsigned char)(c - 'A') < upper ? 32 : 0);
        out[i] = c == '\n' ? newline : c ? low : '\n';
    }
}

#endif
