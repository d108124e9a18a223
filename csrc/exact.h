/* word2vec.c reproduced: its arithmetic in its order, its generator, its tables and its quirks.
 *
 * It lets users prove that a switch to this package does not change results. One thread gives the
 * same bytes as the original compiled with -O2 for x86-64; the exact*.c files must be compiled without
 * contraction to FMA. They are faster than the original: the dot products of one pair's targets are computed
 * together, each in its original order, so that no bit differs. The caller owns all memory. Normal training
 * does not use this code. */
#ifndef W2V_EXACT_H
#define W2V_EXACT_H

#include "exact_words.h"

enum {
    W2V_EXACT_SIGMOIDS = 1000,   /* entries of the sigmoid table */
    W2V_EXACT_NOISE = 100000000, /* slots of the noise table, which is represented by each word's last slot */
    W2V_EXACT_GUIDE = 1024,      /* slots of the noise table per entry of the guide */
    W2V_EXACT_SENTENCE = 1000,   /* words after which a sentence is cut */
    W2V_EXACT_GUIDE_SIZE = W2V_EXACT_NOISE / W2V_EXACT_GUIDE + 2,
};

/* The nodes of a Huffman tree over n words, 2n + 1 with the original's sentinels, are int32_t. */
#define W2V_EXACT_TREE_MAX_WORDS (INT64_C(1) << 30)

/* table (W2V_EXACT_SIGMOIDS): the sigmoid from -6 to 6. */
void w2v_exact_sigmoids(float *table);

/* w (n, dim): the initial vectors, which the original draws from its generator with seed 1. */
void w2v_exact_initial(float *w, int64_t n, int64_t dim);

/* keep (n): an occurrence of a word is kept where keep is at least a draw from [0, 1). */
void w2v_exact_keep(const int64_t *counts, int64_t n, int64_t train_words, float sample, float *keep);

/* last (n): word i has the slots last[i - 1] + 1 to last[i] of the noise table. guide (W2V_EXACT_GUIDE_SIZE): the
 * word in every W2V_EXACT_GUIDE-th slot. n >= 2. */
void w2v_exact_noise(const int64_t *counts, int64_t n, int32_t *last, int32_t *guide);

/* The word in a slot of the noise table. */
int32_t w2v_exact_noise_word(const int32_t *last, const int32_t *guide, int32_t slot);

/* The Huffman tree of counts in any order. parent (2n), bit (2n), weight (2n + 1). Returns the sum of the
 * lengths of all paths, or -1 if n > W2V_EXACT_TREE_MAX_WORDS, before any array is accessed. */
int64_t w2v_exact_tree(const int64_t *counts, int64_t n, int32_t *parent, uint8_t *bit, int64_t *weight);

/* path (n + 1): the path of word w, from the root, is node[path[w]:path[w + 1]]; its code is at the same places
 * of `code`. */
void w2v_exact_paths(int64_t n, const int32_t *parent, const uint8_t *bit, int64_t *path,
                     int32_t *node, uint8_t *code);

/* The original's ten rounds of k-means. classes (n): the class of each row of w (n, dim). centres (number,
 * dim) and sizes (number) are scratch memory. */
void w2v_exact_classes(const float *w, int64_t n, int64_t dim, int32_t number, float *centres,
                       int32_t *sizes, int32_t *classes);

/* A training run, shared by its threads. */
typedef struct {
    const unsigned char *text;
    int64_t size, longest;
    int tail;
    const w2v_exact_words *words; /* in the order of their rows; row 0 is </s> */
    int64_t train_words;
    int32_t dim, window, negative, hs, cbow, epochs, threads;
    float alpha;       /* initial learning rate */
    const float *keep; /* (V), or NULL to keep all words */
    const float *sigmoids;
    const int32_t *noise_last, *noise_guide;
    const int64_t *path;
    const int32_t *node;
    const uint8_t *code;
    float *w_in;    /* (V, dim) */
    float *w_out;   /* (V, dim) for negative sampling, or NULL */
    float *w_nodes; /* (V, dim) for hierarchical softmax, or NULL */
    volatile int stop;
    /* Changed by all threads without a lock, as in the original: */
    volatile int64_t done; /* words read, in all epochs */
    volatile float lr;
    volatile int diverged;
} w2v_exact_run;

/* All epochs of one thread on its part of the text. scratch (2 dim). Returns 0 or W2V_EXACT_NO_MEMORY. */
int w2v_exact_train(w2v_exact_run *run, int32_t thread, float *scratch);

#endif
