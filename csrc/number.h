/* float32 as decimal text: the shortest text that reads back as the same float, and text to the nearest
 * float (ties to even). Both ignore the locale. Hexadecimal floats, grouped digits and decimal commas are
 * not supported. Assumes IEEE 754 and the default rounding mode. */
#ifndef W2V_NUMBER_H
#define W2V_NUMBER_H

#include <stddef.h>

#define W2V_NUMBER_MAX 20 /* the longest text that w2v_number_print writes */

/* Writes x to out (W2V_NUMBER_MAX bytes) without a NUL at the end, and returns its length. */
size_t w2v_number_print(float x, char *out);

/* Reads the number that begins at p and ends before `end`, stores it in *x and returns the end of its text; NULL
 * if no number begins at p. "nan", "inf" and "infinity" in any case are numbers, and a number beyond the
 * range of float32 is an infinity: the caller decides whether it accepts values that are not finite. */
const char *w2v_number_parse(const char *p, const char *end, float *x);

#endif
