/* word2vec.c reproduced: its arithmetic in its order, its generator, tables and quirks.
 *
 * For those who must prove that a switch changes nothing. One thread gives the bytes of the original
 * compiled with -O2 for x86-64; this file must be compiled without contraction to FMA. The sums of one
 * pair's targets run side by side, each in its own order, so no bit differs from the plain loop.
 * Allocates nothing. Nothing else in the package uses it. */
#ifndef W2V_EXACT_H
#define W2V_EXACT_H

#include "exact_words.h"

enum {
    W2V_EXACT_SIGMOIDS = 1000,
    W2V_EXACT_NOISE = 100000000, /* slots of the noise table, which is never built */
    W2V_EXACT_GUIDE = 1024,      /* slots of it that share one entry of the guide */
    W2V_EXACT_SENTENCE = 1000
};

/* table (W2V_EXACT_SIGMOIDS): the sigmoid from -6 to 6. */
void w2v_exact_sigmoids(float *table);
/* w (n, dim), which the original draws from its generator with seed 1. */
void w2v_exact_begin(float *w, int64_t n, int64_t dim);
/* keep (n): a word is kept where keep >= a draw from [0, 1). */
void w2v_exact_keep(const int64_t *counts, int64_t n, int64_t train_words, float sample, float *keep);
/* ends (n): word i has the slots ends[i-1] + 1 … ends[i]; guide (W2V_EXACT_NOISE / W2V_EXACT_GUIDE + 2): the word of
 * every W2V_EXACT_GUIDE-th slot. n >= 2. */
void w2v_exact_noise(const int64_t *counts, int64_t n, int32_t *ends, int32_t *guide);
int32_t w2v_exact_noise_word(const int32_t *ends, const int32_t *guide, int32_t slot);
/* The Huffman tree of counts in any order. parent (2n), bit (2n), weight (2n + 1). Returns the number of
 * steps on all paths. */
int64_t w2v_exact_tree(const int64_t *counts, int64_t n, int32_t *parent, uint8_t *bit, int64_t *weight);
/* path (n + 1): word w's path is node[path[w]:path[w + 1]] from the root, with its code there. */
void w2v_exact_paths(int64_t n, const int32_t *parent, const uint8_t *bit, int64_t *path, int32_t *node,
                 uint8_t *code);
/* The original's ten rounds of k-means: cl (n) the class of each row of w. cent (classes, dim), number
 * (classes). */
void w2v_exact_classes(const float *w, int64_t n, int64_t dim, int32_t classes, float *cent, int32_t *number,
                   int32_t *cl);

typedef struct {
    const unsigned char *text;
    int64_t size, longest;
    int tail;
    const w2v_exact_words *words; /* in the order of their rows; row 0 ends a sentence */
    int64_t train_words;
    int32_t dim, window, negative, hs, cbow, epochs, threads;
    float alpha;          /* at the start */
    const float *keep;    /* (V), or NULL: all are kept */
    const float *sigmoids;
    const int32_t *ends, *guide;
    const int64_t *path;
    const int32_t *node;
    const uint8_t *code;
    float *w_in;    /* (V, dim) */
    float *w_out;   /* (V, dim) for the negatives, or NULL */
    float *w_nodes; /* (V, dim) for the tree, or NULL */
    volatile int stop;
    /* Shared by the threads without a lock, as in the original: */
    volatile int64_t done; /* words read, of all epochs */
    volatile float lr;
    volatile int diverged;
} w2v_exact_run;

/* All epochs of one thread over its part of the text. scratch (2 dim). Returns 0 or W2V_EXACT_NO_MEMORY. */
int w2v_exact_train(w2v_exact_run *run, int32_t thread, float *scratch);

#endif
