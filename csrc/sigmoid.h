/* The pair kernel's sigmoid, read from a table.
 *
 * The table holds the sigmoid at the centre of each of W2V_SIGMOID_CELLS equal cells of (-6, 6). Outside
 * that interval the value is 0 or 1: a saturated pair is never skipped (D3). The error is at most
 * (12 / W2V_SIGMOID_CELLS / 2) / 4 = 0.0015 inside and 0.0025 outside. The caller owns the table. */
#ifndef W2V_SIGMOID_H
#define W2V_SIGMOID_H

#include "loss.h"

#define W2V_SIGMOID_CELLS 1024

void w2v_sigmoid_fill(float *table /* (W2V_SIGMOID_CELLS) */);

/* A score that is not a number gives 0, so the index never leaves the table. */
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
