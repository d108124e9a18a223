/* The logs of the loss: one for many factors. */
#include "loss.h"

#include <math.h>
#include <string.h>

void w2v_loss_clear(w2v_loss *loss)
{
    loss->sum = 0.0;
    loss->factors = loss->folds = 0;
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        loss->product[i] = 1.0f;
        loss->beyond[i] = 0.0f;
        loss->power[i] = 0;
    }
}

static void take_powers(w2v_loss *loss)
{
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        uint32_t bits;
        memcpy(&bits, loss->product + i, sizeof bits);
        loss->power[i] += (int32_t)(bits >> 23) - 127;
        bits = (bits & 0x7fffff) | 0x3f800000;
        memcpy(loss->product + i, &bits, sizeof bits);
    }
}

void w2v_loss_flush(w2v_loss *loss)
{
    double product = 1.0, powers = 0.0;
    take_powers(loss);
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        product *= loss->product[i];
        powers += loss->power[i];
        loss->sum += loss->beyond[i];
    }
    double sum = loss->sum - log(product) - powers * 0.69314718055994531;
    w2v_loss_clear(loss);
    loss->sum = sum;
}

static void fold(w2v_loss *loss)
{
    take_powers(loss);
    loss->factors = 0;
    if (++loss->folds >= W2V_LOSS_FOLDS)
        w2v_loss_flush(loss);
}

void w2v_loss_pair(w2v_loss *loss, float right, float p)
{
    if (right > -W2V_SIGMOID_REACH && right < W2V_SIGMOID_REACH) {
        loss->product[0] *= p;
        if (++loss->factors == W2V_LOSS_FACTORS)
            fold(loss);
    } else if (!(right > 0.0f)) {
        loss->sum -= right;
    }
}
