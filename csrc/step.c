/* The table of instruction sets, and the size of the block step's scratch memory. */
#include "step.h"
#include "step_layout.h"

const w2v_step_set *const w2v_step_sets[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    &w2v_step_avx512,
    &w2v_step_avx2,
#endif
    &w2v_step_generic,
    NULL,
};

size_t w2v_step_scratch(int n, int m, int dim)
{
    return (size_t)(w2v_step_errors(n, m) + (ptrdiff_t)n * dim);
}
