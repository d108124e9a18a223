/* word2vec.c's and word2phrase.c's reading of text: words between blanks, and a table that counts them.
 *
 * A word ends at a space, a tab or a newline; carriage returns are dropped wherever they stand; a newline
 * is the word </s>. As in the originals a word is cut after `longest` bytes and an unterminated last
 * word is lost; `longest` = 0 and `tail` = 1 mend that. Knows neither encodings nor weights. */
#ifndef W2V_EXACT_WORDS_H
#define W2V_EXACT_WORDS_H

#include <stdint.h>

#include "secret.h"

enum { W2V_EXACT_END = -1, W2V_EXACT_NO_MEMORY = -2, W2V_EXACT_FULL = -3, W2V_EXACT_PAUSED = -4 };

typedef struct {
    const unsigned char *data;
    int64_t size, at;
    int64_t longest; /* bytes that are kept of a word; 0 keeps all */
    int tail;        /* whether a word that the end of the data cuts off counts */
    unsigned char *buffer; /* holds words that do not stand in the data as they are */
    int64_t room;
    int64_t pause; /* counting returns W2V_EXACT_PAUSED when it has come so far; 0: never */
} w2v_exact_text;

/* Points *word to the next word, which stands until the next call, and moves on. Returns its length,
 * W2V_EXACT_END or W2V_EXACT_NO_MEMORY. */
int64_t w2v_exact_next(w2v_exact_text *text, const unsigned char **word);
void w2v_exact_close_text(w2v_exact_text *text);

typedef struct {
    int64_t n, room; /* words; what counts, starts and hashes hold */
    int64_t *counts; /* (n) */
    int64_t *starts; /* (n + 1) where each word begins in the arena */
    uint64_t *hashes; /* (n) */
    unsigned char *arena;
    int64_t arena_room;
    int32_t *slots; /* open addressing: id or -1; a power of two, at most half full */
    int64_t n_slots;
    w2v_secret secret; /* of the hash; set it before the first word */
} w2v_exact_words;

/* Begins as all zeros but for the secret. Both return the word's id; find -1 where there is none, add W2V_EXACT_NO_MEMORY, and its
 * new words have count 0. */
int64_t w2v_exact_find(const w2v_exact_words *words, const unsigned char *word, int64_t length);
int64_t w2v_exact_add(w2v_exact_words *words, const unsigned char *word, int64_t length);
void w2v_exact_close_words(w2v_exact_words *words);

/* Counts the rest of a text. Returns how many words it read, or a status; after W2V_EXACT_FULL, where there are
 * more than `most` words, and W2V_EXACT_PAUSED, *read says how far it came, and the next call goes on. */
int64_t w2v_exact_count(w2v_exact_words *words, w2v_exact_text *text, int64_t most, int64_t *read);

#endif
