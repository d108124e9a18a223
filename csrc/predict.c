/* Scores of labels and the best of them. The heap follows the algorithms of libstdc++, because the order of
 * fastText's results depends on how it orders equal elements. */
#include "predict.h"

#include <string.h>

#define BLOCK 16 /* lines whose sums run side by side */

void w2v_label_scores(const float *outputs, size_t n_labels, const float *hidden, size_t n,
                      size_t dim, float *scores)
{
    for (size_t first = 0; first < n; first += BLOCK) {
        const size_t lines = n - first < BLOCK ? n - first : BLOCK;
        for (size_t label = 0; label < n_labels; label++) {
            const float *row = outputs + label * dim;
            float sum[BLOCK] = {0};
            for (size_t k = 0; k < dim; k++) {
                const float *h = hidden + k * n + first;
                for (size_t i = 0; i < lines; i++)
                    sum[i] += row[k] * h[i];
            }
            memcpy(scores + label * n + first, sum, lines * sizeof *sum);
        }
    }
}

/* The heap's top is its lowest score: `above(a, b)` is the comparison that fastText passes. */
static int above(w2v_scored a, w2v_scored b)
{
    return a.score > b.score;
}

static void sift_up(w2v_scored *heap, size_t hole, size_t top, w2v_scored value)
{
    while (hole > top) {
        const size_t parent = (hole - 1) / 2;
        if (!above(heap[parent], value))
            break;
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = value;
}

/* Moves the top to the end of the heap of `length` elements, which becomes one shorter. */
static void pop(w2v_scored *heap, size_t length)
{
    const w2v_scored value = heap[length - 1];
    size_t hole = 0, child = 0;
    heap[length - 1] = heap[0];
    length--;
    while (length && child < (length - 1) / 2) {
        child = 2 * (child + 1);
        if (above(heap[child], heap[child - 1]))
            child--;
        heap[hole] = heap[child];
        hole = child;
    }
    if (length >= 2 && (length & 1) == 0 && child == (length - 2) / 2) {
        child = 2 * (child + 1);
        heap[hole] = heap[child - 1];
        hole = child - 1;
    }
    if (length)
        sift_up(heap, hole, 0, value);
}

size_t w2v_k_best(const float *score, const float *value, float threshold, const int32_t *order,
                  size_t n, size_t k, w2v_scored *best)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const int32_t label = order ? order[i] : (int32_t)i;
        const w2v_scored offered = {score[label], label};
        if (value[label] < threshold || (count == k && offered.score < best[0].score))
            continue;
        sift_up(best, count++, 0, offered);
        if (count > k)
            pop(best, count--);
    }
    for (size_t length = count; length > 1; length--)
        pop(best, length);
    return count;
}
