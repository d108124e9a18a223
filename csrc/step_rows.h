/* Whole rows, once per instruction set as step_body.h, which includes it: their mean, an update scattered over
 * them, their exponentials. */

#define mean_part W2V_NAME(mean_part)
#define scatter_part W2V_NAME(scatter_part)

/* Columns c to c + K vectors of all rows, in registers: each row's address is read once for several. */
W2V_INLINE void mean_part(const int K, float *const *rows, int n, int c, float scale, float *out)
{
    vf sum[4];
    W2V_UNROLL
    for (int k = 0; k < K; k++)
        sum[k] = load(rows[0] + c + k * W2V_LANES);
    for (int i = 1; i < n; i++) {
        const float *row = rows[i] + c;
        W2V_UNROLL
        for (int k = 0; k < K; k++)
            sum[k] += load(row + k * W2V_LANES);
    }
    W2V_UNROLL
    for (int k = 0; k < K; k++)
        store(out + c + k * W2V_LANES, sum[k] * scale);
}

W2V_INLINE void scatter_part(const int K, float *const *rows, int n, int c, const float *delta,
                             float scale)
{
    vf change[4];
    W2V_UNROLL
    for (int k = 0; k < K; k++)
        change[k] = load(delta + c + k * W2V_LANES) * scale;
    for (int i = 0; i < n; i++) {
        float *row = rows[i] + c;
        W2V_UNROLL
        for (int k = 0; k < K; k++)
            store(row + k * W2V_LANES, load(row + k * W2V_LANES) + change[k]);
    }
}

static void W2V_NAME(mean)(float *const *rows, int n, int dim, float *out)
{
    const float scale = 1.0f / (float)n;
    int c = 0;
    for (; c + 4 * W2V_LANES <= dim; c += 4 * W2V_LANES)
        mean_part(4, rows, n, c, scale, out);
    for (; c + 2 * W2V_LANES <= dim; c += 2 * W2V_LANES)
        mean_part(2, rows, n, c, scale, out);
    for (; c < dim; c += W2V_LANES)
        mean_part(1, rows, n, c, scale, out);
}

static void W2V_NAME(scatter)(float *const *rows, int n, int dim, const float *delta, float scale)
{
    int c = 0;
    for (; c + 4 * W2V_LANES <= dim; c += 4 * W2V_LANES)
        scatter_part(4, rows, n, c, delta, scale);
    for (; c + 2 * W2V_LANES <= dim; c += 2 * W2V_LANES)
        scatter_part(2, rows, n, c, delta, scale);
    for (; c < dim; c += W2V_LANES)
        scatter_part(1, rows, n, c, delta, scale);
}

static double W2V_NAME(exp_row)(float *x, ptrdiff_t n, float *peak)
{
    const ptrdiff_t whole = n / W2V_LANES * W2V_LANES;
    float most = x[0], lanes[W2V_LANES], tail[W2V_LANES];
    double sum = 0.0;
    if (whole) {
        vf top = load(x);
        for (ptrdiff_t i = W2V_LANES; i < whole; i += W2V_LANES) {
            vf y = load(x + i);
            top = select(y > top, y, top);
        }
        store(lanes, top);
        for (int k = 0; k < W2V_LANES; k++)
            most = lanes[k] > most ? lanes[k] : most;
    }
    for (ptrdiff_t i = whole; i < n; i++)
        most = x[i] > most ? x[i] : most;
    *peak = most;
    for (ptrdiff_t i = 0; i < whole;) {
        vf part = {0};
        const ptrdiff_t stop = whole - i < 1024 ? whole : i + 1024; /* float32 sums stay short */
        for (; i < stop; i += W2V_LANES) {
            vf y = vexp(load(x + i) - most);
            store(x + i, y);
            part += y;
        }
        store(lanes, part);
        for (int k = 0; k < W2V_LANES; k++)
            sum += lanes[k];
    }
    if (whole < n) {
        for (ptrdiff_t k = 0; k < W2V_LANES; k++)
            tail[k] = k < n - whole ? x[whole + k] : most;
        store(tail, vexp(load(tail) - most));
        for (ptrdiff_t k = 0; k < n - whole; k++)
            sum += x[whole + k] = tail[k];
    }
    return sum;
}

#undef mean_part
#undef scatter_part
