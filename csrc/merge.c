/* The one merge of replicas. */
#include "merge.h"

#include <string.h>

enum { LANES = 16 };

static double total(const float *sums)
{
    double sum = 0.0;
    for (int k = 0; k < LANES; k++)
        sum += sums[k];
    return sum;
}

void w2v_merge_row(float *shared, float *mine, float *base, float *seen, int dim)
{
    /* Read once: another worker may write the row meanwhile, and a weight made for a small change
     * would throw a large one anywhere. */
    memcpy(seen, shared, (size_t)dim * sizeof *seen);

    /* Sixteen sums side by side: the compiler may not reorder one. */
    float aa[LANES] = {0}, ab[LANES] = {0}, bb[LANES] = {0};
    for (int c = 0; c < dim; c += LANES)
        for (int k = 0; k < LANES; k++) {
            float a = mine[c + k] - base[c + k], b = seen[c + k] - base[c + k];
            aa[k] += a * a;
            ab[k] += a * b;
            bb[k] += b * b;
        }
    double a2 = total(aa), b2 = total(bb), dot = total(ab);
    float wa = a2 > 0.0 ? (float)(1.0 - dot / (2.0 * a2)) : 1.0f;
    float wb = b2 > 0.0 ? (float)(1.0 - dot / (2.0 * b2)) : 1.0f;
    for (int i = 0; i < dim; i++) {
        float merged = base[i] + wa * (mine[i] - base[i]) + wb * (seen[i] - base[i]);
        shared[i] = mine[i] = base[i] = merged;
    }
}
