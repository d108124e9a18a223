/* The C tests' whole frame: CASE(name) { CHECK(1 + 1 == 2); }
 *
 * A test file names the csrc files it is linked with in one line, such as: sources: text.c (in a comment).
 * tests/test_csrc.py finds the cases, writes the main that calls one by its name, builds it plain
 * and with sanitizers, and runs each case as a test of its own. The first failed CHECK ends the case. */
#ifndef W2V_CHECK_H
#define W2V_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASE(name) static void case_##name(void)

#define CHECK(what)                                                          \
    do {                                                                     \
        if (!(what)) {                                                       \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
            exit(1);                                                         \
        }                                                                    \
    } while (0)

/* Two integers are equal; both are shown where they are not. */
#define CHECK_EQUAL(a, b)                                                              \
    do {                                                                               \
        long long check_a = (long long)(a), check_b = (long long)(b);                  \
        if (check_a != check_b) {                                                      \
            fprintf(stderr, "%s:%d: %s is %lld, %s is %lld\n", __FILE__, __LINE__, #a, \
                    check_a, #b, check_b);                                             \
            exit(1);                                                                   \
        }                                                                              \
    } while (0)

#endif
