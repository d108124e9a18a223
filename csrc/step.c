/* The block step's instruction sets: step_body.h once for each, and the table to choose from. */
#include "step.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

#if defined(__GNUC__) || defined(__clang__)
#define W2V_INLINE static inline __attribute__((always_inline))
#define W2V_UNROLL _Pragma("GCC unroll 32")
#else
#define W2V_INLINE static __inline
#define W2V_UNROLL
#endif

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define W2V_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#elif defined(__GNUC__)
#define W2V_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (W2V_NAME(vi)){__VA_ARGS__})
#endif

#define W2V_MAX_TILE 8
#define W2V_LEAST_TILE 6
#define W2V_ROW 8

enum { INPUTS = 1, TARGETS = 2, BOTH = 3, IN_PLACE = 4 };

/* The lanes of two rows that have no target when M are in use; and a second row without an input. Far
 * enough for no error and no loss, and near enough for both together to give normal numbers: others cost
 * some processors a hundred steps each. */
#define NO -30.0f
#define ROW(a, b, c, d, e, f, g, h) {a, b, c, d, e, f, g, h, a, b, c, d, e, f, g, h}
static const float unused[W2V_MAX_TILE + 1][2 * W2V_ROW] = {
    ROW(NO, NO, NO, NO, NO, NO, NO, NO), ROW(0, NO, NO, NO, NO, NO, NO, NO),
    ROW(0, 0, NO, NO, NO, NO, NO, NO),   ROW(0, 0, 0, NO, NO, NO, NO, NO),
    ROW(0, 0, 0, 0, NO, NO, NO, NO),     ROW(0, 0, 0, 0, 0, NO, NO, NO),
    ROW(0, 0, 0, 0, 0, 0, NO, NO),       ROW(0, 0, 0, 0, 0, 0, 0, NO),
    ROW(0, 0, 0, 0, 0, 0, 0, 0),
};
#if defined(__x86_64__) && defined(__GNUC__)
static const float second[2 * W2V_ROW] = {0, 0, 0, 0, 0, 0, 0, 0, NO, NO, NO, NO, NO, NO, NO, NO};
#endif
#undef ROW
#undef NO

/* Rows may be updated before all have been read only where none is named twice. */
static int distinct(int n, float *const *rows)
{
    for (int i = 1; i < n; i++)
        for (int k = 0; k < i; k++)
            if (rows[i] == rows[k])
                return 0;
    return 1;
}

/* Keeps a value that is used twice from being loaded twice. */
#if defined(__GNUC__) && defined(__x86_64__)
#define W2V_IN_REGISTER(x) __asm__("" : "+v"(x))
#else
#define W2V_IN_REGISTER(x) (void)0
#endif

/* One tile's errors: a row for each input, and the last vector's overshoot. */
static ptrdiff_t tile_room(int n)
{
    return (ptrdiff_t)(n + 2) * W2V_ROW;
}

static ptrdiff_t room(int n, int m)
{
    return ((m / W2V_LEAST_TILE + 1) * tile_room(n) + W2V_PAD - 1) / W2V_PAD * W2V_PAD;
}

size_t w2v_step_scratch(int n, int m, int dim)
{
    return (size_t)(room(n, m) + (ptrdiff_t)n * dim);
}

#if defined(__x86_64__) && defined(__GNUC__)

#if defined(__clang__)
#define W2V_PRAGMA(x) _Pragma(#x) /* takes one literal alone, where strings would be too long */
#define W2V_PUSH_AVX2 \
    W2V_PRAGMA(clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function))
#define W2V_PUSH_AVX512                                                                             \
    W2V_PRAGMA(clang attribute push(                                                                \
        __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function))
#define W2V_POP _Pragma("clang attribute pop")
#else
#define W2V_PUSH_AVX2 _Pragma("GCC push_options") _Pragma("GCC target(\"avx2,fma\")")
#define W2V_PUSH_AVX512     \
    _Pragma("GCC push_options") \
        _Pragma("GCC target(\"avx512f,avx512bw,avx512dq,avx512vl,avx2,fma\")")
#define W2V_POP _Pragma("GCC pop_options")
#endif

W2V_PUSH_AVX512
#define W2V_NAME(x) x##_avx512
#define W2V_LANES 16
#define W2V_TILE 8
#include "step_body.h"
#undef W2V_NAME
#undef W2V_LANES
#undef W2V_TILE
W2V_POP

W2V_PUSH_AVX2
#define W2V_NAME(x) x##_avx2
#define W2V_LANES 8
#define W2V_TILE 6
#include "step_body.h"
#undef W2V_NAME
#undef W2V_LANES
#undef W2V_TILE
W2V_POP

static int runs_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
}

static int runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#endif

#define W2V_NAME(x) x##_generic
#if defined(__GNUC__)
#define W2V_LANES 4
#else
#define W2V_LANES 1
#endif
#define W2V_TILE 6
#include "step_body.h"

static int runs_everywhere(void)
{
    return 1;
}

const w2v_step_set w2v_step_sets[] = {
#if defined(__x86_64__) && defined(__GNUC__)
    {"avx512", runs_avx512, step_avx512, mean_avx512, scatter_avx512,
     exp_row_avx512, merge_avx512},
    {"avx2", runs_avx2, step_avx2, mean_avx2, scatter_avx2,
     exp_row_avx2, merge_avx2},
#endif
    {"generic", runs_everywhere, step_generic, mean_generic, scatter_generic,
     exp_row_generic, merge_generic},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
};
