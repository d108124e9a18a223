/* The merge of two replicas of a row, see merge.h. A part of the template step_body.h. */

#define LINE_VECTORS (W2V_PAD / W2V_LANES) /* vectors in W2V_PAD floats */

/* The sum of LINE_VECTORS vectors, in double and in the same order for every instruction set. */
static double total(const v_float *vectors)
{
    float lanes[W2V_PAD];
    double sum[W2V_PAD];
    for (int v = 0; v < LINE_VECTORS; v++)
        v_store(lanes + v * W2V_LANES, vectors[v]);
    for (int k = 0; k < W2V_PAD; k++)
        sum[k] = lanes[k];
    for (int half = W2V_PAD / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++)
            sum[k] += sum[k + half];
    return sum[0];
}

static void merge(const float *base, float *replica, const float *other, int dim, float c)
{
    v_float aa[LINE_VECTORS], ab[LINE_VECTORS], bb[LINE_VECTORS];
    for (int v = 0; v < LINE_VECTORS; v++)
        aa[v] = ab[v] = bb[v] = v_splat(0.0f);
    for (int at = 0; at < dim; at += W2V_PAD) {
        W2V_UNROLL
        for (int v = 0; v < LINE_VECTORS; v++) {
            const int k = at + v * W2V_LANES;
            v_float from = v_load(base + k);
            v_float a = v_load(replica + k) - from, b = v_load(other + k) - from;
            aa[v] += a * a;
            ab[v] += a * b;
            bb[v] += b * b;
        }
    }
    double a2 = total(aa), b2 = total(bb), dot = c * total(ab);
    v_float wa = v_splat(a2 > 0.0 ? (float)(1.0 - dot / (2.0 * a2)) : 1.0f);
    v_float wb = v_splat(b2 > 0.0 ? (float)(1.0 - dot / (2.0 * b2)) : 1.0f);
    for (int k = 0; k < dim; k += W2V_LANES) {
        v_float from = v_load(base + k);
        v_store(replica + k,
                from + wa * (v_load(replica + k) - from) + wb * (v_load(other + k) - from));
    }
}
