/* The precomputed sigmoid of the pair kernel.
 *
 * The table holds sigmoid at the middle of W2V_SIGMOID_CELLS equal cells of (-6, 6); outside, the
 * value is 0 or 1 (D3: saturated, never skipped). Its error is at most 12 / CELLS / 2 / 4 = 0.0015
 * inside and 0.0025 outside. The table itself is the caller's. */
#ifndef W2V_SIGMOID_H
#define W2V_SIGMOID_H

#include "loss.h"

#define W2V_SIGMOID_CELLS 1024

void w2v_sigmoid_fill(float *table /* (W2V_SIGMOID_CELLS) */);

/* Not a number gives 0: the index never leaves the table. */
static inline float w2v_sigmoid(const float *table, float score)
{
    if (score > -W2V_SIGMOID_REACH && score < W2V_SIGMOID_REACH) {
        int cell = (int)((score + W2V_SIGMOID_REACH) *
                         (W2V_SIGMOID_CELLS / (2.0f * W2V_SIGMOID_REACH)));
        return table[cell < W2V_SIGMOID_CELLS ? cell : W2V_SIGMOID_CELLS - 1];
    }
    return score > 0.0f ? 1.0f : 0.0f;
}

#endif
