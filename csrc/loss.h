/* The sum of a training's losses, -log p each (D7), without a log for each. */
#ifndef W2V_LOSS_H
#define W2V_LOSS_H

#include <stdint.h>

#define W2V_SIGMOID_REACH 6.0f /* beyond it a pair is saturated (D3) */
#define W2V_LOSS_LANES 16
#define W2V_LOSS_FACTORS 12
#define W2V_LOSS_FOLDS 256

/* Probabilities are multiplied lane by lane; after 12 factors, each at least sigmoid(-6), a lane is still a
 * normal float32 and is folded: its power of 2 is counted, and a product in [1, 2) stays. After many folds
 * one log serves all. */
typedef struct {
    double sum;
    float product[W2V_LOSS_LANES];
    float beyond[W2V_LOSS_LANES]; /* what saturated pairs lose beyond -log sigmoid(-6) */
    int32_t power[W2V_LOSS_LANES]; /* of 2, taken out of each product */
    int factors; /* taken by each lane since the last fold */
    int folds;   /* since the last flush */
} w2v_loss;

void w2v_loss_clear(w2v_loss *loss);
void w2v_loss_flush(w2v_loss *loss);

/* Adds the loss of one pair, -log sigmoid(right): `right` is the score for label 1, its negative for
 * label 0; p is the table's sigmoid(right). Saturated, the loss is -right itself, or 0. */
void w2v_loss_pair(w2v_loss *loss, float right, float p);

#endif
