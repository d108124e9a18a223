/* The original's tables: sigmoid, first weights, subsampling, noise, Huffman tree, k-means. */
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

void w2v_exact_begin(float *w, int64_t n, int64_t dim)
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

void w2v_exact_noise(const int64_t *counts, int64_t n, int32_t *ends, int32_t *guide)
{
    const double slots = W2V_EXACT_NOISE;
    double total = 0, reach = 0;
    for (int64_t i = 0; i < n; i++)
        total += pow((double)counts[i], 0.75);
    int64_t end = -1;
    for (int64_t i = 0; i < n; i++) {
        reach += pow((double)counts[i], 0.75) / total;
        /* The original goes on to the next word after the first slot beyond the word's reach; a word has
         * one slot at least, and the last word all that are left. */
        int64_t slot = (int64_t)(reach * slots) - 2;
        if (slot <= end)
            slot = end + 1;
        while (slot < W2V_EXACT_NOISE && !((double)slot / slots > reach))
            slot++;
        end = slot < W2V_EXACT_NOISE - 1 && i < n - 1 ? slot : W2V_EXACT_NOISE - 1;
        ends[i] = (int32_t)end;
    }
    int32_t word = 0;
    for (int64_t entry = 0; entry < W2V_EXACT_NOISE / W2V_EXACT_GUIDE + 2; entry++) {
        while (word < n - 1 && ends[word] < entry * W2V_EXACT_GUIDE)
            word++;
        guide[entry] = word;
    }
}

int32_t w2v_exact_noise_word(const int32_t *ends, const int32_t *guide, int32_t slot)
{
    int32_t low = guide[slot / W2V_EXACT_GUIDE], high = guide[slot / W2V_EXACT_GUIDE + 1];
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (ends[middle] < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t w2v_exact_tree(const int64_t *counts, int64_t n, int32_t *parent, uint8_t *bit, int64_t *weight)
{
    for (int64_t i = 0; i < n; i++)
        weight[i] = counts[i];
    for (int64_t i = n; i <= 2 * n; i++)
        weight[i] = 1000000000000000;
    int64_t leaf = n - 1, inner = n;
    for (int64_t made = n; made < 2 * n - 1; made++) {
        int64_t child[2];
        for (int k = 0; k < 2; k++) {
            child[k] = leaf >= 0 && weight[leaf] < weight[inner] ? leaf-- : inner++;
            parent[child[k]] = (int32_t)made;
            bit[child[k]] = (uint8_t)k;
        }
        weight[made] = weight[child[0]] + weight[child[1]];
    }
    int64_t steps = 0;
    weight[2 * n - 2] = 0; /* from here on, depths */
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

enum { SIDE = 8 };

/* x[k] = cent[k] · row, each in the order of its terms, side by side. */
static void products(const float *row, const float *cent, int32_t n, int64_t dim, float *x)
{
    if (n == SIDE) {
        float sum[SIDE] = {0};
        for (int64_t c = 0; c < dim; c++)
            for (int k = 0; k < SIDE; k++)
                sum[k] += cent[k * dim + c] * row[c];
        memcpy(x, sum, sizeof sum);
        return;
    }
    for (int32_t k = 0; k < n; k++)
        for (int64_t c = 0; c < dim; c++)
            x[k] += cent[k * dim + c] * row[c];
}

void w2v_exact_classes(const float *w, int64_t n, int64_t dim, int32_t classes, float *cent, int32_t *number,
                   int32_t *cl)
{
    for (int64_t i = 0; i < n; i++)
        cl[i] = (int32_t)(i % classes);
    for (int round = 0; round < 10; round++) {
        memset(cent, 0, (size_t)(classes * dim) * sizeof *cent);
        for (int32_t k = 0; k < classes; k++)
            number[k] = 1;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t c = 0; c < dim; c++)
                cent[cl[i] * dim + c] += w[i * dim + c];
            number[cl[i]]++;
        }
        for (int32_t k = 0; k < classes; k++) {
            float length = 0;
            for (int64_t c = 0; c < dim; c++) {
                cent[k * dim + c] /= (float)number[k];
                length += cent[k * dim + c] * cent[k * dim + c];
            }
            length = (float)sqrt(length);
            for (int64_t c = 0; c < dim; c++)
                cent[k * dim + c] /= length;
        }
        for (int64_t i = 0; i < n; i++) {
            float best = -10;
            cl[i] = 0;
            for (int32_t k = 0; k < classes; k += SIDE) {
                float x[SIDE] = {0};
                int32_t n_side = classes - k < SIDE ? classes - k : SIDE;
                products(w + i * dim, cent + k * dim, n_side, dim, x);
                for (int32_t s = 0; s < n_side; s++)
                    if (x[s] > best) {
                        best = x[s];
                        cl[i] = k + s;
                    }
            }
        }
    }
}
