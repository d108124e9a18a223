/* Draws random walks on a graph; several at the same time, so that their cache misses overlap. */
#include "walks.h"

#include <math.h>
#include <string.h>

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

/* Each step of a walk reads from three random places, and a walker waits for one of them while the others
 * continue. */
enum { WALKERS = 16 };

/* What a walker reads next; it has prefetched it. */
typedef enum { NO_WALK, ROW, SLOT, EDGE } waits_for;

typedef struct {
    waits_for next;
    uint64_t rng;
    uint64_t draw;        /* selects an edge */
    int64_t begin;        /* of the edges of `node` */
    int64_t last_begin;   /* of the edges of `last` */
    int64_t edge;         /* the drawn one */
    int32_t degree;       /* of `node` */
    int32_t last_degree;
    int32_t node, last;   /* where the walk is and where it came from: v and t */
    int32_t rejected;     /* neighbours of `node` so far */
    int32_t size;         /* nodes written to `out` */
    int32_t *out;
    int32_t *length;
} walker;

int w2v_graph_check(const w2v_graph *g, int64_t edges, int64_t *at)
{
    *at = 0;
    if (g->indptr[0] != 0)
        return W2V_GRAPH_INDPTR;
    for (int32_t v = 0; v < g->nodes; v++) {
        *at = v + 1;
        int64_t degree = g->indptr[v + 1] - g->indptr[v];
        if (g->indptr[v + 1] < g->indptr[v] || g->indptr[v + 1] > edges || degree > INT32_MAX)
            return W2V_GRAPH_INDPTR;
    }
    if (g->indptr[g->nodes] != edges)
        return W2V_GRAPH_INDPTR;
    for (int32_t v = 0; v < g->nodes; v++) {
        int32_t before = 0;
        for (*at = g->indptr[v]; *at < g->indptr[v + 1]; ++*at) {
            int32_t x = g->indices[*at];
            if (x < 0 || x >= g->nodes)
                return W2V_GRAPH_INDEX;
            if (x < before)
                return W2V_GRAPH_ORDER;
            before = x;
        }
    }
    for (*at = 0; g->weights && *at < edges; ++*at)
        if (!(g->weights[*at] > 0.0f && isfinite(g->weights[*at])))
            return W2V_GRAPH_WEIGHT;
    return W2V_GRAPH_VALID;
}

void w2v_walks_bias(w2v_graph *g, double p, double q)
{
    double most = fmax(1.0, fmax(1.0 / p, 1.0 / q));
    g->bias_return = 1.0 / p;
    g->bias_far = 1.0 / q;
    g->accept_return = (uint64_t)(g->bias_return / most * 4294967296.0);
    g->accept_near = (uint64_t)(1.0 / most * 4294967296.0);
    g->accept_far = (uint64_t)(g->bias_far / most * 4294967296.0);
}

/* Whether the last node has an edge to x. */
static int is_near(const w2v_graph *g, const walker *w, int32_t x)
{
    const int32_t *base = g->indices + w->last_begin;
    int32_t n = w->last_degree;
    while (n > 1) {
        int32_t half = n / 2;
        base = base[half] <= x ? base + half : base;
        n -= half;
    }
    return *base == x; /* it has at least the edge to `node` */
}

static int is_accepted(const w2v_graph *g, walker *w, int32_t x)
{
    if (w->size == 1)
        return 1;
    uint64_t u = w2v_next(&w->rng) >> 32;
    if (x == w->last)
        return u < g->accept_return;
    int near = u < g->accept_near, far = u < g->accept_far;
    return near == far ? near : is_near(g, w, x) ? near : far;
}

/* Draws an edge of `node` from the exact distribution, in one pass over all of its edges. */
static int64_t exact_edge(const w2v_graph *g, walker *w)
{
    int64_t chosen = w->begin;
    double total = 0.0;
    for (int64_t e = w->begin; e < w->begin + w->degree; e++) {
        int32_t x = g->indices[e];
        double weight = g->weights ? g->weights[e] : 1.0;
        if (x == w->last)
            weight *= g->bias_return;
        else if (!is_near(g, w, x))
            weight *= g->bias_far;
        total += weight;
        double u = (double)(w2v_next(&w->rng) >> 11) * 0x1p-53;
        if (u * total < weight)
            chosen = e;
    }
    return chosen;
}

static void draw_edge(const w2v_graph *g, walker *w)
{
    w->draw = w2v_next(&w->rng);
    w->edge = w->begin + w2v_below(w->draw, (uint32_t)w->degree);
    w->next = g->slots ? SLOT : EDGE;
    if (g->slots)
        PREFETCH(g->slots + w->edge);
    else
        PREFETCH(g->indices + w->edge);
}

static void finish(walker *w, int32_t length)
{
    *w->length = w->size;
    for (int32_t i = w->size; i < length; i++)
        w->out[i] = -1;
    w->next = NO_WALK;
}

/* Moves to a node, or ends the walk there. */
static void visit(const w2v_graph *g, walker *w, int32_t node, int32_t length)
{
    w->node = node;
    w->out[w->size++] = node;
    w->rejected = 0;
    w->next = ROW;
    if (w->size == length)
        finish(w, length);
    else
        PREFETCH(g->indptr + node);
}

static void advance(const w2v_graph *g, walker *w, int32_t length)
{
    if (w->next == ROW) {
        w->begin = g->indptr[w->node];
        w->degree = (int32_t)(g->indptr[w->node + 1] - w->begin);
        if (w->degree == 0)
            finish(w, length);
        else
            draw_edge(g, w);
        return;
    }
    if (w->next == SLOT) {
        w->edge = w->begin + w2v_alias_draw(g->slots + w->begin, w->degree, w->draw);
        w->next = EDGE;
        PREFETCH(g->indices + w->edge);
        return;
    }
    if (!is_accepted(g, w, g->indices[w->edge])) {
        /* After as many rejections as there are edges, a pass over all of them costs no more. */
        if (++w->rejected < w->degree) {
            draw_edge(g, w);
            return;
        }
        w->edge = exact_edge(g, w);
    }
    w->last = w->node;
    w->last_begin = w->begin;
    w->last_degree = w->degree;
    visit(g, w, g->indices[w->edge], length);
}

void w2v_walks_draw(const w2v_graph *g, const int32_t *starts, int64_t n_starts, uint64_t key,
                    int64_t first, int64_t count, int32_t length, int32_t *ids, int32_t *lengths,
                    volatile int *stopping)
{
    walker walkers[WALKERS];
    memset(walkers, 0, sizeof walkers); /* NO_WALK */
    int64_t begun = 0;
    for (int walking = 1; walking && !*stopping;) {
        walking = 0;
        for (int i = 0; i < WALKERS; i++) {
            walker *w = &walkers[i];
            if (w->next != NO_WALK) {
                advance(g, w, length);
            } else if (begun < count) {
                w->rng = w2v_seed(key, (uint64_t)(first + begun));
                w->out = ids + begun * length;
                w->length = lengths + begun;
                w->size = 0;
                visit(g, w, starts[(first + begun) % n_starts], length);
                begun++;
            } else {
                continue;
            }
            walking = 1;
        }
    }
}

int64_t w2v_walks_pack(int32_t *ids, const int32_t *lengths, int64_t count, int32_t length,
                       const int32_t *labels, int64_t *offsets)
{
    int64_t size = 0;
    for (int64_t i = 0; i < count; i++) {
        offsets[i] = size;
        for (int32_t k = 0; k < lengths[i]; k++)
            ids[size++] = labels[ids[i * length + k]];
    }
    offsets[count] = size;
    return size;
}
