"""Random walks and node2vec: speed, memory and link prediction, next to PecanPy and node2vec.

Each part can be run by itself (--parts):

    walks    ids a second on one thread, on a random graph of 100,000 nodes and 1,000,000 edges
    memory   what Node2Vec needs on this graph beyond the graph and the vectors
    train    from a file of edges to vectors: w2vext, and PecanPy with gensim. With --sample,
             PecanPy makes only so many of the 1,000,000 walks, and the seconds of walks and
             training are multiplied; those of loading and of the vocabulary are not
    large    walks from 1 % of the nodes of a graph of 4,400,000 nodes and 83,000,000 edges
    links    area under the ROC curve of link prediction, by w2vext and by node2vec with gensim

PecanPy and node2vec are run by the interpreter --peer, in which they and gensim are installed.
Seconds are processor time, imports and compilation excluded.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import tables
from results import Results, environment, parser

PARTS = ("walks", "memory", "train", "large", "links")
RECIPE = """
import numpy as np
from scipy.sparse import coo_array

def edges(nodes, count, seed=1):
    # Both ends are skewed, and the number of a node says nothing about its degree.
    rng = np.random.default_rng(seed)
    order = rng.permutation(nodes).astype(np.int32)
    ends = []
    for power in (2.0, 1.3):
        numbers = np.empty(count, np.int32)
        for at in range(0, count, 1 << 22):
            part = numbers[at : at + (1 << 22)]
            part[:] = nodes * rng.random(len(part)) ** power
        ends.append(order[numbers])
    return ends

def matrix(nodes, count):
    u, v = edges(nodes, count)
    rows = np.concatenate([u, v]), np.concatenate([v, u])
    del u, v
    found = coo_array((np.ones(len(rows[0]), np.int8), rows), shape=(nodes, nodes)).tocsr()
    del rows
    found.sum_duplicates()
    return found
"""
MEASURE = """
import json, sys, time
def status(name):
    rows = dict(row.split(":", 1) for row in open("/proc/self/status").read().splitlines())
    return int(rows[name].split()[0]) / 1024
"""
WALKS = """
import numpy as np
from w2vext.graph import walks
graph = matrix(100_000, 1_000_000)
weights = np.random.default_rng(2).exponential(size=graph.nnz) if {weighted} else None
options = dict(p={p}, q={q}, per_node=2, workers=1)
walks(graph.indptr, graph.indices, weights, nodes=[0], length=2)
start = time.process_time()
walks(graph.indptr, graph.indices, weights, nodes=[0], random_state={seed}, **options)
fixed = time.process_time() - start
start = time.process_time()
ids = walks(graph.indptr, graph.indices, weights, random_state={seed}, **options)
seconds = time.process_time() - start
found = dict(ids=int((ids >= 0).sum()), cpu_s=seconds - fixed, tables_cpu_s=fixed)
found["degree"] = int(np.diff(graph.indptr).max())
"""
MEMORY = """
from w2vext.graph import Node2Vec
graph = matrix(100_000, 1_000_000)
edges = [("a", "b")]
Node2Vec(vector_size=4, workers=1).fit(edges).wv  # so that everything is imported
graph.has_canonical_format
before = status("VmRSS")
model = Node2Vec(
    q=0.5, vector_size=64, walks_per_node=1, workers={workers}, random_state={seed}
).fit(graph)
matrices = 2 * model.model_.vectors_.nbytes / 2**20
found = dict(before_mb=before, peak_mb=status("VmHWM"), matrices_mb=matrices)
found["beyond_mb"] = found["peak_mb"] - before - matrices
"""
W2VEXT = """
from w2vext.graph import Node2Vec
Node2Vec(vector_size=4, workers=1).fit([("a", "b")])
start, cpu = time.perf_counter(), time.process_time()
model = Node2Vec(q=0.5, vector_size=64, walks_per_node={walks}, workers=1, random_state={seed})
model.fit(sys.argv[1])
found = dict(s=time.perf_counter() - start, cpu_s=time.process_time() - cpu)
found.update(peak_mb=status("VmHWM"), ids=int(model.model_.counts_.sum()))
"""
PECANPY = """
from pecanpy import pecanpy
from gensim.models import Word2Vec
def loaded(path):
    graph = pecanpy.SparseOTF(1, 0.5, 1, False)
    graph.read_edg(path, False, False)
    graph.preprocess_transition_probs()
    return graph
start = time.process_time()
graph = loaded(sys.argv[1])
found = dict(load_cpu_s=time.process_time() - start)
# Numba compiles the walks for these two functions, so they are made once, and used twice.
moves = graph.get_move_forward(), graph.get_has_nbrs()
graph.get_move_forward, graph.get_has_nbrs = (lambda each=each: each for each in moves)
every = graph._random_walks
def limited(most):
    def some(count, length, seed, starts, *more):
        return every(most, length, seed, starts[:most], *more)
    return some
