/* A sum of log losses, -log p each (D7), that computes one logarithm for thousands of them.
 *
 * The probabilities are multiplied instead, into W2V_LOSS_LANES separate products. After
 * W2V_LOSS_FACTORS factors, each of them at least sigmoid(-6), a product is still a normal float32. It
 * is then normalized: its exponent moves to an integer, and a product in [1, 2) remains. After
 * W2V_LOSS_NORMALIZATIONS of these, products and exponents are reduced to the sum. */
#ifndef W2V_LOSS_H
#define W2V_LOSS_H

#include <stdint.h>

/* A pair saturates where |score| is larger (D3); csrc/tests/test_loss.c ties the two constants. */
#define W2V_SIGMOID_REACH 6.0f
#define W2V_SIGMOID_LEAST 2.4726232e-3f /* sigmoid(-W2V_SIGMOID_REACH) */

#define W2V_LOSS_LANES 16
#define W2V_LOSS_FACTORS 12
#define W2V_LOSS_NORMALIZATIONS 256

typedef struct {
    double sum;
    float product[W2V_LOSS_LANES];
    float excess[W2V_LOSS_LANES]; /* loss of saturated pairs above -log W2V_SIGMOID_LEAST */
    int32_t exponent[W2V_LOSS_LANES]; /* base 2, taken out of each product */
    int factors;        /* in each product since the last normalization */
    int normalizations; /* since the last reduction */
} w2v_loss;

void w2v_loss_clear(w2v_loss *loss);

/* Adds the products, exponents and excesses to `sum` and resets them. */
void w2v_loss_reduce(w2v_loss *loss);

/* Adds the loss of one pair, -log sigmoid(margin). The margin is the score for label 1 and its negative
 * for label 0; p is the table's sigmoid(margin). The loss of a saturated pair is -margin or 0. */
void w2v_loss_pair(w2v_loss *loss, float margin, float p);

#endif
