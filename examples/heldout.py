"""Held-out loss, early stopping, and training further, on reviews that the model has not seen.

Trains on the first half of the training sentences of the Stanford Sentiment Treebank (Socher et al.
2013) while the loss on the dev sentences is watched; prints both losses of each epoch, where it
stopped, and the loss on the test sentences of the weights that were kept. Then trains further on
the second half, whose new words join the vocabulary, beside a model that saw all at once.

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

    def fresh(**params):
        how = {"vector_size": 50, "min_count": 2, "alpha": 0.1, "workers": 1, "random_state": 1}
        return Word2Vec(**how | params)

    print(f"{len(first):,} sentences to train on, {len(dev):,} to watch, {len(test):,} to test on")
    model = fresh(epochs=40, patience=3).fit(first, validation=dev)
    print("epoch  trained on  held out")
    losses = zip(model.loss_history_, model.validation_loss_history_, strict=True)
    for epoch, (trained, held) in enumerate(losses):
        kept = "  kept" if epoch == model.best_epoch_ else ""
        print(f"{epoch + 1:5}  {trained:10.4f}  {held:8.4f}{kept}")
    print(f"stopped after {model.n_iter_} of {model.epochs} epochs")

    words = len(model.vocabulary_)
    stopped = model.mean_loss(test)
    endless = fresh(epochs=40).fit(first).mean_loss(test)
    print(f"test loss of the kept weights {stopped:.4f}, without stopping {endless:.4f}")

    # The old words of the test sentences; new words among the negatives make them a little easier.
    known = [[word for word in sentence if word in model.vocabulary_] for sentence in test]
    known = [sentence for sentence in known if len(sentence) > 1]
    before = model.mean_loss(known)
    epochs = model.best_epoch_ + 1
    model.set_params(epochs=epochs, alpha=0.05).partial_fit(second)
    print(
        f"trained further: {words:,} words became {len(model.vocabulary_):,}, the loss on the test "
        f"sentences' old words {before:.4f} became {model.mean_loss(known):.4f}"
    )
    # Figures compare for one vocabulary.
    vocabulary = Vocabulary(model.vocabulary_, model.counts_)
    whole = fresh(epochs=epochs).fit(train, vocabulary=vocabulary)
    print(
        f"test loss after training further {model.mean_loss(test):.4f}, "
        f"of a model that saw all at once {whole.mean_loss(test):.4f}"
    )


if __name__ == "__main__":
    main()
