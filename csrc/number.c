/* Prints and parses float32.
 *
 * Printing is Schubfach (R. Giulietti, "The Schubfach way to render doubles", 2020) with 64-bit powers of
 * ten, which suffice for float32. Parsing is Bellerophon (W. Clinger, "How to read floating point
 * numbers accurately", 1990): it computes a double with a known error bound, and uses exact integers in
 * the few cases where the midpoint of two floats is within that bound. */
#include "number.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- printing ---------------------------------------------------------------------------------- */

/* floor(10^e * 2^(63 - floor(log2 10^e))) + 1 for e = -31 .. 45. */
enum { POWER_MIN = -31, POWER_MAX = 45 };
static const uint64_t POWERS[] = {
    0x81ceb32c4b43fcf5u, 0xa2425ff75e14fc32u, 0xcad2f7f5359a3b3fu, 0xfd87b5f28300ca0eu,
    0x9e74d1b791e07e49u, 0xc612062576589ddbu, 0xf79687aed3eec552u, 0x9abe14cd44753b53u,
    0xc16d9a0095928a28u, 0xf1c90080baf72cb2u, 0x971da05074da7befu, 0xbce5086492111aebu,
    0xec1e4a7db69561a6u, 0x9392ee8e921d5d08u, 0xb877aa3236a4b44au, 0xe69594bec44de15cu,
    0x901d7cf73ab0acdau, 0xb424dc35095cd810u, 0xe12e13424bb40e14u, 0x8cbccc096f5088ccu,
    0xafebff0bcb24aaffu, 0xdbe6fecebdedd5bfu, 0x89705f4136b4a598u, 0xabcc77118461cefdu,
    0xd6bf94d5e57a42bdu, 0x8637bd05af6c69b6u, 0xa7c5ac471b478424u, 0xd1b71758e219652cu,
    0x83126e978d4fdf3cu, 0xa3d70a3d70a3d70bu, 0xcccccccccccccccdu, 0x8000000000000001u,
    0xa000000000000001u, 0xc800000000000001u, 0xfa00000000000001u, 0x9c40000000000001u,
    0xc350000000000001u, 0xf424000000000001u, 0x9896800000000001u, 0xbebc200000000001u,
    0xee6b280000000001u, 0x9502f90000000001u, 0xba43b74000000001u, 0xe8d4a51000000001u,
    0x9184e72a00000001u, 0xb5e620f480000001u, 0xe35fa931a0000001u, 0x8e1bc9bf04000001u,
    0xb1a2bc2ec5000001u, 0xde0b6b3a76400001u, 0x8ac7230489e80001u, 0xad78ebc5ac620001u,
    0xd8d726b7177a8001u, 0x878678326eac9001u, 0xa968163f0a57b401u, 0xd3c21bcecceda101u,
    0x84595161401484a1u, 0xa56fa5b99019a5c9u, 0xcecb8f27f4200f3bu, 0x813f3978f8940985u,
    0xa18f07d736b90be6u, 0xc9f2c9cd04674edfu, 0xfc6f7c4045812297u, 0x9dc5ada82b70b59eu,
    0xc5371912364ce306u, 0xf684df56c3e01bc7u, 0x9a130b963a6c115du, 0xc097ce7bc90715b4u,
    0xf0bdc21abb48db21u, 0x96769950b50d88f5u, 0xbc143fa4e250eb32u, 0xeb194f8e1ae525feu,
    0x92efd1b8d0cf37bfu, 0xb7abc627050305aeu, 0xe596b7b0c643c71au, 0x8f7e32ce7bea5c70u,
    0xb35dbf821ae4f38cu,
};

_Static_assert(sizeof POWERS / sizeof *POWERS == POWER_MAX - POWER_MIN + 1, "one entry per power");

/* floor(log10(2^q)), floor(log10(3/4 2^q)) and floor(log2(10^e)), exact in the range of float32. */
static int log10_pow2(int q) { return (q * 1262611) >> 22; }
static int log10_three_quarters_pow2(int q) { return (q * 1262611 - 524031) >> 22; }
static int log2_pow10(int e) { return (e * 1741647) >> 19; }

