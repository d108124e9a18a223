"""A user's program for mypy: inferred types, and errors in the lines marked `# E: code`."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from typing_extensions import assert_type

import w2vext
from w2vext import (
    Callback,
    KeyedVectors,
    Pairs,
    Phrases,
    TrainingState,
    Vocabulary,
    Word2Vec,
    convert,
    explain,
    show_config,
)

Float32 = NDArray[np.float32]
sentences = [["the", "cat"], ["the", "dog"]]


class Enough(Callback):
    def on_epoch_end(self, state: TrainingState) -> None:
        if state.loss_history[-1] < 4.2:
            state.stop()


model = Word2Vec(loss="hs", vector_size=50, callbacks=[Enough()], random_state=1).fit(sentences)
assert_type(model, Word2Vec)
assert_type(model.vectors_, Float32)
assert_type(model.loss_history_, list[float])
assert_type(model.transform(sentences), Float32)
assert_type(model.mean_loss(Path("held-out.txt")), float)
assert_type(Word2Vec.load("model.safetensors"), Word2Vec)
Word2Vec().fit([Path("a.txt"), Path("b.txt.gz")], vocabulary={"the": 2}, init={"the": [0.0] * 100})
Word2Vec().fit(Pairs(["a"], ["b"], [2.0]), noise_groups={"a": 1}, validation=Pairs(["a"], ["b"]))
Word2Vec().fit(np.zeros((2, 3), np.int64)).partial_fit(iter(sentences))

wv = model.wv
assert_type(wv, KeyedVectors)
assert_type(wv["the"], Float32)
assert_type(wv.similarity("cat", "dog"), float)
for _, cosine in wv.most_similar(["cat"], ["dog"], topn=3):
    assert_type(cosine, float)
assert_type(wv.most_similar("cat", topn=None), Float32)
for found in wv.most_similar([["cat"], ["dog", "the"]]):
    assert_type(found[0][1], float)
assert_type(KeyedVectors.load("vectors.txt", limit=10), KeyedVectors)
assert_type(wv.evaluate_pairs("wordsim353.txt").spearman.statistic, float)
assert_type(Vocabulary.from_counts({"the": 2}).lookup(["the"]), NDArray[np.int32])
assert_type(Phrases(min_count=1).fit_transform(sentences), list[list[str]])
convert("vectors.txt", Path("vectors.bin"), limit=5)
explain("the cat sat", loss="softmax").save("explain.html")
show_config()["threads"]
assert_type(w2vext.datasets.load_sst("sst").sentences, list[list[str]])
assert_type(w2vext.clusters.cluster(wv, 2), w2vext.clusters.Clusters)

Word2Vec(loss="nag")  # E: arg-type
Word2Vec(vector_size="100")  # E: arg-type
Word2Vec("skipgram")  # E: call-arg
Word2Vec(vector_sizes=100)  # E: call-arg
Word2Vec().fit(3)  # E: arg-type
Word2Vec(schedule="linaer")  # E: arg-type
print(model.wv.vector)  # E: attr-defined
wv.most_similar("cat", topn="3")  # E: call-overload
wv.save_word2vec_format(sentences)  # E: arg-type
KeyedVectors(["a"], [[1.0]], unknown="drop")  # E: arg-type
Vocabulary.from_counts(["a"])  # E: arg-type
