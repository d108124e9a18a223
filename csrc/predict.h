/* Scores of labels and the best of them, for supervised fastText models.
 *
 * Equal rows of the output matrix must give equal scores, and ties must be kept in fastText's order, so that
 * predictions are the same. */
#ifndef W2V_PREDICT_H
#define W2V_PREDICT_H

#include <stddef.h>
#include <stdint.h>

/* scores (n_labels, n) = outputs (n_labels, dim) · hidden (dim, n). Each sum is taken in the order of the
 * dimensions, wherever the row is, so that equal rows give equal scores. */
void w2v_label_scores(const float *outputs, size_t n_labels, const float *hidden, size_t n,
                      size_t dim, float *scores);

typedef struct {
    float score;
    int32_t label;
} w2v_scored;

/* Writes the k best of n labels to `best` (k + 1), best first, and returns their number. Labels with
 * value[label] < threshold are left out. Ties are in the order in which libstdc++'s heap leaves them when
 * the labels are pushed in the given order (NULL: 0, 1, 2 …). */
size_t w2v_k_best(const float *score, const float *value, float threshold, const int32_t *order,
                  size_t n, size_t k, w2v_scored *best);

#endif
