/* What the texts of one instruction set compute with: vectors of W2V_LANES floats, their exponential and
 * their sums. No guard, and the names stay defined: step_body.h includes it and forgets them again. */

#define vf W2V_NAME(vf)
#define vi W2V_NAME(vi)
#define load W2V_NAME(load)
#define store W2V_NAME(store)
#define select W2V_NAME(select)
#define splat W2V_NAME(splat)
#define vexp W2V_NAME(vexp)
#define reduce W2V_NAME(reduce)
#define reduce_row W2V_NAME(reduce_row)

#if W2V_LANES > 1
typedef float vf __attribute__((vector_size(4 * W2V_LANES)));
typedef int32_t vi __attribute__((vector_size(4 * W2V_LANES)));
#else
typedef float vf;
typedef int32_t vi;
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

/* a where the comparison held, b elsewhere. */
W2V_INLINE vf select(vi held, vf a, vf b)
{
#if W2V_LANES > 1
    return (vf)(((vi)a & held) | ((vi)b & ~held));
#else
    return held ? a : b;
#endif
}

/* exp(x) for x clamped to [-87, 87]; relative error below 2e-7. x = k ln 2 + r, |r| <= ln 2 / 2; exp(r)
 * by its series to r^6, scaled by 2^k. Adding 1.5 * 2^23 rounds to the whole k, which is then in the
 * low bits of the sum. */
W2V_INLINE vf vexp(vf x)
{
    vf low = splat(-87.0f), high = splat(87.0f);
    x = select(x > low, x, low);
    x = select(x < high, x, high);
    vf shifted = x * 1.44269504f + 12582912.0f;
    vf k = shifted - 12582912.0f;
    vf r = x - k * 0.693359375f + k * 2.12194440e-4f;
    vf p = r * 1.38888889e-3f + 8.33333333e-3f;
    p = p * r + 4.16666667e-2f;
    p = p * r + 1.66666667e-1f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
#if W2V_LANES > 1
    return (vf)((vi)p + ((vi)shifted << 23));
#else
    int32_t bits, shift;
    memcpy(&bits, &p, 4);
    memcpy(&shift, &shifted, 4);
    bits = (int32_t)((uint32_t)bits + ((uint32_t)shift << 23));
    memcpy(&p, &bits, 4);
    return p;
#endif
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
