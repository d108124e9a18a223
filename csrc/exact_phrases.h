/* word2phrase.c reproduced: it counts words and pairs of adjacent words in one table, and then writes the text
 * again, joining the pairs whose score is above a threshold.
 *
 * As in the original, a pair and a word with the same letters share a count, and the last word of a line
 * and the first of the next one are counted as a pair, although they are never joined. */
#ifndef W2V_EXACT_PHRASES_H
#define W2V_EXACT_PHRASES_H

#include "exact_words.h"

/* Initialized to zeros and the words' secret, with "</s>" added as word 0. */
typedef struct {
    w2v_exact_words words;
    int64_t train_words; /* words read, without </s> */
    int64_t min_count;
    float threshold;
    unsigned char *pair;    /* "previous_current" */
    int64_t previous, room; /* length of the previous word; size of pair */
    int64_t previous_count; /* when writing: its count, or 0 if it ended a joined pair */
    int64_t count;          /* of the current word */
    int previous_known;     /* whether the previous word is in the vocabulary */
    unsigned char *out;     /* (n_out) written by the last call */
    int64_t n_out, out_room;
} w2v_exact_phrases;

/* Counts the rest of the text, as w2v_exact_count does. */
int64_t w2v_exact_phrase_count(w2v_exact_phrases *phrases, w2v_exact_text *text, int64_t max_words);

/* Forgets the previous word, before the text is written from its beginning. */
void w2v_exact_phrase_begin(w2v_exact_phrases *phrases);

/* Writes the next words to out, until it holds at least min_bytes. Returns 1, W2V_EXACT_END or
 * W2V_EXACT_NO_MEMORY. */
int64_t w2v_exact_phrase_write(w2v_exact_phrases *phrases, w2v_exact_text *text, int64_t min_bytes);

void w2v_exact_close_phrases(w2v_exact_phrases *phrases);

#endif
