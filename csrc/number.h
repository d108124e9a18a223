/* number: a float32 to the shortest text that reads back as the same float32, and text to the nearest
   float32 (ties to even). The locale has no say. Refuses: hexadecimal floats, grouped digits, a decimal
   comma, doubles. Assumes IEEE 754 and the default rounding mode. */
#ifndef W2V_NUMBER_H
#define W2V_NUMBER_H

#include <stddef.h>

#define W2V_NUMBER_MAX 20 /* no text of w2v_number_print is longer */

/* Writes x to out (W2V_NUMBER_MAX bytes, no NUL at the end) and returns its length. */
size_t w2v_number_print(float x, char *out);

/* Reads the number that starts at p and ends before end, stores it in *x and returns where its text ends;
   NULL where no number starts. nan, inf and infinity in any case are numbers here, and so is what lies
   beyond float32's range (an infinity): the caller refuses what is not finite. */
const char *w2v_number_parse(const char *p, const char *end, float *x);

#endif
