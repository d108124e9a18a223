/* word2phrase.c reproduced: counts words and pairs of neighbours in one table, then writes the text with
 * the pairs joined that score above a threshold.
 *
 * As in the original a pair and a word of the same letters share a count, and the last word of a line and
 * the first of the next are counted, though never joined, as a pair. */
#ifndef W2V_EXACT_PHRASES_H
#define W2V_EXACT_PHRASES_H

#include "exact_words.h"

typedef struct {
    w2v_exact_words words;
    int64_t train_words; /* words read, </s> left out */
    int64_t min_count;
    float threshold;
    unsigned char *pair; /* "last_this" */
    int64_t last, room;  /* length of the last word; of pair */
    int64_t before;      /* while writing: the last word's count, 0 where it ended a pair */
    int64_t count;       /* this word's */
    int known;           /* whether the last word is in the vocabulary */
    unsigned char *out;  /* what was written by the last call */
    int64_t n_out, out_room;
} w2v_exact_phrases;

/* Begins as all zeros, with "</s>" as word 0. Counts the rest of the text, as w2v_exact_count does. */
int64_t w2v_exact_phrase_count(w2v_exact_phrases *phrases, w2v_exact_text *text, int64_t most);
/* Forgets the last word, so that writing begins as a text does. */
void w2v_exact_phrase_begin(w2v_exact_phrases *phrases);
/* Writes the next words, about `enough` bytes of them, to out. Returns 1, W2V_EXACT_END or W2V_EXACT_NO_MEMORY. */
int64_t w2v_exact_phrase_write(w2v_exact_phrases *phrases, w2v_exact_text *text, int64_t enough);
void w2v_exact_close_phrases(w2v_exact_phrases *phrases);

#endif
