/* What the texts of one instruction set compute with: vectors of W2V_LANES floats, their exponential and
 * their sums. No guard, and the names stay defined: step_body.h includes it and forgets them again. */

#define vf W2V_NAME(vf)
#define vi W2V_NAME(vi)
#define vu W2V_NAME(vu)
#define load W2V_NAME(load)
#define store W2V_NAME(store)
#define bits W2V_NAME(bits)
#define floats W2V_NAME(floats)
#define select W2V_NAME(select)
#define higher W2V_NAME(higher)
#define lower W2V_NAME(lower)
#define splat W2V_NAME(splat)
#define vexp W2V_NAME(vexp)
#define reduce W2V_NAME(reduce)
#define reduce_row W2V_NAME(reduce_row)

#if W2V_LANES > 1
typedef float vf __attribute__((vector_size(4 * W2V_LANES)));
typedef int32_t vi __attribute__((vector_size(4 * W2V_LANES)));
typedef uint32_t vu __attribute__((vector_size(4 * W2V_LANES)));
#else
typedef float vf;
typedef int32_t vi;
typedef uint32_t vu;
#endif

W2V_INLINE vf load(const float *p)
{
    vf v;
    memcpy(&v, p, sizeof v);
    return v;
}

W2V_INLINE void store(float *p, vf v)
{
    memcpy(p, &v, sizeof v);
}

/* x in every lane. x - 0 is x for every x, so this is a broadcast; 0 + x would be an addition. */
W2V_INLINE vf splat(float x)
{
    return x - (vf){0};
}

/* A vector's bits as whole numbers, and back. */
W2V_INLINE vi bits(vf x)
{
    vi b;
    memcpy(&b, &x, sizeof b);
    return b;
}

W2V_INLINE vf floats(vi b)
{
    vf x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* a where the comparison held, b elsewhere. */
W2V_INLINE vf select(vi held, vf a, vf b)
{
#if W2V_LANES > 1
    return floats((bits(a) & held) | (bits(b) & ~held));
#else
    return held ? a : b;
#endif
}

/* The higher, and the lower, of both; b where one is not a number. One instruction has to be asked for by
 * name: of a select the compiler makes two, in a chain that all waits for. */
W2V_INLINE vf higher(vf a, vf b)
{
#if W2V_LANES == 16
    return (vf)_mm512_max_ps((__m512)a, (__m512)b);
#elif W2V_LANES == 8
    return (vf)_mm256_max_ps((__m256)a, (__m256)b);
#else
    return select(a > b, a, b);
#endif
}

W2V_INLINE vf lower(vf a, vf b)
{
#if W2V_LANES == 16
    return (vf)_mm512_min_ps((__m512)a, (__m512)b);
#elif W2V_LANES == 8
    return (vf)_mm256_min_ps((__m256)a, (__m256)b);
#else
    return select(a < b, a, b);
#endif
}

/* exp(x) for x clamped to [-87, 87] (not a number is -87); relative error below 2.2e-7. x = k ln 2 + r,
 * |r| <= ln 2 / 2; exp(r) by the polynomial 1 + r + r^2 (c2 + ... + c5 r^3) of least relative error, 1.1e-7,
 * in few steps that wait for each other; scaled by 2^k. Adding 1.5 * 2^23 rounds to the whole k, which is
 * then in the low bits of the sum. */
W2V_INLINE vf vexp(vf x)
{
    x = lower(higher(x, splat(-87.0f)), splat(87.0f));
    vf shifted = x * 1.44269504f + 12582912.0f;
    vf k = shifted - 12582912.0f;
    vf r = x - k * 0.693359375f + k * 2.12194440e-4f;
    vf r2 = r * r;
    vf p = (r * 0.16667116f + 0.49999231f) + (r * 8.3125010e-3f + 0.04189033f) * r2;
    p = p * r2 + (r + 1.0f);
    return floats(bits(p) + (vi)((vu)bits(shifted) << 23));
}

/* The sums of W2V_LANES vectors as one vector: neighbouring lanes are added and interleaved, first
 * within groups of four, then the groups. */
W2V_INLINE vf reduce(const vf *a)
{
#if W2V_LANES == 16
#define IN_FOURS(x, y)                                                                       \
    (W2V_SHUFFLE(x, y, 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30) +         \
     W2V_SHUFFLE(x, y, 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31))
#define ACROSS(x, y)                                                                         \
    (W2V_SHUFFLE(x, y, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +          \
     W2V_SHUFFLE(x, y, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31))
#define FOUR(i) IN_FOURS(IN_FOURS(a[i], a[i + 1]), IN_FOURS(a[i + 2], a[i + 3]))
    vf q0 = FOUR(0), q1 = FOUR(4), q2 = FOUR(8), q3 = FOUR(12);
    vf lower = ACROSS(q0, q1), upper = ACROSS(q2, q3);
    return ACROSS(lower, upper);
#elif W2V_LANES == 8
#define IN_FOURS(x, y)                                       \
    (W2V_SHUFFLE(x, y, 0, 2, 8, 10, 4, 6, 12, 14) +          \
     W2V_SHUFFLE(x, y, 1, 3, 9, 11, 5, 7, 13, 15))
#define ACROSS(x, y)                                         \
    (W2V_SHUFFLE(x, y, 0, 1, 2, 3, 8, 9, 10, 11) +           \
     W2V_SHUFFLE(x, y, 4, 5, 6, 7, 12, 13, 14, 15))
#define FOUR(i) IN_FOURS(IN_FOURS(a[i], a[i + 1]), IN_FOURS(a[i + 2], a[i + 3]))
    vf q0 = FOUR(0), q1 = FOUR(4);
    return ACROSS(q0, q1);
#elif W2V_LANES == 4
#define IN_FOURS(x, y) (W2V_SHUFFLE(x, y, 0, 2, 4, 6) + W2V_SHUFFLE(x, y, 1, 3, 5, 7))
#define ACROSS(x, y)
#define FOUR(i) IN_FOURS(IN_FOURS(a[i], a[i + 1]), IN_FOURS(a[i + 2], a[i + 3]))
    return FOUR(0);
#else
#define IN_FOURS(x, y)
#define ACROSS(x, y)
#define FOUR(i)
    return a[0];
#endif
}

/* The sums of W2V_ROW vectors and zeros behind them; or of W2V_LANES where these are fewer. */
W2V_INLINE vf reduce_row(const vf *a)
{
#if W2V_LANES > W2V_ROW
    vf q0 = FOUR(0), q1 = FOUR(4);
    vf lower = ACROSS(q0, q1), none = {0};
    return ACROSS(lower, none);
#else
    return reduce(a);
#endif
}
#undef IN_FOURS
#undef ACROSS
#undef FOUR
