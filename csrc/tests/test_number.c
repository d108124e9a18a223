/* sources: number.c */
/* w2v_number_print and w2v_number_parse, compared with strtof and with known results. */
#include "check.h"
#include "number.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static uint64_t random_state = 88172645463325252u;

static uint64_t draw(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static int prints(float x, const char *expected)
{
    char out[W2V_NUMBER_MAX];
    size_t n = w2v_number_print(x, out);
    return n == strlen(expected) && memcmp(out, expected, n) == 0;
}

/* Whether the whole text is one number with exactly these bits. */
static int parses(const char *text, uint32_t bits)
{
    float x = 0;
    const char *end = text + strlen(text);
    return w2v_number_parse(text, end, &x) == end && bits_of(x) == bits;
}

static int agrees(const char *text)
{
    return parses(text, bits_of(strtof(text, NULL)));
}

CASE(known_texts)
{
    CHECK(prints(0.0f, "0"));
    CHECK(prints(-0.0f, "-0"));
    CHECK(prints(1.0f, "1"));
    CHECK(prints(0.1f, "0.1"));
    CHECK(prints(-12.5f, "-12.5"));
    CHECK(prints(1e-5f, "0.00001"));
    CHECK(prints(1.5e-6f, "1.5e-6"));
    CHECK(prints(16777216.0f, "16777216"));
    CHECK(prints(1e9f, "1e9"));
    CHECK(prints(FLT_MAX, "3.4028235e38"));
    CHECK(prints(FLT_MIN, "1.1754944e-38"));
    CHECK(prints(float_of(1), "1e-45"));
    CHECK(prints(9007199254740992.0f, "9.007199e15"));
    CHECK(prints(INFINITY, "inf"));
    CHECK(prints(-INFINITY, "-inf"));
    CHECK(prints(NAN, "nan"));
}

CASE(known_numbers)
{
    CHECK(parses("0", 0));
    CHECK(parses("-0.0e5", 0x80000000u));
    CHECK(parses("+1", bits_of(1)));
    CHECK(parses(".5", bits_of(0.5f)));
    CHECK(parses("5.", bits_of(5)));
    CHECK(parses("1E+2", bits_of(100)));
    CHECK(parses("16777217", bits_of(16777216.0f))); /* a tie, to even */
    CHECK(parses("16777219", bits_of(16777220.0f))); /* a tie, to even, upwards */
    CHECK(parses("16777217.00000000000000000000000000000000001", bits_of(16777218.0f)));
    CHECK(parses("340282356779733661637539395458142568448", 0x7f800000u)); /* the largest tie */
    CHECK(parses("340282356779733661637539395458142568447.9", bits_of(FLT_MAX)));
    CHECK(parses("7.006492321624085354618e-46", 0)); /* just below half of the smallest float */
    CHECK(parses("7.006492321624085354619e-46", 1));
    CHECK(parses("1e999999999999999999999999", 0x7f800000u));
    CHECK(parses("1e-999999999999999999999999", 0));
    CHECK(parses("0e999999999999", 0));
    CHECK(parses("nan", 0x7fc00000u));
    CHECK(parses("-Infinity", 0xff800000u));
    CHECK(parses("INF", 0x7f800000u));
}

CASE(not_a_number)
{
    const char *invalid[] = {"", "-", ".", "-.", "e5", "abc", "--1", "in", "na", ",5"};
    float x;
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; ++i)
        CHECK(w2v_number_parse(invalid[i], invalid[i] + strlen(invalid[i]), &x) == NULL);
    const char *prefix = "1,5";
    CHECK(w2v_number_parse(prefix, prefix + 3, &x) == prefix + 1);
    prefix = "1e";
    CHECK(w2v_number_parse(prefix, prefix + 2, &x) == prefix + 1);
    prefix = "0x10";
    CHECK(w2v_number_parse(prefix, prefix + 4, &x) == prefix + 1);
}

CASE(reads_no_byte_beyond_the_end)
{
    const char *text = "-12.5e3";
    float x;
    for (size_t n = 0; n <= strlen(text); ++n) {
        char *exact = malloc(n + !n); /* of exactly this size for the sanitizers */
        memcpy(exact, text, n);
        const char *end = w2v_number_parse(exact, exact + n, &x);
        CHECK(end == NULL || end <= exact + n);
        free(exact);
    }
}

CASE(every_part_of_the_range_reads_back)
{
    char out[W2V_NUMBER_MAX];
    for (uint32_t bits = 0; bits < 0x7f800000u; bits += 8191) {
        float x = float_of(bits), y;
        size_t n = w2v_number_print(x, out);
        CHECK(n <= W2V_NUMBER_MAX);
        CHECK(w2v_number_parse(out, out + n, &y) == out + n);
        CHECK(bits_of(y) == bits);
    }
}

CASE(powers_of_two_and_their_neighbours_read_back)
{
    char out[W2V_NUMBER_MAX];
    for (uint32_t power = 1; power < 255; ++power)
        for (int step = -2; step <= 2; ++step) {
            uint32_t bits = (power << 23) + (uint32_t)step;
            float y;
            size_t n = w2v_number_print(float_of(bits), out);
            CHECK(w2v_number_parse(out, out + n, &y) == out + n);
            CHECK(bits_of(y) == bits);
        }
}

CASE(no_shorter_text_reads_back)
{
    char out[W2V_NUMBER_MAX], shorter[40];
    for (int i = 0; i < 20000; ++i) {
        float x = float_of((uint32_t)(draw() % 0x7f800000u)), y;
        size_t n = w2v_number_print(x, out);
        int digits = 0, seen = 0; /* digits: those up to the last nonzero one */
        for (size_t j = 0; j < n && out[j] != 'e'; ++j) {
            if (out[j] < '0' || out[j] > '9' || (seen == 0 && out[j] == '0'))
                continue;
            ++seen;
            if (out[j] != '0')
                digits = seen;
        }
        if (digits <= 1)
            continue;
        snprintf(shorter, sizeof shorter, "%.*e", digits - 2, x);
        y = strtof(shorter, NULL);
        CHECK(bits_of(y) != bits_of(x));
    }
}

CASE(random_decimals_agree_with_strtof)
{
    char text[64];
    for (int i = 0; i < 50000; ++i) {
        snprintf(text, sizeof text, "%s%llue%d", draw() % 2 ? "-" : "", (unsigned long long)draw(),
                 (int)(draw() % 130) - 85);
        CHECK(agrees(text));
        snprintf(text, sizeof text, "%.*g", (int)(draw() % 20) + 1,
                 (double)float_of((uint32_t)(draw() % 0x7f800000u)));
        CHECK(agrees(text));
    }
}

CASE(ties_and_near_ties_agree_with_strtof)
{
    char text[400];
    for (int i = 0; i < 20000; ++i) {
        uint32_t bits = (uint32_t)(draw() % 0x7f7fffffu);
        double middle = ((double)float_of(bits) + (double)float_of(bits + 1)) / 2;
        snprintf(text, sizeof text, "%.160e", middle);
        CHECK(agrees(text));
        text[100 + draw() % 60] = '1'; /* slightly above the tie */
        CHECK(agrees(text));
        snprintf(text, sizeof text, "%.*e", 14 + (int)(draw() % 9), middle);
        CHECK(agrees(text));
    }
}

CASE(hundreds_of_digits)
{
    char text[1200];
    memset(text, '0', sizeof text);
    text[1] = '.';
    strcpy(text + 700, "16777217e701");
    CHECK(agrees(text));
    memset(text, '9', 900);
    strcpy(text + 900, "e-899");
    CHECK(agrees(text));
}
