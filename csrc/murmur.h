/* MurmurHash3_x64_128 by Austin Appleby (public domain), which floret hashes n-grams with. */
#ifndef W2V_MURMUR_H
#define W2V_MURMUR_H

#include <stddef.h>
#include <stdint.h>

/* Writes the 128 bits of the hash as four numbers: the lower and the upper half of each 64 bits. */
void w2v_murmur128(const unsigned char *bytes, size_t n, uint32_t seed, uint32_t hash[4]);

#endif
