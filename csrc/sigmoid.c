/* Fills the pair kernel's sigmoid table. */
#include "sigmoid.h"

#include <math.h>

void w2v_sigmoid_fill(float *table)
{
    for (int i = 0; i < W2V_SIGMOID_CELLS; i++) {
        double centre = ((i + 0.5) / W2V_SIGMOID_CELLS * 2.0 - 1.0) * W2V_SIGMOID_REACH;
        table[i] = (float)(1.0 / (1.0 + exp(-centre)));
    }
}
