/* Builds the alias table by Vose's algorithm: each slot below the mean is filled up from one above. */
#include "alias.h"

#include <math.h>

static uint32_t threshold_of(double p)
{
    double t = p * 4294967296.0;
    return t >= 4294967295.0 ? UINT32_MAX : (uint32_t)t;
}

int w2v_alias_build(w2v_slot *slots, const double *weights, int32_t n, double *work, int32_t *order)
{
    double sum = 0.0;
    int32_t small = 0, large = n; /* order[0..small) are below the mean, order[large..n) are not */
    for (int32_t i = 0; i < n; i++) {
        if (!(weights[i] >= 0.0) || !isfinite(weights[i]))
            return -1;
        sum += weights[i];
    }
    if (!(sum > 0.0) || !isfinite(sum))
        return -1;
    for (int32_t i = 0; i < n; i++) {
        work[i] = weights[i] / sum * n;
        if (work[i] < 1.0)
            order[small++] = i;
        else
            order[--large] = i;
    }
    while (small > 0 && large < n) {
        int32_t s = order[--small], l = order[large];
        slots[s].threshold = threshold_of(work[s]);
        slots[s].alias = l;
        work[l] -= 1.0 - work[s];
        if (work[l] < 1.0) {
            large++;
            order[small++] = l;
        }
    }
    /* The slots that are left are full up to rounding errors: each is its own alias. */
    while (small > 0) {
        int32_t s = order[--small];
        slots[s].threshold = UINT32_MAX;
        slots[s].alias = s;
    }
    for (; large < n; large++) {
        int32_t l = order[large];
        slots[l].threshold = UINT32_MAX;
        slots[l].alias = l;
    }
    return 0;
}
