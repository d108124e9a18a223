/* Joins strings of Arrow to text. */
#include "values.h"

int w2v_values_join(const w2v_values *values, const w2v_values *codes, int64_t *at, int64_t stop,
                    unsigned char after, unsigned char *out, int64_t room, int64_t *n,
                    int64_t *needed)
{
    *n = 0;
    for (; *at < stop; ++*at) {
        int64_t i = *at, length;
        const unsigned char *bytes;
        int status = W2V_VALUES_OK;
        if (codes) {
            uint64_t code = 0;
            status = w2v_values_integer(codes, i, &code);
            if (!status && code >= (uint64_t)values->n)
                status = W2V_VALUES_DAMAGED;
            i = (int64_t)code;
        }
        if (!status)
            status = w2v_values_string(values, i, &bytes, &length);
        if (status)
            return status;
        *needed = length + 1;
        if (*needed > room - *n)
            return W2V_VALUES_OK;
        if (length)
            memcpy(out + *n, bytes, (size_t)length);
        *n += length;
        out[(*n)++] = after;
    }
    return W2V_VALUES_OK;
}
