"""The lines that make other libraries train with w2vext.gensim, before and after.

Each library runs in a process of its own, because some change NumPy's functions when imported.
"""

import pytest
from helpers.runs import finished

pytestmark = pytest.mark.slow

EDGES = "[(a, (a + step) % 12) for a in range(12) for step in (1, 2, 3)]"
# Library: what trains a small model, the line of docs/from-gensim.md, and where the model is.
LIBRARIES = {
    "node2vec": (
        "import networkx, node2vec\n"
        f"graph = networkx.Graph({EDGES})\n"
        "def train():\n"
        "    walks = node2vec.Node2Vec(graph, dimensions=8, walk_length=9, quiet=True)\n"
        "    return walks.fit(window=3, min_count=1)\n",
        "node2vec.node2vec.gensim = w2vext.gensim",
    ),
    "pecanpy": (
        "import pecanpy.pecanpy\n"
        "made = []\n"
        "def train():\n"
        "    kind = pecanpy.pecanpy.Word2Vec\n"
        "    pecanpy.pecanpy.Word2Vec = lambda *a, **k: made.append(kind(*a, **k)) or made[-1]\n"
        "    open('edges', 'w').write(''.join(f'{a}\\t{b}\\n' for a, b in " + EDGES + "))\n"
        "    graph = pecanpy.pecanpy.SparseOTF(p=1, q=1, workers=1)\n"
        "    graph.read_edg('edges', weighted=False, directed=False)\n"
        "    graph.embed(dim=8, num_walks=5, walk_length=9)\n"
        "    pecanpy.pecanpy.Word2Vec = kind\n"
        "    return made[-1]\n",
        "pecanpy.pecanpy.Word2Vec = w2vext.gensim.models.Word2Vec",
    ),
    "karateclub": (
        "import networkx, karateclub.node_embedding.neighbourhood.deepwalk as deepwalk\n"
        "made = []\n"
        "def train():\n"
        "    kind = deepwalk.Word2Vec\n"
        "    deepwalk.Word2Vec = lambda *a, **k: made.append(kind(*a, **k)) or made[-1]\n"
        f"    graph = networkx.Graph({EDGES})\n"
        "    found = deepwalk.DeepWalk(walk_number=5, walk_length=9, dimensions=8, workers=1)\n"
        "    found.fit(graph)\n"
        "    found.get_embedding()\n"
        "    deepwalk.Word2Vec = kind\n"
        "    return made[-1]\n",
        "deepwalk.Word2Vec = w2vext.gensim.models.Word2Vec",
    ),
    "pyrdf2vec": (
        "import pyrdf2vec.embedders.word2vec\n"
        "def train():\n"
        "    found = pyrdf2vec.embedders.Word2Vec(vector_size=8, epochs=2, workers=1)\n"
        "    found.fit([[('a', 'p', 'b'), ('b', 'q', 'c'), ('a', 'p', 'c')]] * 9)\n"
        "    found.transform(['a', 'b'])\n"
        "    return found._model\n",
        "pyrdf2vec.embedders.word2vec.W2V = w2vext.gensim.models.Word2Vec",
    ),
    "fastnode2vec": (
        "import fastnode2vec\n"
        "def train():\n"
        f"    edges = [(str(a), str(b)) for a, b in {EDGES}]\n"
        "    graph = fastnode2vec.Graph(edges, directed=False, weighted=False)\n"
        "    found = fastnode2vec.Node2Vec(graph, dim=8, walk_length=9, window=3, workers=1)\n"
        "    found.train(epochs=3, verbose=False)\n"
        "    return found\n",
        "fastnode2vec.Node2Vec.__bases__ = (w2vext.gensim.models.Word2Vec,)",
    ),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_uses_w2vext_after_one_line(tmp_path, library):
    pytest.importorskip(library)
    train, line = LIBRARIES[library]
    script = f"import os, sys; os.chdir(sys.argv[1])\n{train}\n" + """
def shown(model):
    owner = next(each for each in type(model).__mro__ if each.__name__ == "Word2Vec")
    print(owner.__module__, len(model.wv), model.wv.vector_size)
shown(train())
import w2vext.gensim
""" + f"{line}\nshown(train())\n"  # fmt: skip
    done = finished(script, str(tmp_path))
    assert done.returncode == 0, done.stderr
    before, after = done.stdout.strip().splitlines()[-2:]
    assert before.split()[0] == "gensim.models.word2vec"
    assert after.split()[0] == "w2vext.gensim.models.word2vec"
    assert before.split()[1:] == after.split()[1:]


def test_the_page_has_these_lines(project):
    page = (project / "docs" / "from-gensim.md").read_text(encoding="utf-8")
    for _, line in LIBRARIES.values():
        assert line in page
