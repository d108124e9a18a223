/* How the block step lays out its errors, and how much scratch memory that takes.
 *
 * Targets are processed in tiles. The largest tile of an instruction set has W2V_LEAST_TILE to W2V_ROW
 * targets. The errors of a tile are a matrix with one row of W2V_ROW floats per input, whatever the
 * tile's size. */
#ifndef W2V_STEP_LAYOUT_H
#define W2V_STEP_LAYOUT_H

#include <stddef.h>
#include "step.h"

#define W2V_ROW 8
#define W2V_LEAST_TILE 6

_Static_assert(W2V_LEAST_TILE <= W2V_ROW, "a row has an element for every target of a tile");
_Static_assert(W2V_ROW <= W2V_PAD, "a row of signs may be read from the last target on");

/* Floats for the errors of one tile. The last input's row may be written as a whole vector, which is up
 * to two rows long. */
static inline ptrdiff_t w2v_tile_errors(int n)
{
    return (ptrdiff_t)(n + 2) * W2V_ROW;
}

/* Floats for the errors of all tiles, rounded up so that the memory after them is aligned. */
static inline ptrdiff_t w2v_step_errors(int n, int m)
{
    ptrdiff_t floats = (m / W2V_LEAST_TILE + 1) * w2v_tile_errors(n);
    return (floats + W2V_PAD - 1) / W2V_PAD * W2V_PAD;
}

#endif
