/* The one merge of replicas, for one instruction set: a part of step_body.h, whose vectors it uses. No guard. */

#define VECTORS (W2V_PAD / W2V_LANES)

/* The sum of VECTORS vectors, in double. */
static double W2V_NAME(total)(const vf *sums)
{
    float lanes[W2V_PAD];
    double sum[W2V_PAD];
    for (int v = 0; v < VECTORS; v++)
        store(lanes + v * W2V_LANES, sums[v]);
    for (int k = 0; k < W2V_PAD; k++)
        sum[k] = lanes[k];
    for (int half = W2V_PAD / 2; half > 0; half /= 2)
        for (int k = 0; k < half; k++)
            sum[k] += sum[k + half];
    return sum[0];
}

static void W2V_NAME(merge)(const float *base, float *mine, const float *other, int dim)
{
    const vf none = {0};
    vf aa[VECTORS], ab[VECTORS], bb[VECTORS];
    for (int v = 0; v < VECTORS; v++)
        aa[v] = ab[v] = bb[v] = none;
    for (int c = 0; c < dim; c += W2V_PAD)
        W2V_UNROLL
        for (int v = 0; v < VECTORS; v++) {
            vf from = load(base + c + v * W2V_LANES);
            vf a = load(mine + c + v * W2V_LANES) - from, b = load(other + c + v * W2V_LANES) - from;
            aa[v] += a * a;
            ab[v] += a * b;
            bb[v] += b * b;
        }
    double a2 = W2V_NAME(total)(aa), b2 = W2V_NAME(total)(bb), dot = W2V_NAME(total)(ab);
    vf wa = splat(a2 > 0.0 ? (float)(1.0 - dot / (2.0 * a2)) : 1.0f);
    vf wb = splat(b2 > 0.0 ? (float)(1.0 - dot / (2.0 * b2)) : 1.0f);
    for (int c = 0; c < dim; c += W2V_LANES) {
        vf from = load(base + c);
        store(mine + c, from + wa * (load(mine + c) - from) + wb * (load(other + c) - from));
    }
}

#undef VECTORS