graph._random_walks = limited(1)
start = time.process_time()
graph.simulate_walks(10, 80)
found["compile_cpu_s"] = time.process_time() - start
graph._random_walks = limited({sample})
start = time.process_time()
walks = graph.simulate_walks(10, 80)
found["walk_cpu_s"] = time.process_time() - start
start = time.process_time()
model = Word2Vec(vector_size=64, window=10, sg=1, min_count=0, workers=1, epochs=1, seed={seed})
model.build_vocab(walks)
found["vocabulary_cpu_s"] = time.process_time() - start
start = time.process_time()
model.train(walks, total_examples=len(walks), epochs=1)
found["train_cpu_s"] = time.process_time() - start
found.update(peak_mb=status("VmHWM"), ids=sum(map(len, walks)))
"""
LARGE = """
from w2vext.graph import walks
start = time.process_time()
graph = matrix(4_400_000, 83_000_000)
found = dict(make_cpu_s=time.process_time() - start, make_peak_mb=status("VmHWM"))
found.update(nodes=graph.shape[0], edges=graph.nnz // 2, degree=int(np.diff(graph.indptr).max()))
nodes = np.random.default_rng(3).choice(graph.shape[0], graph.shape[0] // 100, replace=False)
start, cpu = time.perf_counter(), time.process_time()
ids = walks(graph.indptr, graph.indices, q=0.5, nodes=nodes, workers=1, random_state=1)
found.update(s=time.perf_counter() - start, cpu_s=time.process_time() - cpu)
found.update(ids=int((ids >= 0).sum()), peak_mb=status("VmHWM"))
"""
OURS = """
from w2vext.graph import Node2Vec
model = Node2Vec(p={p}, q={q}, epochs={epochs}, workers=1, random_state={seed})
start = time.process_time()
model.fit(sys.argv[1])
found = dict(cpu_s=time.process_time() - start, alpha=model.model_.alpha_)
model.wv.save_word2vec_format(sys.argv[2])
"""
THEIRS = """
import networkx as nx
import numpy as np
import random
from node2vec import Node2Vec
random.seed({seed})
np.random.seed({seed})
graph = nx.read_edgelist(sys.argv[1])
start = time.process_time()
made = Node2Vec(
    graph, dimensions=128, walk_length=80, num_walks=10, p={p}, q={q}, workers=1, quiet=True,
    seed={seed},
)
model = made.fit(window=10, min_count=1, sg=1, epochs={epochs}, workers=1, seed={seed})
found = dict(cpu_s=time.process_time() - start, alpha=model.alpha)
model.wv.save_word2vec_format(sys.argv[2])
"""


def child(interpreter, code, *arguments, **values):
    """What a script, run in a process of its own, puts into `found`."""
    for name, value in values.items():
        code = code.replace("{" + name + "}", repr(value))
    script = f"{RECIPE}{MEASURE}{code}\nprint(json.dumps(found))\n"
    command = [str(interpreter), "-c", script, *map(str, arguments)]
    variables = environment()
    if interpreter != sys.executable:
        variables.pop("PYTHONPATH", None)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=variables)
    return json.loads(done.stdout.splitlines()[-1])


def written(folder):
    """The file of the random graph's edges, separated by tabs, as PecanPy reads them."""
    path = folder / "graph.tsv"
    if not path.exists():
        found = {}
        exec(RECIPE, found)
        graph = found["matrix"](100_000, 1_000_000).tocoo()
        rows, columns = (part[graph.row < graph.col] for part in (graph.row, graph.col))
        lines = (f"{u}\t{v}\n" for u, v in zip(rows.tolist(), columns.tolist(), strict=True))
        path.write_text("".join(lines), encoding="utf-8")
    return path


def split(path, seed):
    """A graph without a tenth of its edges, those, and pairs that are not edges.

    Every node keeps an edge, so that every node has a vector. Returns (kept edges, their
    number of other pairs, removed edges, as many other pairs).
    """
    import numpy as np

    with open(path, encoding="utf-8") as file:
        pairs = {tuple(sorted(line.split()[:2])) for line in file if not line.startswith("#")}
    edges = sorted(pair for pair in pairs if pair[0] != pair[1])
    rng = np.random.default_rng(seed)
    degree = {}
    for edge in edges:
        for node in edge:
            degree[node] = degree.get(node, 0) + 1
    removed = set()
    for at in rng.permutation(len(edges)).tolist():
        u, v = edges[at]
        if len(removed) < len(edges) // 10 and degree[u] > 1 and degree[v] > 1:
            removed.add((u, v))
            degree[u], degree[v] = degree[u] - 1, degree[v] - 1
    nodes, others = sorted(degree), set()
    while len(others) < len(edges):
        u, v = sorted(nodes[i] for i in rng.choice(len(nodes), 2, replace=False).tolist())
        if (u, v) not in pairs:
            others.add((u, v))
    others = sorted(others)
    others = [others[i] for i in rng.permutation(len(others)).tolist()]
    kept = [edge for edge in edges if edge not in removed]
    return kept, others[: len(kept)], sorted(removed), others[len(kept) :][: len(removed)]


def area(vectors, parts):
    """The area under the ROC curve of logistic regression on products of vectors."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from w2vext import KeyedVectors
    from w2vext.graph import EdgeFeatures

    kept, others, removed, more = parts
    features = EdgeFeatures(KeyedVectors.load(vectors, format="word2vec"))
    model = make_pipeline(features, StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(kept + others, [1] * len(kept) + [0] * len(others))
    scores = model.predict_proba(removed + more)[:, 1]
    return roc_auc_score([1] * len(removed) + [0] * len(more), scores)


def walks(options, results):
    for seed in range(1, options.rounds + 1):
        for p, q, weighted in ((1, 0.5, False), (1, 1, False), (0.25, 4, False), (1, 0.5, True)):
            found = child(sys.executable, WALKS, p=p, q=q, weighted=weighted, seed=seed)
            results.add(part="walks", p=p, q=q, weighted=weighted, seed=seed, **found)


def memory(options, results):
    for workers in (1, 2):
        found = child(sys.executable, MEMORY, workers=workers, seed=1)
        results.add(part="memory", workers=workers, **found)


def train(options, results):
    path = written(options.work)
    for seed in range(1, options.rounds + 1):
        found = child(sys.executable, W2VEXT, path, walks=10, seed=seed)
        results.add(part="train", program="w2vext", seed=seed, **found)
        if options.peer:
            found = child(options.peer, PECANPY, path, sample=options.sample, seed=seed)
            times = 80_000_000 / found["ids"]  # a walk of PecanPy has 81 nodes
            seconds = found["load_cpu_s"] + found["vocabulary_cpu_s"]
            seconds += times * (found["walk_cpu_s"] + found["train_cpu_s"])
            results.add(
                part="train", program="PecanPy + gensim", sample=options.sample, seed=seed,
                cpu_s=seconds, **found,
            )  # fmt: skip


def large(options, results):
    results.add(part="large", **child(sys.executable, LARGE))


def links(options, results):
    parts = {seed: split(options.cora, seed) for seed in range(1, options.rounds + 1)}
    for seed, (kept, *_) in parts.items():
        text = "".join(f"{u} {v}\n" for u, v in kept)
        (options.work / f"kept-{seed}.txt").write_text(text, encoding="utf-8")
    programs = {"w2vext": (sys.executable, OURS)}
    if options.peer:
        programs["node2vec + gensim"] = (options.peer, THEIRS)

    storing = Lock()

    def run(program, seed, p, q):
        path = options.work / f"kept-{seed}.txt"
        out = options.work / f"vectors-{program.split()[0]}-{seed}-{p}-{q}.txt"
        found = child(*programs[program], path, out, p=p, q=q, epochs=1, seed=seed)
        found["auc"] = area(out, parts[seed])
        with storing:
            results.add(part="links", program=program, p=p, q=q, seed=seed, **found)

    with ThreadPoolExecutor(options.jobs) as pool:
        tasks = [
            pool.submit(run, program, seed, *bias)
            for seed in parts
            for bias in ((1, 1), (1, 0.5))
            for program in programs
        ]
        for task in tasks:
            task.result()


def main():
    made = parser(__doc__)
    made.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    made.add_argument("--cora", type=Path, help="the edges of cora, for the part links")
    made.add_argument("--peer", type=Path, help="an interpreter with pecanpy, node2vec, gensim")
    made.add_argument("--sample", type=int, default=1_000_000, help="walks of PecanPy")
    made.add_argument("--rounds", type=int, default=3, help="seeds of walks, train and links")
    made.add_argument("--jobs", type=int, default=1, help="runs at the same time, in links")
    made.add_argument("--work", type=Path, default=Path("bench-compare"), help="work folder")
    options = made.parse_args()
    if "links" in options.parts and options.cora is None:
        made.error("give --cora, or --parts without links")
    options.work.mkdir(exist_ok=True)
    results = Results(options)
    for part in options.parts:
        globals()[part](options, results)
    tables.show(results.content)


if __name__ == "__main__":
    main()
