/* The one merge of replicas. */
#include "merge.h"

enum { LANES = 16 };

static double total(const float *sums)
{
    double sum = 0.0;
    for (int k = 0; k < LANES; k++)
        sum += sums[k];
    return sum;
}

void w2v_merge_row(const float *base, float *mine, const float *other, int dim)
{
    /* Sixteen sums side by side: the compiler may not reorder one. */
    float aa[LANES] = {0}, ab[LANES] = {0}, bb[LANES] = {0};
    for (int c = 0; c < dim; c += LANES)
        for (int k = 0; k < LANES; k++) {
            float a = mine[c + k] - base[c + k], b = other[c + k] - base[c + k];
            aa[k] += a * a;
            ab[k] += a * b;
            bb[k] += b * b;
        }
    double a2 = total(aa), b2 = total(bb), dot = total(ab);
    float wa = a2 > 0.0 ? (float)(1.0 - dot / (2.0 * a2)) : 1.0f;
    float wb = b2 > 0.0 ? (float)(1.0 - dot / (2.0 * b2)) : 1.0f;
    for (int i = 0; i < dim; i++)
        mine[i] = base[i] + wa * (mine[i] - base[i]) + wb * (other[i] - base[i]);
}
