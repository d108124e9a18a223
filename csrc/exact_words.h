/* Reading text as word2vec.c and word2phrase.c do, and a table that counts words.
 *
 * A word ends at a space, a tab or a newline; carriage returns are removed wherever they occur; a newline is
 * the word </s>. The originals cut a word after `longest` bytes and lose the last word of a text that
 * does not end with a separator; `longest` = 0 and `tail` = 1 avoid both. Words are bytes in any
 * encoding. */
#ifndef W2V_EXACT_WORDS_H
#define W2V_EXACT_WORDS_H

#include <stdint.h>

#include "secret.h"

enum {
    W2V_EXACT_END = -1,
    W2V_EXACT_NO_MEMORY = -2,
    W2V_EXACT_FULL = -3,
    W2V_EXACT_PAUSED = -4,
};

typedef struct {
    const unsigned char *data;
    int64_t size, at;
    int64_t longest; /* bytes kept of a word, or 0 to keep all */
    int tail;        /* 1: a word that the end of the data cuts off counts */
    unsigned char *buffer; /* for words with carriage returns */
    int64_t room;          /* size of buffer */
    int64_t pause; /* position at which counting returns W2V_EXACT_PAUSED, or 0 for never */
} w2v_exact_text;

/* Moves to the next word and points *word to it; the pointer is valid until the next call. Returns the
 * word's length, W2V_EXACT_END or W2V_EXACT_NO_MEMORY. */
int64_t w2v_exact_next(w2v_exact_text *text, const unsigned char **word);
void w2v_exact_close_text(w2v_exact_text *text);

/* Distinct words and their counts, initialized to zeros and a secret. */
typedef struct {
    int64_t n, room;  /* words; capacity of counts, starts and hashes */
    int64_t *counts;  /* (n) */
    int64_t *starts;  /* (n + 1) where each word begins in the arena */
    uint64_t *hashes; /* (n) */
    unsigned char *arena;
    int64_t arena_room;
    int32_t *slots; /* open addressing: ids or -1; a power of two, at most half of them in use */
    int64_t n_slots;
    w2v_secret secret; /* of the hash; set before the first word is added */
} w2v_exact_words;

/* The id of a word, or -1. */
int64_t w2v_exact_find(const w2v_exact_words *words, const unsigned char *word, int64_t length);

/* The id of a word, which is added with count 0 if it is new; or W2V_EXACT_NO_MEMORY. */
int64_t w2v_exact_add(w2v_exact_words *words, const unsigned char *word, int64_t length);

void w2v_exact_close_words(w2v_exact_words *words);

/* Counts the rest of a text and adds the number of its words to *read. Returns *read or a status. After
 * W2V_EXACT_FULL, when there are more than max_words words, and after W2V_EXACT_PAUSED the next call
 * continues. */
int64_t w2v_exact_count(w2v_exact_words *words, w2v_exact_text *text, int64_t max_words,
                        int64_t *read);

#endif
