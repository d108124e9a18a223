/* Vectors of W2V_LANES floats: loads and stores, minimum and maximum, exponential, sums of lanes.
 * A part of the template step_body.h, whose includer defines W2V_LANES. */

#if defined(__GNUC__)
#define W2V_INLINE static inline __attribute__((always_inline))
#define W2V_NOINLINE __attribute__((noinline))
#define W2V_UNROLL _Pragma("GCC unroll 32")
#else
#define W2V_INLINE static __inline
#define W2V_NOINLINE
#define W2V_UNROLL
#endif

#if W2V_LANES > 1
typedef float v_float __attribute__((vector_size(4 * W2V_LANES)));
typedef int32_t v_int __attribute__((vector_size(4 * W2V_LANES)));
typedef uint32_t v_uint __attribute__((vector_size(4 * W2V_LANES)));
#else
typedef float v_float;
typedef int32_t v_int;
typedef uint32_t v_uint;
#endif

/* The lanes of a and b at the given indexes, those of b counted from W2V_LANES on. */
#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define W2V_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#elif defined(__GNUC__)
#define W2V_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (v_int){__VA_ARGS__})
#endif

/* W2V_IN_REGISTER keeps a value in a register that the compiler would otherwise load from memory for each of
 * its uses. W2V_ADDRESS makes it compute an address once; it would otherwise keep the offset of every vector of
 * a row in a register, and run out of registers. */
#if defined(__GNUC__) && defined(__x86_64__)
#define W2V_IN_REGISTER(x) __asm__("" : "+v"(x))
#define W2V_ADDRESS(p) __asm__("" : "+r"(p))
#else
#define W2V_IN_REGISTER(x) (void)0
#define W2V_ADDRESS(p) (void)0
#endif

/* The address may have any alignment. */
W2V_INLINE v_float v_load(const float *p)
{
    v_float v;
    memcpy(&v, p, sizeof v);
    return v;
}

W2V_INLINE void v_store(float *p, v_float v)
{
    memcpy(p, &v, sizeof v);
}

/* x in every lane. The compiler emits a single broadcast, since x - 0 equals x for every x; it would have
 * to emit an addition for 0 + x, which turns -0 into 0. */
W2V_INLINE v_float v_splat(float x)
{
    return x - (v_float){0};
}

/* The bits of each lane as an integer, and back. */
W2V_INLINE v_int v_bits(v_float x)
{
    v_int bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

W2V_INLINE v_float v_from_bits(v_int bits)
{
    v_float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* a in the lanes where a comparison was true, b in the others. */
W2V_INLINE v_float v_select(v_int comparison, v_float a, v_float b)
{
#if W2V_LANES > 1
    return v_from_bits((v_bits(a) & comparison) | (v_bits(b) & ~comparison));
#else
    return comparison ? a : b;
#endif
}

/* The larger and the smaller of a and b; b where either is not a number. x86 has one instruction for
 * each, but compilers turn v_select into two, on a dependency chain that limits the speed. */
W2V_INLINE v_float v_max(v_float a, v_float b)
{
#if W2V_LANES == 16
    return (v_float)_mm512_max_ps((__m512)a, (__m512)b);
#elif W2V_LANES == 8
    return (v_float)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return v_select(a > b, a, b);
#endif
}

W2V_INLINE v_float v_min(v_float a, v_float b)
{
#if W2V_LANES == 16
    return (v_float)_mm512_min_ps((__m512)a, (__m512)b);
#elif W2V_LANES == 8
    return (v_float)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return v_select(a < b, a, b);
#endif
}

/* exp(x) for x clamped to [-87, 87], where a NaN counts as -87; relative error below 2.2e-7.
 *
 * x = k ln 2 + r with an integer k and |r| <= ln 2 / 2, and exp(x) = 2^k exp(r). Adding 1.5 * 2^23 rounds
 * x / ln 2 to k, which then is in the lowest bits of the sum. ln 2 is subtracted in two parts, since k
 * times the first is exact. exp(r) is the polynomial 1 + r + r^2 (c2 + c3 r + c4 r^2 + c5 r^3) with the
 * smallest relative error, 1.1e-7; it is evaluated in independent halves, which shortens the chain. */
W2V_INLINE v_float v_exp(v_float x)
{
    x = v_min(v_max(x, v_splat(-87.0f)), v_splat(87.0f));
    v_float shifted = x * 1.44269504f + 12582912.0f;
    v_float k = shifted - 12582912.0f;
    v_float r = x - k * 0.693359375f + k * 2.12194440e-4f;
    v_float r2 = r * r;
    v_float p = (r * 0.16667116f + 0.49999231f) + (r * 8.3125010e-3f + 0.04189033f) * r2;
    p = p * r2 + (r + 1.0f);
    return v_from_bits(v_bits(p) + (v_int)((v_uint)v_bits(shifted) << 23));
}

/* add_neighbours adds lanes 2i and 2i + 1: within each group of four lanes, the sums of x come first, then
 * those of y. add_groups adds neighbouring groups of four in the same way. */
#if W2V_LANES == 16
W2V_INLINE v_float add_neighbours(v_float x, v_float y)
{
    return W2V_SHUFFLE(x, y, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +
           W2V_SHUFFLE(x, y, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31);
}

W2V_INLINE v_float add_groups(v_float x, v_float y)
{
    return W2V_SHUFFLE(x, y, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
           W2V_SHUFFLE(x, y, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}
#elif W2V_LANES == 8
W2V_INLINE v_float add_neighbours(v_float x, v_float y)
{
    return W2V_SHUFFLE(x, y, 0, 2, 8, 10, 4, 6, 12, 14) +
           W2V_SHUFFLE(x, y, 1, 3, 9, 11, 5, 7, 13, 15);
}

W2V_INLINE v_float add_groups(v_float x, v_float y)
{
    return W2V_SHUFFLE(x, y, 0, 1, 2, 3, 8, 9, 10, 11) +
           W2V_SHUFFLE(x, y, 4, 5, 6, 7, 12, 13, 14, 15);
}
#elif W2V_LANES == 4
W2V_INLINE v_float add_neighbours(v_float x, v_float y)
{
    return W2V_SHUFFLE(x, y, 0, 2, 4, 6) + W2V_SHUFFLE(x, y, 1, 3, 5, 7);
}
#endif

#if W2V_LANES >= 4
/* Lane i of each group of four: the sum of that group of a[i]. */
W2V_INLINE v_float sum_of_four(const v_float *a)
{
    return add_neighbours(add_neighbours(a[0], a[1]), add_neighbours(a[2], a[3]));
}
#endif

/* Lane i: the sum of all lanes of a[i], i < W2V_LANES. */
W2V_INLINE v_float v_sums(const v_float *a)
{
#if W2V_LANES == 16
    return add_groups(add_groups(sum_of_four(a), sum_of_four(a + 4)),
                      add_groups(sum_of_four(a + 8), sum_of_four(a + 12)));
#elif W2V_LANES == 8
    return add_groups(sum_of_four(a), sum_of_four(a + 4));
#elif W2V_LANES == 4
    return sum_of_four(a);
#else
    return a[0];
#endif
}

/* The same for W2V_ROW vectors only; the lanes above W2V_ROW, if any, are 0. */
W2V_INLINE v_float v_row_sums(const v_float *a)
{
#if W2V_LANES > W2V_ROW
    return add_groups(add_groups(sum_of_four(a), sum_of_four(a + 4)), v_splat(0.0f));
#else
    return v_sums(a);
#endif
}
