/* The block step for every processor: vectors of 4 floats where the compiler has them (SSE2 on x86-64,
 * NEON on aarch64), else plain floats. */
#include "step.h"

#include <stdint.h>
#include <string.h>

static int runs_here(void)
{
    return 1;
}

#if defined(__GNUC__)
#define W2V_LANES 4
#else
#define W2V_LANES 1
#endif
#define W2V_TILE 6
#define W2V_HELD 6
#include "step_body.h"

const w2v_step_set w2v_step_generic = {
    "generic", W2V_LANES, runs_here, step, mean, scatter, compose, add, exp_row, merge,
};
