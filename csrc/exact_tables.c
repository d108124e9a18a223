/* The original's tables: sigmoid, initial vectors, subsampling, noise, Huffman tree, and its k-means. */
#include "exact.h"

#include <math.h>
#include <string.h>

void w2v_exact_sigmoids(float *table)
{
    for (int i = 0; i < W2V_EXACT_SIGMOIDS; i++) {
        float e = (float)exp((i / (float)W2V_EXACT_SIGMOIDS * 2 - 1) * 6);
        table[i] = e / (e + 1);
    }
}

void w2v_exact_initial(float *w, int64_t n, int64_t dim)
{
    uint64_t random = 1;
    for (int64_t i = 0; i < n * dim; i++) {
        random = random * 25214903917u + 11;
        w[i] = (float)(((float)(random & 0xFFFF) / 65536.0f - 0.5) / (double)dim);
    }
}

void w2v_exact_keep(const int64_t *counts, int64_t n, int64_t train_words, float sample, float *keep)
{
    float expected = sample * (float)train_words;
    for (int64_t i = 0; i < n; i++)
        keep[i] = (float)((sqrt((float)counts[i] / expected) + 1) * expected / (double)counts[i]);
}

void w2v_exact_noise(const int64_t *counts, int64_t n, int32_t *last, int32_t *guide)
{
    const double slots = W2V_EXACT_NOISE;
    double total = 0, share = 0; /* share: of all words up to i */
    for (int64_t i = 0; i < n; i++)
        total += pow((double)counts[i], 0.75);
    int64_t end = -1;
    for (int64_t i = 0; i < n; i++) {
        share += pow((double)counts[i], 0.75) / total;
        /* The original proceeds to the next word after the first slot beyond the share of the words so far.
         * Every word has at least one slot, and the last word has all that are left. */
        int64_t slot = (int64_t)(share * slots) - 2;
        if (slot <= end)
            slot = end + 1;
        while (slot < W2V_EXACT_NOISE && !((double)slot / slots > share))
            slot++;
        end = slot < W2V_EXACT_NOISE - 1 && i < n - 1 ? slot : W2V_EXACT_NOISE - 1;
        last[i] = (int32_t)end;
    }
    int32_t word = 0;
    for (int64_t entry = 0; entry < W2V_EXACT_GUIDE_SIZE; entry++) {
        while (word < n - 1 && last[word] < entry * W2V_EXACT_GUIDE)
            word++;
        guide[entry] = word;
    }
}

int32_t w2v_exact_noise_word(const int32_t *last, const int32_t *guide, int32_t slot)
{
    int32_t low = guide[slot / W2V_EXACT_GUIDE], high = guide[slot / W2V_EXACT_GUIDE + 1];
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (last[middle] < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t w2v_exact_tree(const int64_t *counts, int64_t n, int32_t *parent, uint8_t *bit, int64_t *weight)
{
    if (n > W2V_EXACT_TREE_MAX_WORDS)
        return -1;
    for (int64_t i = 0; i < n; i++)
        weight[i] = counts[i];
    for (int64_t i = n; i <= 2 * n; i++)
        weight[i] = 1000000000000000;
    int64_t leaf = n - 1, inner = n;
    for (int64_t node = n; node < 2 * n - 1; node++) {
        int64_t child[2];
        for (int k = 0; k < 2; k++) {
            child[k] = leaf >= 0 && weight[leaf] < weight[inner] ? leaf-- : inner++;
            parent[child[k]] = (int32_t)node;
            bit[child[k]] = (uint8_t)k;
        }
        weight[node] = weight[child[0]] + weight[child[1]];
    }
    int64_t steps = 0;
    weight[2 * n - 2] = 0; /* from here on, weight holds depths */
    for (int64_t i = 2 * n - 3; i >= 0; i--) {
        weight[i] = weight[parent[i]] + 1;
        if (i < n)
            steps += weight[i];
    }
    return steps;
}

void w2v_exact_paths(int64_t n, const int32_t *parent, const uint8_t *bit, int64_t *path, int32_t *node,
                 uint8_t *code)
{
    path[0] = 0;
    for (int64_t word = 0; word < n; word++) {
        int64_t end = path[word];
        for (int64_t i = word; i != 2 * n - 2; i = parent[i])
            end++;
        path[word + 1] = end;
        for (int64_t i = word; i != 2 * n - 2; i = parent[i]) {
            node[--end] = parent[i] - (int32_t)n;
            code[end] = bit[i];
        }
    }
}

enum { SIDE = 8 }; /* centres whose products are computed side by side */

/* x[k] += row . centres[k], each summed in the order of its terms. */
static void products(const float *row, const float *centres, int32_t n, int64_t dim, float *x)
{
    if (n == SIDE) {
        float sum[SIDE] = {0};
        for (int64_t c = 0; c < dim; c++)
            for (int k = 0; k < SIDE; k++)
                sum[k] += centres[k * dim + c] * row[c];
        memcpy(x, sum, sizeof sum);
        return;
    }
    for (int32_t k = 0; k < n; k++)
        for (int64_t c = 0; c < dim; c++)
            x[k] += centres[k * dim + c] * row[c];
}

void w2v_exact_classes(const float *w, int64_t n, int64_t dim, int32_t number, float *centres,
                       int32_t *sizes, int32_t *classes)
{
    for (int64_t i = 0; i < n; i++)
        classes[i] = (int32_t)(i % number);
    for (int round = 0; round < 10; round++) {
        memset(centres, 0, (size_t)(number * dim) * sizeof *centres);
        for (int32_t k = 0; k < number; k++)
            sizes[k] = 1;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t c = 0; c < dim; c++)
                centres[classes[i] * dim + c] += w[i * dim + c];
            sizes[classes[i]]++;
        }
        for (int32_t k = 0; k < number; k++) {
            float length = 0;
            for (int64_t c = 0; c < dim; c++) {
                centres[k * dim + c] /= (float)sizes[k];
                length += centres[k * dim + c] * centres[k * dim + c];
            }
            length = (float)sqrt(length);
            for (int64_t c = 0; c < dim; c++)
                centres[k * dim + c] /= length;
        }
        for (int64_t i = 0; i < n; i++) {
            float best = -10;
            classes[i] = 0;
            for (int32_t k = 0; k < number; k += SIDE) {
                float x[SIDE] = {0};
                int32_t n_side = number - k < SIDE ? number - k : SIDE;
                products(w + i * dim, centres + k * dim, n_side, dim, x);
                for (int32_t s = 0; s < n_side; s++)
                    if (x[s] > best) {
                        best = x[s];
                        classes[i] = k + s;
                    }
            }
        }
    }
}
