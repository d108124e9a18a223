/* The block step for AVX2 with FMA: vectors of 8 floats, 16 registers. */
#include "step.h"

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

static int runs_here(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define W2V_LANES 8
#define W2V_TILE 8
#define W2V_HELD 6
#include "step_body.h"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const w2v_step_set w2v_step_avx2 = {
    "avx2", W2V_LANES, runs_here, step, mean, scatter, compose, add, exp_row, merge,
};

#endif
