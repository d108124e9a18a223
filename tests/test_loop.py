"""The training loop: windows compared with their definition, steps with the NumPy reference.

The reference computes in float64. The block kernel may differ from it by rounding, the pair kernel
by the error of its table. Ids never equal positions.
"""

import threading
from itertools import pairwise

import numpy as np
import pytest
from helpers import waiting
from helpers.streams import (
    HALF,
    KEEP_ALL,
    V,
    all_kept,
    both_of,
    grouped_noise,
    kept_sentences,
    negatives_of,
    negatives_of_group,
    only,
    path_of,
    plain_windows,
    stream,
    tree_of,
    weights,
    window_size,
)
from scipy.stats import chisquare

from w2vext import reference as ref
from w2vext.training._loop import CHUNK, Worker
from w2vext.training._plan import Job
from w2vext.training._sampling import Noise, NoiseGroups
from w2vext.training.pieces import epoch_key


def job_of(ids, offsets, w_in, w_out, *, d=None, keep=None, **options):
    if "tree" not in options:
        options.setdefault("noise", only(4, len(w_in)))
    return Job(
        ids, offsets, w_in, w_out,
        dim=d or w_in.shape[1], keep=all_kept(len(w_in)) if keep is None else keep, **options,
    )  # fmt: skip


# --- windows, by `collect` ------------------------------------------------------------------------


def collected(job, pieces, key, window, room=7):
    """The windows of some pieces [(begin, end)], in order, `room` at a time."""
    worker, found = Worker(job), []
    centres, starts = np.empty(room, dtype=np.int32), np.empty(room + 1, dtype=np.int64)
    contexts = np.empty(room * (2 * window + 1), dtype=np.int32)
    for number, (begin, end) in enumerate(pieces):
        worker.open(begin, end, number, 0.1, 0.1, key)
        while True:
            n, _ = worker.collect(centres, starts, contexts)
            if not n:
                break
            for b in range(n):
                found.append((int(centres[b]), contexts[starts[b] : starts[b + 1]].tolist()))
    assert worker.done == sum(end - begin for begin, end in pieces)
    return found


def cuts(n, *at):
    edges = [0, *at, n]
    return list(pairwise(edges))


