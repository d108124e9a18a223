"""Held-out loss, early stopping and further training on film reviews.

The model is trained on the first half of the training sentences of the Stanford Sentiment Treebank
(Socher et al. 2013) and stops when the loss on the dev sentences no longer falls. The script prints
both losses of each epoch and the loss of the best weights on the test sentences. It then trains
further on the second half, whose new words are added to the vocabulary, and compares the result
with a model that was trained on everything at once.

    python heldout.py sst/
"""

import argparse

import numpy as np

from w2vext import Vocabulary, Word2Vec
from w2vext.datasets import load_sst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("treebank", help="the folder of the treebank")
    treebank = load_sst(parser.parse_args().treebank)

    def chosen(split):
        return [treebank.sentences[i] for i in np.flatnonzero(treebank.split == split)]

    train, dev, test = map(chosen, ("train", "dev", "test"))
    first, second = train[::2], train[1::2]

    def new_model(**params):
        defaults = {"vector_size": 50, "min_count": 2, "alpha": 0.1, "workers": 1}
        return Word2Vec(random_state=1, **defaults | params)

    print(f"sentences: {len(first):,} for training, {len(dev):,} dev, {len(test):,} test")
    model = new_model(epochs=40, patience=3).fit(first, validation=dev)
    print("epoch    training  held out")
    losses = zip(model.loss_history_, model.validation_loss_history_, strict=True)
    for epoch, (trained, held) in enumerate(losses):
        best = "  best" if epoch == model.best_epoch_ else ""
        print(f"{epoch + 1:5}  {trained:10.4f}  {held:8.4f}{best}")
    print(f"stopped after {model.n_iter_} of {model.epochs} epochs")

    words = len(model.vocabulary_)
    stopped = model.mean_loss(test)
    unstopped = new_model(epochs=40).fit(first).mean_loss(test)
    print(f"test loss of the best weights {stopped:.4f}, without early stopping {unstopped:.4f}")

    # Compare on the old words only. The new words, as negatives, lower the loss a little.
    known = [[word for word in sentence if word in model.vocabulary_] for sentence in test]
    known = [sentence for sentence in known if len(sentence) > 1]
    before = model.mean_loss(known)
    epochs = model.best_epoch_ + 1
    model.set_params(epochs=epochs, alpha=0.05).partial_fit(second)
    print(
        f"further training: from {words:,} to {len(model.vocabulary_):,} words, test loss of the "
        f"old words from {before:.4f} to {model.mean_loss(known):.4f}"
    )
    # Losses are comparable only for the same vocabulary.
    vocabulary = Vocabulary(model.vocabulary_, model.counts_)
    whole = new_model(epochs=epochs).fit(train, vocabulary=vocabulary)
    print(
        f"test loss after further training {model.mean_loss(test):.4f}, "
        f"of a model trained on everything at once {whole.mean_loss(test):.4f}"
    )


if __name__ == "__main__":
    main()
