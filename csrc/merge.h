/* Merging replicas of a row (D13): what each has learned since they were equal.
 *
 * For the changes a and b of two replicas, the merged change is
 *     (1 - c a.b / (2 |a|^2)) a + (1 - c a.b / (2 |b|^2)) b.
 * With c = 1 this is Adasum (Maleki et al. 2020, section 3): the sum of a and b where they are orthogonal,
 * their mean where they are equal. With c = 0 it is always their sum. The code, merge_body.h, is a part of the
 * template step_body.h. */
#ifndef W2V_MERGE_H
#define W2V_MERGE_H

/* replica (dim) becomes base + the merge of replica - base and other - base. dim is a multiple of W2V_PAD,
 * and c is from 0 to 1. */
typedef void (*w2v_merge_fn)(const float *base, float *replica, const float *other, int dim, float c);

#endif
