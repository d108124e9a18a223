/* From raw text to words: copies text with the words that a tokenizer finds in it, each followed by a space,
 * so that w2v_text_feed can count them.
 *
 * Text may be split in parts that end at boundaries: positions that no word and no rule crosses. The
 * classes of characters are in unicode_tables.h, the rules in docs/tutorials/text.md. */
#ifndef W2V_SPLIT_H
#define W2V_SPLIT_H

#include <stdint.h>

enum {
    W2V_SPLIT_WHITESPACE, /* words are separated by ASCII white space */
    W2V_SPLIT_WORDS,      /* runs of letters and digits, by the rules of UAX #29 */
    W2V_SPLIT_CHARACTERS  /* each character except white space, with its combining marks */
};

enum { W2V_SPLIT_OK, W2V_SPLIT_NUL, W2V_SPLIT_NOT_UTF8 };

typedef struct {
    int kind;          /* W2V_SPLIT_WHITESPACE, _WORDS or _CHARACTERS */
    int lowercase;     /* as str.lower of Python */
    int strip_accents; /* removes the accents of letters */
    int lines;         /* 1: \n ends a sentence; 0: it only separates words */
    int documents;     /* 1: a NUL byte ends a document and so a sentence; 0: it is an error */
} w2v_splitter;

/* The bytes that splitting n bytes writes at most. */
static inline int64_t w2v_split_room(int64_t n)
{
    return 2 * n + 16;
}

/* The first boundary in data[at:size], or size. */
int64_t w2v_split_boundary(const w2v_splitter *splitter, const unsigned char *data, int64_t at,
                           int64_t size);

/* The last boundary in data[from:at + 1], or from; at <= size. */
int64_t w2v_split_boundary_before(const w2v_splitter *splitter, const unsigned char *data,
                                  int64_t from, int64_t at, int64_t size);

/* Writes the words of n bytes, which begin and end at boundaries, to out, which has w2v_split_room(n)
 * bytes. Returns a status; after an error, *bad is the index of the byte. */
int w2v_split(const w2v_splitter *splitter, const unsigned char *data, int64_t n,
              unsigned char *out, int64_t *n_out, int64_t *bad);

/* The class of a character as a sign: L letter, H Hebrew letter, D digit, K katakana, _ connector, A a
 * word by itself, M mark, : joins letters, , joins digits, . both, ' and " as in UAX #29, s space, x
 * other. */
char w2v_split_class(uint32_t code);

/* Whether strip_accents removes this combining mark. */
int w2v_split_is_accent(uint32_t code);

#endif
