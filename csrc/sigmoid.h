/* The precomputed sigmoid of the pair kernel, and the sum of losses.
 *
 * The table holds sigmoid at the middle of W2V_SIGMOID_CELLS equal cells of (-6, 6); outside, the
 * value is 0 or 1 (D3: saturated, never skipped). Its error is at most 12 / CELLS / 2 / 4 = 0.0015
 * inside and 0.0025 outside. The table itself is the caller's. */
#ifndef W2V_SIGMOID_H
#define W2V_SIGMOID_H

#include <math.h>
#include <stdint.h>

#define W2V_SIGMOID_CELLS 1024
#define W2V_SIGMOID_REACH 6.0f
#define W2V_LOSS_LANES 16
#define W2V_LOSS_FACTORS 12
#define W2V_LOSS_FOLDS 256

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

/* A sum of -log p (D7). Probabilities are multiplied lane by lane; after 12 factors, each at least
 * sigmoid(-6), a lane is still a normal float32 and is folded: its power of 2 is counted, and a product in
 * [1, 2) stays. After many folds one log serves all. */
typedef struct {
    double sum;
    float product[W2V_LOSS_LANES];
    float beyond[W2V_LOSS_LANES]; /* what saturated pairs lose beyond -log sigmoid(-6) */
    int32_t power[W2V_LOSS_LANES]; /* of 2, taken out of each product */
    int factors; /* taken by each lane since the last fold */
    int folds;   /* since the last flush */
} w2v_loss;

void w2v_loss_clear(w2v_loss *loss);
void w2v_loss_fold(w2v_loss *loss);
void w2v_loss_flush(w2v_loss *loss);

/* Adds the loss of one pair, -log sigmoid(right): `right` is the score for label 1, its negative for
 * label 0; p is the table's sigmoid(right). Saturated, the loss is -right itself, or 0. */
static inline void w2v_loss_pair(w2v_loss *loss, float right, float p)
{
    if (right > -W2V_SIGMOID_REACH && right < W2V_SIGMOID_REACH) {
        loss->product[0] *= p;
        if (++loss->factors == W2V_LOSS_FACTORS)
            w2v_loss_fold(loss);
    } else if (!(right > 0.0f)) {
        loss->sum -= right;
    }
}

#endif