SHORT = [1, 6, 2, 11, 1, 1, 30, 3]
LONG = [5, 10_000, 1, 3]
RARE = np.full(V, KEEP_ALL // 50, dtype=np.uint32)


@pytest.mark.parametrize("keep", [all_kept(), HALF, RARE], ids=["all", "half", "few"])
@pytest.mark.parametrize("window", [1, 2, 5, 40])
def test_windows_of_short_sentences_wherever_the_stream_is_cut(window, keep):
    ids, offsets = stream(SHORT)
    expected = list(plain_windows(ids, offsets, keep, 99, window).values())
    w = weights(V, 16, 1)
    job = job_of(ids, offsets, w, w.copy(), keep=keep, window=window, shrink_windows=False)
    n = len(ids)
    rng = np.random.default_rng(5)
    some = [sorted(rng.choice(n, 6, replace=False).tolist()) for _ in range(5)]
    for at in ([], range(1, n), [20], [7, 8, 9], offsets[1:-1].tolist(), *some):
        assert collected(job, cuts(n, *at), 99, window) == expected


@pytest.mark.parametrize("keep", [all_kept(), HALF, RARE], ids=["all", "half", "few"])
def test_windows_of_a_sentence_longer_than_a_chunk(keep):
    ids, offsets = stream(LONG)
    expected = list(plain_windows(ids, offsets, keep, 12, 5).values())
    w = weights(V, 16, 1)
    job = job_of(ids, offsets, w, w.copy(), keep=keep, window=5, shrink_windows=False)
    n = len(ids)
    edges = (CHUNK, CHUNK + 5, 2 * CHUNK + 6, 10_004)
    for at in ([], [1], edges, [2500, 2501, 9999], range(1000, n, 1000)):
        assert collected(job, cuts(n, *at), 12, 5, room=500) == expected


@pytest.mark.parametrize("keep", [all_kept(), HALF, RARE], ids=["all", "half", "few"])
@pytest.mark.parametrize("window", [1, 2, 40])
@pytest.mark.parametrize("global_context", ["first", "last"])
def test_a_global_context_word_is_in_every_window(global_context, window, keep):
    """Once, wherever the stream is cut, in short sentences and in one longer than a chunk."""
    rng = np.random.default_rng(5)
    for lengths, room in ((SHORT, 7), (LONG, 500)):
        ids, offsets = stream(lengths)
        expected = plain_windows(ids, offsets, keep, 99, window, global_context)
        w = weights(V, 16, 1)
        job = job_of(
            ids, offsets, w, w.copy(), keep=keep, window=window, shrink_windows=False,
            global_context=global_context,
        )  # fmt: skip
        n = len(ids)
        for at in ([], sorted(rng.choice(n, 6, replace=False).tolist()), offsets[1:-1].tolist()):
            found = collected(job, cuts(n, *at), 99, window, room)
            assert found == list(expected.values())


def test_windows_never_cross_sentences():
    """Each sentence has words of its own."""
    offsets = np.array([0, 3, 4, 9, 12], dtype=np.int64)
    ids = np.array([9, 8, 9, 2, 11, 10, 12, 11, 13, 20, 21, 22], dtype=np.int32)
    w = weights(V, 16, 1)
    job = job_of(ids, offsets, w, w.copy(), window=9, shrink_windows=False)
    found = collected(job, [(0, 12)], 1, 9)
    assert [centre for centre, _ in found] == [9, 8, 9, 11, 10, 12, 11, 13, 20, 21, 22]
    for centre, context in found:
        family = [centre in group for group in ({8, 9}, {10, 11, 12, 13}, {20, 21, 22})]
        assert all([word in group for group in ({8, 9}, {10, 11, 12, 13}, {20, 21, 22})] == family
                   for word in context)  # fmt: skip
    assert found[1] == (8, [9, 9]) and found[4] == (10, [11, 12, 11, 13])


def test_keys_select_different_occurrences():
    ids, offsets = stream([2000])
    w = weights(V, 16, 1)
    job = job_of(ids, offsets, w, w.copy(), keep=HALF, window=2, shrink_windows=False)
    assert collected(job, [(0, 2000)], 1, 2) != collected(job, [(0, 2000)], 2, 2)


@pytest.mark.parametrize("cut", [[], [13], [4, 30, 31]])
def test_window_sizes_are_those_of_their_positions(cut):
    """However the stream is cut, and whatever subsampling leaves out."""
    ids, offsets = stream(SHORT)
    window, key = 6, 256 * 314 + 3
    w = weights(V, 16, 1)
    for keep in (all_kept(), HALF):
        expected = []
        for kept in kept_sentences(ids, offsets, keep, key):
            for i, (pos, word) in enumerate(kept):
                size = window_size(key, pos, window)
                context = [other for _, other in kept[max(0, i - size) : i + 1 + size]]
                del context[min(i, size)]
                if context:
                    expected.append((word, context))
        job = job_of(ids, offsets, w, w.copy(), keep=keep, window=window, shrink_windows=True)
        assert collected(job, cuts(len(ids), *cut), key, window) == expected


def test_the_epochs_of_a_run_give_each_position_other_window_sizes():
    ids, offsets = stream([300])
    w = weights(V, 16, 1)
    job = job_of(ids, offsets, w, w.copy(), window=5, shrink_windows=True)
    keys = [epoch_key(9, epoch, np.int64(5)) for epoch in range(10)]
    sizes = [
        [len(context) // 2 for _, context in collected(job, [(0, 300)], key, 5)] for key in keys
    ]
    inside = np.array(sizes)[:, 5:-5]
    for block in (inside[:5], inside[5:]):
        assert (np.sort(block, axis=0) == np.arange(1, 6)[:, np.newaxis]).all()
    assert 0.1 < (inside[5] == inside[0]).mean() < 0.3  # the next block has other draws


def test_the_epochs_of_a_run_keep_each_position_equally_often():
    share, epochs, n = 0.3, 10, 2000
    words = np.random.default_rng(3).permutation(n).astype(np.int32)  # each occurs once
    w = weights(n, 16, 1)
    job = job_of(
        words, np.array([0, n]), w, w.copy(), keep=np.full(n, int(share * 2**32), np.uint32),
        window=5,
    )  # fmt: skip
    kept = np.zeros(n, int)
    for epoch in range(epochs):
        for centre, _ in collected(job, [(0, n)], epoch_key(5, epoch, epochs), 5):
            kept[centre] += 1
    assert set(kept) <= {2, 3, 4}  # independent draws would give 0 to 10
    assert abs(kept.mean() - share * epochs) < 0.05


def test_window_sizes_are_uniform():
    ids, offsets = stream([8000])
    w = weights(V, 16, 1)
    job = job_of(ids, offsets, w, w.copy(), window=5, shrink_windows=True)
    found = collected(job, [(0, 8000)], 8, 5, room=999)
    sizes = np.bincount([len(context) // 2 for _, context in found[5:-5]], minlength=6)
    assert sizes[0] == 0 and chisquare(sizes[1:]).pvalue > 1e-3


# --- a pass compared with the reference -----------------------------------------------------------

LENGTHS = [7, 1, 12, 3, 40, 2]
LRS = (0.04, 0.01)


def lr_at(pos, begin, end, lrs=LRS):
    return lrs[0] + (lrs[1] - lrs[0]) * (pos - begin) / (end - begin)


def reference_pass(
    ids, offsets, w_in, w_out, window, targets_of, *, mode, keep=None, key=0, gradient="mean",
    frozen=(), frozen_out=False, global_context=None, shrink=False,
):  # fmt: skip
    """One pass in float64; the learning rate is that of the sentence's first position.

    Rows of w_in that are `frozen` are put back after each window, and all rows of w_out after each
    step with `frozen_out`. `mode` is pair, block or cbow. Returns the loss and the number of pairs.
    """
    keep = all_kept(len(w_in)) if keep is None else keep
    loss, pairs, still, outputs = 0.0, 0, w_in[list(frozen)], w_out.copy()
    windows = plain_windows(ids, offsets, keep, key, window, global_context, shrink)
    for pos, (centre, context) in windows.items():
        first = int(offsets[np.searchsorted(offsets, pos, side="right") - 1])
        lr = lr_at(first, 0, len(ids))
        targets, labels = targets_of(centre)
        if not targets:
            continue
        if mode == "cbow":
            loss += ref.train_window_cbow(
                w_in, w_out, context, targets, labels, lr, gradient=gradient, block=True
            )
            pairs += 1
        elif mode == "block":
            loss += ref.train_window_block(w_in, w_out, context, targets, labels, lr)
            pairs += len(context)
        else:
            for word in context:
                loss += ref.train_inputs_pair(w_in, w_out, [word], [targets], [labels], lr)
                if frozen_out:
                    w_out[:] = outputs
            pairs += len(context)
        w_in[list(frozen)] = still
        if frozen_out:
            w_out[:] = outputs
    return loss, pairs


def compare(options, targets_of, out_rows, *, d=16, window=3, keep=None, mode):
    """Trains one pass in one piece and compares the result with the reference."""
    ids, offsets = stream(LENGTHS)
    w_in, w_out = weights(V, d, 3), weights(out_rows, d, 4)
    expected_in, expected_out = w_in[:, :d].astype(float), w_out[:, :d].astype(float)
    before_in, before_out = expected_in.copy(), expected_out.copy()
    gradient = "mean" if options.get("average", True) else "word2vec"
    frozen = np.flatnonzero(options.get("frozen", ()))
    loss, pairs = reference_pass(
        ids, offsets, expected_in, expected_out, window, targets_of, mode=mode, keep=keep, key=55,
        gradient=gradient, frozen=frozen, frozen_out=options.get("frozen_out", False),
        global_context=options.get("global_context"), shrink=True,
    )  # fmt: skip
    worker = Worker(
        job_of(ids, offsets, w_in, w_out, d=d, window=window, shrink_windows=True, keep=keep,
               block=mode != "pair", cbow=mode == "cbow", **options)
    )  # fmt: skip
    worker.train(0, len(ids), 0, *LRS, 55)
    found, counted = worker.take_loss()
    assert counted == pairs and worker.done == len(ids)
    near = NEAR[mode] * max(
        np.abs(expected_in - before_in).max(), np.abs(expected_out - before_out).max()
    )
    np.testing.assert_allclose(w_in[:, :d], expected_in, rtol=0, atol=near)
    np.testing.assert_allclose(w_out[:, :d], expected_out, rtol=0, atol=near)
    np.testing.assert_array_equal(w_in[frozen, :d], before_in[frozen])
    if options.get("frozen_out"):
        np.testing.assert_array_equal(w_out[:, :d], before_out)
    # The error of a pair's loss is at most 0.0025 in the block (above a score of 6), and 0.006 with
    # the table.
    assert found / counted == pytest.approx(loss / pairs, abs=0.04 if mode == "pair" else 0.002)
    assert not w_in[:, d:].any() and not w_out[:, d:].any()
    assert worker.take_loss() == (0.0, 0)


# Tolerances relative to the largest change: for rounding, and for the table's error in a few
# hundred updates.
NEAR = {"block": 1e-5, "cbow": 1e-5, "pair": 0.03}


@pytest.mark.parametrize("keep", [None, HALF], ids=["all", "half"])
@pytest.mark.parametrize("d", [1, 16, 20])
@pytest.mark.parametrize("mode", NEAR)
def test_negative_sampling_equals_the_reference(mode, d, keep):
    """All negatives are word 4: they are repeated, and dropped where 4 is the centre."""
    compare(
        {"negative": 3, "noise": only(4)}, negatives_of(4, 3), V, d=d, keep=keep, mode=mode,
    )  # fmt: skip


@pytest.mark.parametrize("mode", NEAR)
@pytest.mark.parametrize("negative", [1, 12, 25])
def test_any_number_of_negatives(mode, negative):
    compare(
        {"negative": negative, "noise": only(9)}, negatives_of(9, negative), V, mode=mode,
    )  # fmt: skip


@pytest.mark.parametrize("keep", [None, HALF], ids=["all", "half"])
@pytest.mark.parametrize("negative", [1, 3, 12])
@pytest.mark.parametrize("mode", NEAR)
def test_negatives_of_groups_equal_the_reference(mode, negative, keep):
    options = {"negative": negative, "pool": True, **grouped_noise()}
    compare(options, negatives_of_group(negative), V, keep=keep, mode=mode)


@pytest.mark.parametrize("keep", [None, HALF], ids=["all", "half"])
@pytest.mark.parametrize("global_context", ["first", "last"])
@pytest.mark.parametrize("mode", NEAR)
def test_a_global_context_equals_the_reference(mode, global_context, keep):
    """Also with frozen rows, and with a word that occurs twice in a window because of it."""
    frozen = np.zeros(V, dtype=np.uint8)
    frozen[[2, 4, 17, 20]] = 1
    options = {"negative": 2, "noise": only(4), "global_context": global_context}
    for more in ({}, {"frozen": frozen}):
        for window in (1, 3, 8):
            compare(
                options | more, negatives_of(4, 2), V, window=window, keep=keep, mode=mode,
            )  # fmt: skip


@pytest.mark.parametrize("window", [1, 8, 60])
@pytest.mark.parametrize("mode", NEAR)
def test_any_window(mode, window):
    """A window of 8 contains many repeated words; 60 is longer than any sentence."""
    compare(
        {"negative": 2, "noise": only(4)}, negatives_of(4, 2), V, window=window, mode=mode,
    )  # fmt: skip


@pytest.mark.parametrize("keep", [None, HALF], ids=["all", "half"])
@pytest.mark.parametrize("mode", NEAR)
def test_hierarchical_softmax_equals_the_reference(mode, keep):
    tree = tree_of()
    compare({"tree": tree}, path_of(tree), V - 1, keep=keep, mode=mode)


@pytest.mark.parametrize("d", [1, 20])
@pytest.mark.parametrize("negative", [1, 3, 12])
@pytest.mark.parametrize("mode", NEAR)
def test_both_losses_together_equal_the_reference(mode, negative, d):
    """The path follows the negatives, some of which are dropped; words and nodes share numbers."""
    tree = tree_of(first=V)
    options = {"negative": negative, "noise": only(4), "tree": tree}
    targets_of = both_of(tree, 4, negative)
    compare(options, targets_of, 2 * V - 1, d=d, keep=HALF, mode=mode)


@pytest.mark.parametrize("loss", ["neg", "hs", "hs+neg"])
def test_cbow_with_word2vecs_gradient_equals_the_reference(loss):
    tree = tree_of()
    if loss == "hs":
        compare({"tree": tree, "average": False}, path_of(tree), V - 1, mode="cbow")
    elif loss == "neg":
        compare({"negative": 3, "average": False}, negatives_of(4, 3), V, mode="cbow")
    else:
        options = {"negative": 3, "noise": only(4), "tree": tree_of(first=V), "average": False}
        compare(options, both_of(tree, 4, 3), 2 * V - 1, mode="cbow")


@pytest.mark.parametrize("mode", NEAR)
def test_a_dropped_negative_has_no_effect(mode):
    """All words and all negatives are 4, so every pair is a positive one."""
    ids, offsets = np.full(30, 4, dtype=np.int32), np.array([0, 30], dtype=np.int64)
    w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
    before_in, before_out = w_in.copy(), w_out.copy()
    Worker(
        job_of(ids, offsets, w_in, w_out, window=2, block=mode != "pair", cbow=mode == "cbow")
    ).train(0, 30, 0, 0.1, 0.1, 5)
    others = np.delete(np.arange(V), 4)
    np.testing.assert_array_equal(w_in[others], before_in[others])
    np.testing.assert_array_equal(w_out[others], before_out[others])
    assert w_in[4] @ w_out[4] > before_in[4] @ before_out[4] + 1


# --- pieces ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", NEAR)
def test_cutting_the_stream_into_pieces_does_not_change_the_result(mode):
    """With known negatives and one learning rate, the cuts do not change a byte."""
    ids, offsets = stream([300, 9000, 40, 1, 2])
    results = set()
    for at in ([], [100], [299, 300, 301], [CHUNK, 8000, 8001], range(50, len(ids), 50)):
        w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
        worker = Worker(
            job_of(ids, offsets, w_in, w_out, keep=HALF, window=4, shrink_windows=True,
                   block=mode != "pair", cbow=mode == "cbow")
        )  # fmt: skip
        for piece, (begin, end) in enumerate(cuts(len(ids), *at)):
            worker.train(begin, end, piece, 0.02, 0.02, 7)
        assert worker.done == len(ids)
        results.add((w_in.tobytes(), w_out.tobytes()))
    assert len(results) == 1


@pytest.mark.parametrize("mode", NEAR)
def test_pieces_in_one_call_equal_separate_calls(mode):
    """The pieces are out of order, and each has its own number and learning rates."""
    ids, offsets = stream([300, 40, 160])
    pieces = np.array([[300, 420, 7], [0, 120, 2], [420, 500, 5], [120, 300, 3]])
    lrs = np.array([0.09, 0.07, 0.06, 0.03, 0.02])
    results = set()
    for at_once in (1, 3, 4, 0):
        w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
        worker = Worker(
            job_of(ids, offsets, w_in, w_out, noise=Noise(np.ones(V)), block=mode != "pair",
                   cbow=mode == "cbow")
        )  # fmt: skip
        if at_once:
            for i in range(0, 4, at_once):
                worker.train_pieces(pieces[i : i + at_once], lrs[i : i + at_once + 1], 7)
        else:
            for (begin, end, number), first, last in zip(pieces, lrs, lrs[1:], strict=False):
                worker.train(begin, end, number, first, last, 7)
        assert worker.done == len(ids)
        results.add((w_in.tobytes(), w_out.tobytes()))
    assert len(results) == 1


def test_pieces_without_their_learning_rates_are_an_error():
    ids, offsets = stream([60])
    worker = Worker(job_of(ids, offsets, weights(V, 16, 3), weights(V, 16, 4)))
    for pieces, lrs in (
        ([[0, 60, 0]], [0.1]),
        ([[0, 60]], [0.1, 0.1]),
        ([[0, 60, 0]], [0.1] * 3),
    ):
        with pytest.raises(ValueError, match="learning rates"):
            worker.train_pieces(np.array(pieces), np.array(lrs), 7)
    assert worker.done == 0


def test_two_workers_in_sequence_equal_one():
    ids, offsets = stream([300, 50])
    results = set()
    for n in (1, 2):
        w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
        job = job_of(ids, offsets, w_in, w_out, noise=Noise(np.ones(V)))
        workers = [Worker(job) for _ in range(n)]
        for piece, (begin, end) in enumerate(cuts(350, 100, 200, 300)):
            workers[piece % n].train(begin, end, piece, 0.1, 0.1, 7)
        results.add((w_in.tobytes(), w_out.tobytes()))
    assert len(results) == 1


@pytest.mark.parametrize("every", [1, 100, 10**6])
@pytest.mark.parametrize("mode", NEAR)
@pytest.mark.parametrize("loss", ["neg", "hs", "hs+neg"])
def test_replicas_do_not_change_the_result_of_one_worker(loss, mode, every):
    """Until the merge the shared rows do not change; then they are the same as without replicas."""
    ids, offsets = stream([60] * 10)
    options = {} if loss == "hs" else {"noise": Noise(np.ones(V))}
    if loss != "neg":
        options["tree"] = tree_of(first=V if options else 0)
    rows = {"neg": V, "hs": V - 1, "hs+neg": 2 * V - 1}[loss]
    results = []
    for replicas in (0, 6):
        w_in, w_out = weights(V, 16, 3), weights(rows, 16, 4)
        worker = Worker(
            job_of(ids, offsets, w_in, w_out, replicas=replicas, merge_every=every, window=3,
                   block=mode != "pair", cbow=mode == "cbow", **options)
        )  # fmt: skip
        worker.train(0, 600, 0, 0.05, 0.05, 5)
        if replicas and every > 600:
            top = np.arange(6) if loss == "neg" else np.arange(len(w_out) - 6, len(w_out))
            np.testing.assert_array_equal(w_in[:6], weights(V, 16, 3)[:6])
            np.testing.assert_array_equal(w_out[top], weights(len(w_out), 16, 4)[top])
        worker.merge()
        results.append((w_in, w_out))
    # The merge rounds. If a score thereby reaches the table's next cell, a row changes by lr / 300.
    near = 1e-3 if mode == "pair" else 2e-5
    for without, with_replicas in zip(*results, strict=True):
        np.testing.assert_allclose(with_replicas, without, rtol=0, atol=near)


def test_workers_with_replicas_learn_from_each_other():
    """Three workers train alternately; each has replicas of all rows between merges."""
    ids, offsets = stream([50] * 60)
    gains = []
    for n in (1, 3):
        w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
        job = job_of(ids, offsets, w_in, w_out, replicas=V if n > 1 else 0, merge_every=100,
                     noise=Noise(np.ones(V)))  # fmt: skip
        workers, losses = [Worker(job) for _ in range(n)], []
        for epoch in range(3):
            for piece, (begin, end) in enumerate(cuts(3000, *range(100, 3000, 100))):
                workers[piece % n].train(begin, end, piece, 0.02, 0.02, epoch)
            for worker in workers:
                worker.merge()
            taken = [worker.take_loss() for worker in workers]
            losses.append(sum(loss for loss, _ in taken) / sum(pairs for _, pairs in taken))
        gains.append(losses[0] - losses[-1])
    assert gains[1] > 0.5 * gains[0] > 0


def in_threads(workers, pieces):
    """Each worker trains a piece [begin, end) in its own thread, then merges."""
    together = threading.Barrier(len(workers), timeout=waiting.SECONDS)

    def train(worker, begin, end):
        together.wait()
        worker.train(begin, end, 0, 1e-7, 1e-7, 7)

    threads = [
        waiting.start(train, worker, *piece) for worker, piece in zip(workers, pieces, strict=True)
    ]
    for thread in threads:
        waiting.join(thread)
    for worker in workers:
        worker.merge()


@pytest.mark.parametrize("attempt", range(4))  # without the lock about half of them fail
def test_replicas_that_are_merged_at_the_same_time_lose_no_change(attempt):
    """Two workers change one row, w_in[0], in different columns, and merge it after each sentence.

    The sentences are "0 1" and "0 2", without negatives. As the other rows are 0 or far larger,
    only w_in[0] changes: column 0 by the first worker and column 1 by the second.
    """
    n = 400_000
    offsets = np.arange(0, n + 1, 2)
    ids = np.zeros(n, dtype=np.int32)
    ids[1::2] = np.repeat([1, 2], n // 4)
    w_in, w_out = np.zeros((2, V, 16), dtype=np.float32)
    w_out[1, 0] = w_out[2, 1] = 10
    job = job_of(
        ids, offsets, w_in, w_out, replicas=1, merge_every=1, window=1, shrink_windows=False,
        negative=0,
    )  # fmt: skip
    in_threads([Worker(job), Worker(job)], cuts(n, n // 2))
    # x += lr (1 - sigmoid(10 x)) 10, n / 4 times
    x = 0.0
    for _ in range(n // 4):
        x += 1e-6 / (1 + np.exp(10 * x))
    np.testing.assert_allclose(w_in[0, :2], x, rtol=0.003)


def test_a_replica_without_changes_takes_the_shared_row_exactly():
    """Two workers train the rows of different words, and both merge all rows.

    Otherwise the other worker would take the rounding of a merge for a change, and Adasum would
    drop a part of its own change in the same direction.
    """
    n = 400_000
    offsets = np.arange(0, n + 1, 2)
    ids = np.repeat(np.arange(2, dtype=np.int32), n // 2)
    options = {"window": 1, "shrink_windows": False, "negative": 0}
    shared, alone = ([weights(V, 16, 3), weights(V, 16, 4)] for _ in range(2))
    job = job_of(ids, offsets, *shared, replicas=2, merge_every=1, **options)
    in_threads([Worker(job), Worker(job)], cuts(n, n // 2))
    Worker(job_of(ids, offsets, *alone, **options)).train(0, n, 0, 1e-7, 1e-7, 7)
    for found, expected, seed in zip(shared, alone, (3, 4), strict=True):
        near = 1e-3 * np.abs(expected - weights(V, 16, seed)).max()
        np.testing.assert_allclose(found, expected, rtol=0, atol=near)


def test_the_learning_rate_is_linear_over_a_piece():
    """`collect` returns the learning rate at the first position of its chunk."""
    ids, offsets = stream([10] * 400)
    w = weights(V, 16, 1)
    worker = Worker(job_of(ids, offsets, w, w.copy(), window=2, shrink_windows=False))
    centres, starts = np.empty(10, dtype=np.int32), np.empty(11, dtype=np.int64)
    contexts = np.empty(40, dtype=np.int32)
    worker.open(1000, 3000, 0, 0.3, 0.1, 5)
    lrs = [worker.collect(centres, starts, contexts)[1] for _ in range(200)]
    expected = [lr_at(pos, 1000, 3000, (0.3, 0.1)) for pos in range(1000, 3000, 10)]
    np.testing.assert_allclose(lrs, expected, rtol=1e-6)
    assert worker.collect(centres, starts, contexts)[0] == 0


def test_the_learning_rate_falls_within_a_long_sentence():
    ids, offsets = stream([10_000])
    w = weights(V, 16, 1)
    worker = Worker(job_of(ids, offsets, w, w.copy(), window=2, shrink_windows=False))
    n = CHUNK
    centres, starts = np.empty(n, dtype=np.int32), np.empty(n + 1, dtype=np.int64)
    contexts = np.empty(4 * n, dtype=np.int32)
    worker.open(0, 10_000, 0, 1.0, 0.0, 5)
    lrs = [worker.collect(centres, starts, contexts)[1] for _ in range(3)]
    np.testing.assert_allclose(lrs, [1, 1 - CHUNK / 10_000, 1 - 2 * CHUNK / 10_000], rtol=1e-6)


# --- draws ----------------------------------------------------------------------------------------


def negatives_drawn(mode, piece=0, key=5, n=3000, negative=4, pool=False):
    """The number of times that each word was a negative, computed from w_out, which starts at 0.

    While scores are about 0, every update is lr / 2 times the (constant) input.
    """
    ids, offsets = stream([n], seed=9)
    w_in, w_out = np.full((V, 16), 0.5, np.float32), np.zeros((V, 16), np.float32)
    noise = Noise(np.arange(1.0, V + 1))
    worker = Worker(
        job_of(ids, offsets, w_in, w_out, noise=noise, negative=negative, window=1, pool=pool,
               shrink_windows=False, block=mode != "pair", cbow=mode == "cbow")
    )  # fmt: skip
    worker.train(0, n, piece, 1e-6, 1e-6, key)
    size = 1 if mode == "cbow" else 2
    times = w_out[:, 0] / (1e-6 * 0.5 * 0.5)
    right = size * np.bincount(ids, minlength=V).astype(float)
    right[ids[0]] -= size - 1  # the first and the last word have one neighbour
    right[ids[-1]] -= size - 1
    return right - times, ids, np.array(noise.probabilities()), size


@pytest.mark.parametrize("pool", [False, True])
@pytest.mark.parametrize("mode", NEAR)
def test_negatives_follow_the_noise(mode, pool):
    """A negative equal to the centre is dropped, not redrawn.

    Of a pool, each negative is used four times (D16), so the counts vary four times as much.
    """
    found, ids, p, size = negatives_drawn(mode, pool=pool)
    elsewhere = np.array([np.sum(ids != word) for word in range(V)])
    expected = 4 * size * elsewhere * p
    shared = size if mode == "block" else 1  # the inputs of a window share their negatives
    shared *= 4 if pool else 1
    assert (
        np.sum((found - expected) ** 2 / (expected * shared)) < 49.7
    )  # chi², 23 degrees, p = 1e-3
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)


@pytest.mark.parametrize("mode", NEAR)
def test_negatives_follow_the_noise_of_the_group(mode):
    """As above; the expectation is summed over the targets, each with the noise of its group."""
    n, groups = 3000, (np.arange(V) % 4).astype(np.int32) - 1
    ids, offsets = stream([n], seed=9)
    weights_of_noise = np.arange(1.0, V + 1)
    noise = {"noise": Noise(weights_of_noise), "groups": NoiseGroups(weights_of_noise, groups)}
    w_in, w_out = np.full((V, 16), 0.5, np.float32), np.zeros((V, 16), np.float32)
    worker = Worker(
        job_of(ids, offsets, w_in, w_out, negative=4, window=1, pool=True, shrink_windows=False,
               block=mode != "pair", cbow=mode == "cbow", **noise)
    )  # fmt: skip
    worker.train(0, n, 0, 1e-6, 1e-6, 5)
    sizes = np.full(n, 1 if mode == "cbow" else 2.0)
    if mode != "cbow":
        sizes[[0, -1]] = 1  # the first and the last word have one neighbour
    targets = np.bincount(ids, sizes, minlength=V)
    found = targets - w_out[:, 0] / (1e-6 * 0.5 * 0.5)
    p = np.array([noise["groups"].probabilities(word) for word in range(V)])
    np.fill_diagonal(p, 0)  # a negative equal to the centre is dropped
    expected = 4 * targets @ p
    shared = 2 if mode == "block" else 1
    assert np.sum((found - expected) ** 2 / (expected * shared)) < 49.7
    assert found.sum() == pytest.approx(expected.sum(), rel=0.01)


@pytest.mark.parametrize("mode", NEAR)
def test_draws_depend_on_piece_and_key(mode):
    found = [
        negatives_drawn(mode, piece, key)[0] for piece, key in ((0, 5), (0, 5), (1, 5), (0, 6))
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found[0] - found[2]).max() > 20
    assert np.abs(found[0] - found[3]).max() > 20


def negatives_of_windows(negative, words=4096, d=512):
    """bool (512, words): the negatives of every second window, of 1,024 windows with a pool.

    Sentence k is the word `words`, whose input stays 0, and a word whose input is the unit vector
    k. So only the window of the first word changes column k of w_out, below 0 for its negatives.
    """
    others = np.arange(d, dtype=np.int32) + words + 1
    ids = np.stack([np.full_like(others, words), others], axis=1).ravel()
    w_in, w_out = (np.zeros((words + 1 + d, d), dtype=np.float32) for _ in range(2))
    w_in[others] = np.eye(d)
    noise = Noise((np.arange(len(w_in)) < words).astype(float))
    frozen = (np.arange(len(w_in)) == words).astype(np.uint8)
    job = job_of(
        ids, np.arange(0, 2 * d + 1, 2, dtype=np.int64), w_in, w_out,
        noise=noise, negative=negative, window=1, pool=True, frozen=frozen,
    )  # fmt: skip
    Worker(job).train(0, 2 * d, 0, 0.01, 0.01, 5)
    return w_out[:words].T < 0


@pytest.mark.parametrize("negative", [4, 5, 10])
def test_windows_share_few_negatives_of_a_pool(negative):
    """A pool of 256 negatives serves four rounds of windows, in other groups in each (D16)."""
    found = negatives_of_windows(negative).astype(np.float32)
    assert found.sum(axis=1).min() >= negative - 2  # a row can be drawn twice
    pools = -(-1024 // (4 * (256 // negative)))
    assert np.count_nonzero(found.any(axis=0)) <= 256 * pools
    shared = found @ found.T
    np.fill_diagonal(shared, 0)
    assert shared.max() <= 2 + negative // 10


def test_each_negative_of_a_pool_is_used_four_times():
    """A pool of 256 words in 256 windows of 4: the count of each word is a multiple of 4."""
    ids, offsets = np.array([2, 3] * 128, dtype=np.int32), np.array([0, 256])
    w_in, w_out = np.full((V, 512), 0.5, np.float32), np.zeros((V, 512), np.float32)
    others = ~np.isin(np.arange(V), ids)
    noise = Noise(others.astype(float))
    job = job_of(ids, offsets, w_in, w_out, noise=noise, negative=4, window=1, cbow=True, pool=True)
    Worker(job).train(0, 256, 0, 1e-9, 1e-9, 5)
    times = -w_out[others, 0] / (1e-9 * 0.5 * 0.5)
    assert times.sum() == pytest.approx(1024, rel=1e-3)
    np.testing.assert_allclose(times / 4, np.round(times / 4), rtol=0, atol=0.05)


# --- edge cases -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", NEAR)
def test_sentences_of_one_word_train_nothing(mode):
    ids, offsets = stream([1] * 50)
    w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
    before = w_in.tobytes(), w_out.tobytes()
    worker = Worker(job_of(ids, offsets, w_in, w_out, block=mode != "pair", cbow=mode == "cbow"))
    worker.train(0, 50, 0, 0.1, 0.1, 5)
    assert (w_in.tobytes(), w_out.tobytes()) == before
    assert worker.take_loss() == (0.0, 0) and worker.done == 50


def test_a_stopped_job_trains_nothing():
    ids, offsets = stream([300])
    w_in, w_out = weights(V, 16, 3), weights(V, 16, 4)
    before = w_in.tobytes(), w_out.tobytes()
    job = job_of(ids, offsets, w_in, w_out)
    worker = Worker(job)
    job.stop()
    worker.train(0, 300, 0, 0.1, 0.1, 5)
    assert (w_in.tobytes(), w_out.tobytes()) == before and worker.done == 0


@pytest.mark.parametrize("mode", NEAR)
def test_frozen_rows_do_not_change_but_train_w_out(mode):
    """Frozen inputs do not change, but w_out is trained with them."""
    frozen = np.zeros(V, dtype=np.uint8)
    frozen[[2, 4, 17, 20]] = 1
    compare({"negative": 3, "frozen": frozen}, negatives_of(4, 3), V, window=6, mode=mode)


@pytest.mark.parametrize("d", [1, 20])
@pytest.mark.parametrize("mode", NEAR)
def test_frozen_outputs_do_not_change_but_train_w_in(mode, d):
    """A repeated negative adds to the gradient each time; frozen inputs may be added."""
    frozen = np.zeros(V, dtype=np.uint8)
    frozen[[2, 17]] = 1
    options = {"negative": 3, "noise": only(4), "frozen_out": True}
    compare(options, negatives_of(4, 3), V, d=d, mode=mode)
    compare(options | {"frozen": frozen}, negatives_of(4, 3), V, d=d, mode=mode)


def test_arguments_of_a_job_that_do_not_fit():
    ids, offsets = stream([5])
    w = weights(V, 16, 1)
    with pytest.raises(ValueError, match="needs a noise distribution or a tree"):
        Job(ids, offsets, w, w, dim=16, keep=all_kept(), noise=None)
    for choice in ({"noise": only(3), "tree": tree_of()}, {"tree": tree_of(first=V)}):
        with pytest.raises(ValueError, match=r"nodes begin at row \d+ of w_out"):
            Job(ids, offsets, w, w, dim=16, keep=all_kept(), **choice)
    groups = grouped_noise()["groups"]
    for noise in ({"noise": only(3, V + 1)}, {"tree": tree_of()}):
        with pytest.raises(ValueError, match=r"groups of 23 words without noise, or with that"):
            Job(ids, offsets, w, w, dim=16, keep=all_kept(), groups=groups, **noise)
    for dim, w_in, w_out in (
        (17, w, w),
        (15, w[:, :15].copy(), w[:, :15].copy()),
        (16, w, weights(V, 32, 1)),
    ):
        with pytest.raises(ValueError, match="floats for dim"):
            Job(ids, offsets, w_in, w_out, dim=dim, keep=all_kept(), noise=only(3))
    with pytest.raises(ValueError, match="merge_every=0 for 4 replicas"):
        Job(ids, offsets, w, w, dim=16, keep=all_kept(), noise=only(3), replicas=4)


def test_read_only_matrices_are_not_trained():
    ids, offsets = stream([5])
    fixed = weights(V, 16, 1)
    fixed.flags.writeable = False
    options = {"dim": 16, "keep": all_kept(), "noise": only(3)}
    for w_in, w_out in ((fixed, weights(V, 16, 2)), (weights(V, 16, 2), fixed)):
        with pytest.raises(ValueError, match="w_in or w_out is read-only"):
            Job(ids, offsets, w_in, w_out, **options)
    worker = Worker(Job(ids, offsets, fixed, fixed, read_only=True, **options))
    with pytest.raises(ValueError, match="read-only"):
        worker.train(0, 5, 0, 0.1, 0.1, 7)
    with pytest.raises(ValueError, match="read-only"):
        worker.train_pieces(np.array([[0, 5, 0]]), np.array([0.1, 0.1]), 7)