/* The integer part of power * c / 2^64, with its last bit set if more than the rounding error of `power` was
 * cut off. */
static uint32_t multiply_to_odd(uint64_t power, uint32_t c)
{
    uint64_t low = (power & 0xffffffffu) * c;
    uint64_t high = (power >> 32) * c + (low >> 32);
    return (uint32_t)(high >> 32) | ((uint32_t)high > 1);
}

/* The shortest decimal, digits * 10^exponent, in the rounding interval of mantissa * 2^q, and the nearest of
 * those with the same length. lowest: mantissa is the smallest one of its binade, so that the interval is
 * shorter below. */
static uint32_t shortest(uint32_t mantissa, int q, int lowest, int *exponent)
{
    uint32_t odd = mantissa & 1; /* the interval of an even mantissa includes its ends */
    uint32_t middle = 4 * mantissa, left = middle - (lowest ? 1 : 2), right = middle + 2;
    int k = lowest ? log10_three_quarters_pow2(q) : log10_pow2(q);
    int shift = q + log2_pow10(-k) + 1;
    uint64_t power = POWERS[-k - POWER_MIN];
    uint32_t v = multiply_to_odd(power, middle << shift);
    uint32_t vl = multiply_to_odd(power, left << shift) + odd;
    uint32_t vr = multiply_to_odd(power, right << shift) - odd;
    uint32_t s = v / 4;

    *exponent = k;
    if (s >= 10) { /* one digit less, if the interval contains a multiple of ten */
        uint32_t tens = s / 10 * 10;
        int below = vl <= 4 * tens, above = 4 * (tens + 10) <= vr;
        if (below != above)
            return below ? tens : tens + 10;
    }
    int below = vl <= 4 * s, above = 4 * (s + 1) <= vr;
    if (below != above)
        return below ? s : s + 1;
    uint32_t half = 4 * s + 2;
    return v < half || (v == half && s % 2 == 0) ? s : s + 1;
}

static size_t put_digits(uint32_t digits, char *out, int n)
{
    for (int i = n; i-- > 0; digits /= 10)
        out[i] = (char)('0' + digits % 10);
    return (size_t)n;
}

size_t w2v_number_print(float x, char *out)
{
    uint32_t bits = bits_of(x), fraction = bits & 0x7fffffu;
    int biased = (int)(bits >> 23 & 0xff);
    char *p = out;

    if (biased == 0xff && fraction) {
        memcpy(p, "nan", 3);
        return 3;
    }
    if (bits >> 31)
        *p++ = '-';
    if (biased == 0xff) {
        memcpy(p, "inf", 3);
        return (size_t)(p - out) + 3;
    }
    if (biased == 0 && fraction == 0) {
        *p++ = '0';
        return (size_t)(p - out);
    }

    int exponent;
    uint32_t mantissa = biased ? fraction | 0x800000u : fraction;
    uint32_t digits = shortest(mantissa, (biased ? biased : 1) - 150, fraction == 0 && biased > 1, &exponent);
    while (digits % 10 == 0) {
        digits /= 10;
        ++exponent;
    }
    int n = 1;
    for (uint32_t rest = digits; rest >= 10; rest /= 10)
        ++n;

    int point = n + exponent; /* x = 0.digits * 10^point */
    if (point > 9 || point < -4) {
        put_digits(digits, p + 1, n);
        p[0] = p[1];
        p[1] = '.';
        p += n > 1 ? n + 1 : 1;
        *p++ = 'e';
        int e = point - 1;
        if (e < 0) {
            *p++ = '-';
            e = -e;
        }
        p += put_digits((uint32_t)e, p, e < 10 ? 1 : 2);
    } else if (point <= 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = point; i < 0; ++i)
            *p++ = '0';
        p += put_digits(digits, p, n);
    } else if (point >= n) {
        p += put_digits(digits, p, n);
        for (int i = n; i < point; ++i)
            *p++ = '0';
    } else {
        p += put_digits(digits, p, n);
        memmove(p - (n - point) + 1, p - (n - point), (size_t)(n - point));
        p[-(n - point)] = '.';
        ++p;
    }
    return (size_t)(p - out);
}

