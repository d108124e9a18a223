/* The whole framework of the C tests: CASE(name) { CHECK(1 + 1 == 2); }
 *
 * A test file names the csrc files that it is linked with in a comment such as: sources: text.c
 * tests/test_csrc.py finds the cases, writes a main function that calls one of them by name, builds it with
 * and without sanitizers, and runs each case as a test of its own. A case ends at its first failed
 * CHECK. */
#ifndef W2V_CHECK_H
#define W2V_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASE(name) static void case_##name(void)

#define CHECK(condition)                                                           \
    do {                                                                           \
        if (!(condition)) {                                                        \
            fprintf(stderr, "%s:%d: false: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                               \
        }                                                                          \
    } while (0)

/* Checks that two integers are equal and prints both if they are not. */
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
