/* The sigmoid table and the logs of the loss. */
#include "sigmoid.h"

void w2v_sigmoid_fill(float *table)
{
    for (int i = 0; i < W2V_SIGMOID_CELLS; i++) {
        double middle = ((i + 0.5) / W2V_SIGMOID_CELLS * 2.0 - 1.0) * W2V_SIGMOID_REACH;
        table[i] = (float)(1.0 / (1.0 + exp(-middle)));
    }
}

void w2v_loss_clear(w2v_loss *loss)
{
    loss->sum = 0.0;
    loss->factors = 0;
    for (int i = 0; i < W2V_LOSS_LANES; i++) {
        loss->product[i] = 1.0f;
        loss->beyond[i] = 0.0f;
    }
}

/* Eight lanes of twelve factors >= sigmoid(-6) are at least 1e-250: a double holds their product, so
 * that two logs serve 192 sigmoids. */
void w2v_loss_flush(w2v_loss *loss)
{
    for (int half = 0; half < W2V_LOSS_LANES; half += 8) {
        double product = 1.0;
        for (int i = half; i < half + 8; i++) {
            product *= loss->product[i];
            loss->sum += loss->beyond[i];
            loss->product[i] = 1.0f;
            loss->beyond[i] = 0.0f;
        }
        loss->sum -= log(product);
    }
    loss->factors = 0;
}