/* ---- exact comparison of a decimal with the midpoint of two floats ------------------------------ */

/* Midpoints of float32 have at most 113 digits; further digits of a decimal only tell whether it is
 * larger. */
enum { DIGITS_KEPT = 128, LIMBS = 24 };

/* DIGITS_KEPT + 1 digits (429 bits) times 2^150, and 10^175 (582 bits) times 25 bits, are the largest. */
_Static_assert(32 * LIMBS >= 610, "the largest numbers of a comparison fit");

typedef struct {
    uint32_t limb[LIMBS]; /* least significant first */
    int n;
} big;

static void big_multiply_add(big *a, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (int i = 0; i < a->n; ++i) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        a->limb[a->n++] = (uint32_t)carry;
}

static void big_scale(big *a, int tens, int twos)
{
    for (; tens > 0; --tens)
        big_multiply_add(a, 10, 0);
    for (; twos >= 16; twos -= 16)
        big_multiply_add(a, 1u << 16, 0);
    if (twos > 0)
        big_multiply_add(a, 1u << twos, 0);
}

static int big_compare(const big *a, const big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* The sign of digits * 10^q minus the midpoint of the float with these bits and the next larger one. */
static int compare_midpoint(const big *digits, int q, uint32_t bits)
{
    uint32_t biased = bits >> 23;
    uint32_t mantissa = (bits & 0x7fffffu) | (biased ? 0x800000u : 0);
    int e = (biased ? (int)biased : 1) - 151;
    big left = *digits, right = {{2 * mantissa + 1}, 1};

    big_scale(&left, q, -e);
    big_scale(&right, -q, e);
    return big_compare(&left, &right);
}

static int is_digit(char c) { return (unsigned char)(c - '0') < 10; }

/* The bits of the float nearest to the digits in [p, end), whose decimal point is ignored, times 10^exponent.
 * `guess` is at most a few floats off. */
static uint32_t nearest(const char *p, const char *end, int64_t exponent, uint32_t guess)
{
    big digits = {{0}, 0};
    int kept = 0, nonzero_dropped = 0;
    int64_t dropped = 0;

    for (; p < end; ++p) {
        if (!is_digit(*p) || (kept == 0 && *p == '0'))
            continue;
        if (kept < DIGITS_KEPT) {
            big_multiply_add(&digits, 10, (uint32_t)(*p - '0'));
            ++kept;
        } else {
            ++dropped;
            nonzero_dropped |= *p != '0';
        }
    }
    if (nonzero_dropped) {
        big_multiply_add(&digits, 10, 1);
        --dropped;
    }
    int q = (int)(exponent + dropped);
    for (;;) {
        int up = guess < 0x7f800000u ? compare_midpoint(&digits, q, guess) : -1;
        if (up > 0 || (up == 0 && guess % 2)) {
            ++guess;
            continue;
        }
        int down = guess > 0 ? compare_midpoint(&digits, q, guess - 1) : 1;
        if (down < 0 || (down == 0 && guess % 2)) {
            --guess;
            continue;
        }
        return guess;
    }
}

/* ---- parsing ------------------------------------------------------------------------------------ */

static const double TENS[] = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
    1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e23, 1e24, 1e25,
    1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38,
    1e39, 1e40, 1e41, 1e42, 1e43, 1e44, 1e45, 1e46, 1e47, 1e48, 1e49, 1e50, 1e51,
    1e52, 1e53, 1e54, 1e55, 1e56, 1e57, 1e58, 1e59, 1e60, 1e61, 1e62, 1e63, 1e64,
    1e65,
};

enum { SCALE_MIN = -65, SCALE_MAX = 38 };

_Static_assert(sizeof TENS / sizeof *TENS == -SCALE_MIN + 1, "one entry per power");

