/* Character n-grams of words, their hashes and rows, exactly as fastText defines them.
 *
 * A word's n-grams are taken from "<word>". A character is one byte that is not a UTF-8 continuation byte,
 * with all continuation bytes after it, so that invalid UTF-8 has n-grams too. Nothing is allocated here. */
#ifndef W2V_NGRAMS_H
#define W2V_NGRAMS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t hash;
    uint32_t begin, end; /* bytes of "<word>" */
} w2v_ngram;

/* Called for each n-gram, in the order of their starts, then of their lengths. */
typedef void (*w2v_ngram_fn)(void *context, const w2v_ngram *ngram);

/* fastText's hash of a byte string: FNV-1a over sign-extended bytes. */
uint32_t w2v_ngram_hash(const unsigned char *bytes, size_t n);

/* The number of n-grams of min_n to max_n characters; each is passed to `each`, unless that is NULL. */
size_t w2v_ngrams(const unsigned char *word, size_t n, int min_n, int max_n, w2v_ngram_fn each,
                  void *context);

/* Where the rows of n-grams are. */
typedef struct {
    int min_n, max_n;
    uint32_t buckets;     /* an n-gram's bucket is its hash modulo this; 0: n-grams have no rows */
    int64_t first;        /* the row of bucket 0 */
    const int32_t *keys;  /* (n_keys), ascending: the only buckets that have rows; NULL: all have */
    const int32_t *slots; /* (n_keys): the row of keys[i] is first + slots[i] */
    size_t n_keys;
} w2v_ngram_rows;

/* Writes the rows of a word's n-grams, at most `room` of them, -1 for a bucket without a row.
 * Returns the number of n-grams. "</s>", which fastText adds at the end of a line, has none. */
size_t w2v_ngram_rows_of(const w2v_ngram_rows *table, const unsigned char *word, size_t n,
                         int64_t *rows, size_t room);

/* A hash table of the vocabulary; the caller owns the memory. */
typedef struct {
    const unsigned char *const *words; /* (count) */
    const size_t *lengths;             /* (count) */
    int32_t count, labels_from;        /* words from labels_from on are labels */
    int32_t *places;                   /* (mask + 1): at least twice as many as words, -1: empty */
    uint32_t mask;
} w2v_words_table;

/* Fills the places. */
void w2v_words_fill(w2v_words_table *table);

/* The number of a word with this fastText hash, or -1. */
int32_t w2v_words_find(const w2v_words_table *table, const unsigned char *word, size_t n,
                       uint32_t hash);

/* The rows that a line has in a supervised model: those of its words, of their n-grams, of the word "</s>" at
 * its end, and of its word n-grams; labels have none. Rows that do not exist are left out.
 * Writes at most `room`; returns their number. hashes needs an element for every word and one more:
 * n / 2 + 2 suffice. */
size_t w2v_line_rows(const w2v_words_table *words, const w2v_ngram_rows *characters,
                     const w2v_ngram_rows *sequences, int word_ngrams, const char *label,
                     const unsigned char *line, size_t n, int32_t *hashes, int64_t *rows,
                     size_t room);

/* out (dim) = the sum of the given rows of a matrix of `dim` floats a row, divided by `divisor`.
 * The matrix need not be aligned: it may be a mapped file. Rows below 0 are left out; divisor 0 gives 0. */
void w2v_mean_of_rows(const unsigned char *matrix, size_t dim, const int64_t *rows, size_t n,
                      double divisor, float *out);

#endif
