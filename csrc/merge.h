/* Replicas of a row brought together (D13): row-wise Adasum of what each has gained since they agreed.
 *
 * With deltas a and b,  merged = (1 - a.b / 2|a|^2) a + (1 - a.b / 2|b|^2) b  (Maleki et al. 2020, section 3):
 * the sum where they are orthogonal, the mean where they are equal. One text (merge_body.h) is compiled
 * with the block step, once per instruction set, and stands in the step's table. */
#ifndef W2V_MERGE_H
#define W2V_MERGE_H

/* mine (dim) becomes base + the merge of mine - base and other - base. dim is a multiple of 16. */
typedef void (*w2v_merge_fn)(const float *base, float *mine, const float *other, int dim);

#endif