/* The end of `word`, in any case, at p; or NULL. */
static const char *parse_word(const char *p, const char *end, const char *word)
{
    for (; *word; ++word, ++p)
        if (p == end || (*p | 0x20) != *word)
            return NULL;
    return p;
}

static const char *parse_special(const char *p, const char *end, uint32_t sign, float *x)
{
    const char *q;
    if ((q = parse_word(p, end, "nan"))) {
        *x = float_of(0x7fc00000u | sign);
        return q;
    }
    if ((q = parse_word(p, end, "infinity")) || (q = parse_word(p, end, "inf"))) {
        *x = float_of(0x7f800000u | sign);
        return q;
    }
    return NULL;
}

/* digits * 10^exponent as a double, with an error below *error units in the last place. whole: no digit
 * has been dropped. */
static double approximate(uint64_t digits, int exponent, int whole, int64_t *error)
{
    double d = (double)digits;
    int exact = whole && digits <= (uint64_t)1 << 53 && -22 <= exponent && exponent <= 22;
    *error = exact && FLT_EVAL_METHOD == 0 ? 0 : 16;
    return exponent < 0 ? d / TENS[-exponent] : d * TENS[exponent];
}

const char *w2v_number_parse(const char *p, const char *end, float *x)
{
    uint32_t sign = 0;
    if (p < end && (*p == '-' || *p == '+'))
        sign = *p++ == '-' ? 0x80000000u : 0;

    const char *first = p;
    uint64_t digits = 0; /* wraps beyond 19 digits; recomputed below */
    int64_t exponent = 0;
    for (; p < end && is_digit(*p); ++p)
        digits = 10 * digits + (uint64_t)(*p - '0');
    ptrdiff_t n = p - first;
    if (p < end && *p == '.') {
        const char *after = ++p;
        for (; p < end && is_digit(*p); ++p)
            digits = 10 * digits + (uint64_t)(*p - '0');
        n += p - after;
        exponent = after - p;
    }
    if (n == 0)
        return parse_special(first, end, sign, x);

    const char *last = p;
    if (p < end && (*p | 0x20) == 'e') {
        const char *e = p + 1;
        int negative = 0;
        if (e < end && (*e == '-' || *e == '+'))
            negative = *e++ == '-';
        if (e < end && is_digit(*e)) {
            int64_t value = 0;
            for (; e < end && is_digit(*e); ++e)
                if (value < (int64_t)1 << 48) /* more digits than any file has */
                    value = 10 * value + (*e - '0');
            exponent += negative ? -value : value;
            p = e;
        }
    }

    int64_t scale = exponent;
    int whole = 1;
    if (n > 19) { /* only the first 19 digits that count */
        int kept = 0;
        digits = 0;
        for (const char *c = first; c < last; ++c) {
            if (!is_digit(*c) || (kept == 0 && *c == '0'))
                continue;
            if (kept < 19) {
                digits = 10 * digits + (uint64_t)(*c - '0');
                ++kept;
            } else {
                ++scale;
                whole = 0;
            }
        }
    }

    /* digits < 10^19, so that the number is 0 or infinity outside these scales. */
    if (digits == 0 || scale < SCALE_MIN) {
        *x = float_of(sign);
        return p;
    }
    if (scale > SCALE_MAX) {
        *x = float_of(0x7f800000u | sign);
        return p;
    }

    int64_t error;
    double d = approximate(digits, (int)scale, whole, &error);
    if (d >= FLT_MIN && d < FLT_MAX) {
        /* As a double, the midpoint of two floats ends in a one and 28 zeros. Unless d is near one, it
         * rounds to the same float as the exact number. */
        uint64_t bits;
        memcpy(&bits, &d, sizeof bits);
        int64_t distance = (int64_t)(bits & 0x1fffffff) - 0x10000000;
        if (distance > error || distance < -error) {
            *x = float_of(bits_of((float)d) | sign);
            return p;
        }
    }
    uint32_t guess = d >= FLT_MAX ? 0x7f7fffffu : bits_of((float)d);
    *x = float_of(nearest(first, last, exponent, guess) | sign);
    return p;
}
