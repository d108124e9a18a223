/* The sum of log losses: normalizing the products and reducing them to one number. */
#include "loss.h"

#include <math.h>
#include <string.h>

void w2v_loss_clear(w2v_loss *loss)
{
    loss->sum = 0.0;
    loss->factors = loss->normalizations = 0;
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        loss->product[i] = 1.0f;
        loss->excess[i] = 0.0f;
        loss->exponent[i] = 0;
    }
}

static void normalize(w2v_loss *loss)
{
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        uint32_t bits;
        memcpy(&bits, loss->product + i, sizeof bits);
        loss->exponent[i] += (int32_t)(bits >> 23) - 127;
        bits = (bits & 0x7fffff) | 0x3f800000;
        memcpy(loss->product + i, &bits, sizeof bits);
    }
}

void w2v_loss_reduce(w2v_loss *loss)
{
    double product = 1.0, exponent = 0.0;
    normalize(loss);
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        product *= loss->product[i];
        exponent += loss->exponent[i];
        loss->sum += loss->excess[i];
    }
    double sum = loss->sum - log(product) - exponent * 0.69314718055994531;
    w2v_loss_clear(loss);
    loss->sum = sum;
}

void w2v_loss_pair(w2v_loss *loss, float margin, float p)
{
    if (margin > -W2V_SIGMOID_REACH && margin < W2V_SIGMOID_REACH) {
        loss->product[0] *= p;
        if (++loss->factors < W2V_LOSS_FACTORS)
            return;
        normalize(loss);
        loss->factors = 0;
        if (++loss->normalizations >= W2V_LOSS_NORMALIZATIONS)
            w2v_loss_reduce(loss);
    } else if (!(margin > 0.0f)) { /* also where the margin is not a number */
        loss->sum -= margin;
    }
}
