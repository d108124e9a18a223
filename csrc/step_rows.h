/* Operations on whole rows: their mean, adding an update to each, exponentials.
 * A part of the template step_body.h. */

/* Columns c to c + count * W2V_LANES of the mean. Their sums stay in registers, and each row's address is
 * read once for all of them. */
W2V_INLINE void mean_columns(const int count, float *const *rows, int n, int c, float scale, float *out)
{
    v_float sum[4];
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        sum[k] = v_load(rows[0] + c + k * W2V_LANES);
    for (int i = 1; i < n; i++) {
        const float *row = rows[i] + c;
        W2V_UNROLL
        for (int k = 0; k < count; k++)
            sum[k] += v_load(row + k * W2V_LANES);
    }
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        v_store(out + c + k * W2V_LANES, sum[k] * scale);
}

W2V_INLINE void scatter_columns(const int count, float *const *rows, int n, int c,
                                const float *delta, float scale)
{
    v_float change[4];
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        change[k] = v_load(delta + c + k * W2V_LANES) * scale;
    for (int i = 0; i < n; i++) {
        float *row = rows[i] + c;
        W2V_UNROLL
        for (int k = 0; k < count; k++)
            v_store(row + k * W2V_LANES, v_load(row + k * W2V_LANES) + change[k]);
    }
}

/* call(k, c) for consecutive groups of columns, with a literal k of at most 8 vectors. */
#define W2V_EACH_COLUMNS(dim, call)                                                \
    do {                                                                           \
        int c = 0;                                                                 \
        for (; c + 8 * W2V_LANES <= (dim); c += 8 * W2V_LANES)                     \
            call(8, c);                                                            \
        switch (((dim)-c) / W2V_LANES) {                                           \
        case 1: call(1, c); break; case 2: call(2, c); break;                      \
        case 3: call(3, c); break; case 4: call(4, c); break;                      \
        case 5: call(5, c); break; case 6: call(6, c); break;                      \
        case 7: call(7, c); break;                                                 \
        }                                                                          \
    } while (0)

/* The rows that are prefetched along with the rows of a sum: one for each, the rest at its end. */
W2V_INLINE void prefetch_along(const w2v_ahead *ahead, int i, int n, int dim)
{
    if (i < ahead->n)
        w2v_prefetch_row(ahead->rows[i], dim);
    if (i == n - 1)
        for (int k = n; k < ahead->n; k++)
            w2v_prefetch_row(ahead->rows[k], dim);
}

W2V_INLINE void compose_columns(const int count, float *const *rows, const float *weights, int n, ptrdiff_t c,
                                float *out, const w2v_ahead *ahead, int dim)
{
    v_float sum[8];
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        sum[k] = v_splat(0.0f);
    for (int i = 0; i < n; i++) {
        const float *row = rows[i] + c;
        v_float weight = v_splat(weights[i]);
        W2V_ADDRESS(row);
        if (c == 0)
            prefetch_along(ahead, i, n, dim);
        W2V_UNROLL
        for (int k = 0; k < count; k++)
            sum[k] += weight * v_load(row + k * W2V_LANES);
    }
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        v_store(out + c + k * W2V_LANES, sum[k]);
}

static void compose(float *const *rows, const float *weights, int n, int dim, float *out,
                    const w2v_ahead *ahead)
{
#define COMPOSE_COLUMNS(count, c) compose_columns(count, rows, weights, n, c, out, ahead, dim)
    W2V_EACH_COLUMNS(dim, COMPOSE_COLUMNS);
}

W2V_INLINE void add_columns(const int count, float *row, float *const *changes, int n, ptrdiff_t c, float scale,
                            const w2v_ahead *ahead, int dim)
{
    v_float sum[8];
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        sum[k] = v_splat(0.0f);
    for (int i = 0; i < n; i++) {
        const float *change = changes[i] + c;
        W2V_ADDRESS(change);
        if (c == 0)
            prefetch_along(ahead, i, n, dim);
        W2V_UNROLL
        for (int k = 0; k < count; k++)
            sum[k] += v_load(change + k * W2V_LANES);
    }
    W2V_UNROLL
    for (int k = 0; k < count; k++)
        v_store(row + c + k * W2V_LANES, v_load(row + c + k * W2V_LANES) + sum[k] * scale);
}

static void add(float *row, float *const *changes, int n, int dim, float scale, const w2v_ahead *ahead)
{
#define ADD_COLUMNS(count, c) add_columns(count, row, changes, n, c, scale, ahead, dim)
    W2V_EACH_COLUMNS(dim, ADD_COLUMNS);
}

static void mean(float *const *rows, int n, int dim, float *out)
{
    const float scale = 1.0f / (float)n;
    int c = 0;
    for (; c + 4 * W2V_LANES <= dim; c += 4 * W2V_LANES)
        mean_columns(4, rows, n, c, scale, out);
    for (; c + 2 * W2V_LANES <= dim; c += 2 * W2V_LANES)
        mean_columns(2, rows, n, c, scale, out);
    for (; c < dim; c += W2V_LANES)
        mean_columns(1, rows, n, c, scale, out);
}

static void scatter(float *const *rows, int n, int dim, const float *delta, float scale)
{
    int c = 0;
    for (; c + 4 * W2V_LANES <= dim; c += 4 * W2V_LANES)
        scatter_columns(4, rows, n, c, delta, scale);
    for (; c + 2 * W2V_LANES <= dim; c += 2 * W2V_LANES)
        scatter_columns(2, rows, n, c, delta, scale);
    for (; c < dim; c += W2V_LANES)
        scatter_columns(1, rows, n, c, delta, scale);
}

/* Where n is not a multiple of W2V_LANES, the last elements are computed in a padded copy. */
static double exp_row(float *x, ptrdiff_t n, float *peak)
{
    enum { SUMMED_IN_FLOAT = 1024 }; /* elements whose sum is exact enough in float */
    const ptrdiff_t whole = n / W2V_LANES * W2V_LANES;
    float max = x[0], lanes[W2V_LANES];
    double sum = 0.0;
    if (whole) {
        v_float maxima = v_load(x);
        for (ptrdiff_t i = W2V_LANES; i < whole; i += W2V_LANES) {
            v_float y = v_load(x + i);
            maxima = v_select(y > maxima, y, maxima);
        }
        v_store(lanes, maxima);
        for (int k = 0; k < W2V_LANES; k++)
            max = lanes[k] > max ? lanes[k] : max;
    }
    for (ptrdiff_t i = whole; i < n; i++)
        max = x[i] > max ? x[i] : max;
    *peak = max;
    for (ptrdiff_t i = 0; i < whole;) {
        v_float part = v_splat(0.0f);
        const ptrdiff_t stop = whole - i < SUMMED_IN_FLOAT ? whole : i + SUMMED_IN_FLOAT;
        for (; i < stop; i += W2V_LANES) {
            v_float y = v_exp(v_load(x + i) - max);
            v_store(x + i, y);
            part += y;
        }
        v_store(lanes, part);
        for (int k = 0; k < W2V_LANES; k++)
            sum += lanes[k];
    }
    if (whole < n) {
        for (ptrdiff_t k = 0; k < W2V_LANES; k++)
            lanes[k] = k < n - whole ? x[whole + k] : max;
        v_store(lanes, v_exp(v_load(lanes) - max));
        for (ptrdiff_t k = 0; k < n - whole; k++)
            sum += x[whole + k] = lanes[k];
    }
    return sum;
}
