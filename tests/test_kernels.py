"""The pair kernel: in double it equals the reference and the gradient, in float approximately.

Documented errors: the table's sigmoid is within 0.0015 of the exact one inside (-6, 6) and within
0.0025 outside; a float pair's loss is within 0.006 of the exact one (half a cell's width).
"""

import importlib
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from w2vext import reference as ref
from w2vext.kernels import _dispatch, _testing

DIMS = (1, 7, 16, 100, 300)
V = 13
TABLE = 0.0025  # the table's largest error
PAIR_LOSS = 0.006


def rows(seed, d, dtype=np.float64, size=1.0):
    """Random rows (V, d) whose dot products are about `size` for every d."""
    w = np.random.default_rng(seed).normal(size=(V, d)) * np.sqrt(size) * d**-0.25
    return w.astype(dtype)


def ids(*numbers):
    return np.array(numbers, dtype=np.int32)


def labels_of(targets):
    return ids(1, *[0] * (len(targets) - 1))


def pair_step(w_in, w_out, inputs, targets, lr, **options):
    return _testing.train_step(
        w_in, w_out, inputs, targets, labels_of(targets), lr, kernel="pair", **options
    )


def reference_step(w_in, w_out, inputs, targets, lr):
    n = len(inputs)
    return ref.train_inputs_pair(w_in, w_out, inputs, [targets] * n, [labels_of(targets)] * n, lr)


# --- the table ------------------------------------------------------------------------------------


def test_table_error_is_as_stated():
    inside = np.linspace(-5.9999, 5.9999, 20011)
    outside = np.concatenate([np.linspace(6, 120, 500), -np.linspace(6, 120, 500)])
    for x, error in ((inside, 0.0015), (outside, TABLE)):
        x = x.astype(np.float32)
        found = np.array([_testing.table_sigmoid(each) for each in x])
        assert np.max(np.abs(found - ref.sigmoid(x))) <= error


def test_table_has_the_value_at_the_middle_of_each_cell():
    table = np.array(_testing.sigmoid_cells())
    middle = (np.arange(1024) + 0.5) / 1024 * 12 - 6
    np.testing.assert_allclose(table, ref.sigmoid(middle), rtol=1e-7)
    np.testing.assert_allclose(table + table[::-1], 1, rtol=0, atol=1e-7)


def test_table_is_half_at_zero_where_word2vec_c_has_0_494():
    assert abs(_testing.table_sigmoid(0.0) - 0.5) <= 0.0015


def test_no_score_indexes_outside_the_table():
    table = _testing.sigmoid_cells()
    below = float(np.nextafter(np.float32(6), np.float32(0)))
    assert _testing.table_sigmoid(below) == table[-1]
    assert _testing.table_sigmoid(-below) == table[0]
    for score, value in ((6, 1), (-6, 0), (3e38, 1), (-3e38, 0), (np.inf, 1), (-np.inf, 0)):
        assert _testing.table_sigmoid(score) == value
    assert _testing.table_sigmoid(np.nan) == 0


# --- one pair -------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("d", DIMS)
def test_double_pair_equals_the_reference(d, label):
    h, o = rows(3, d)[:2]
    dh = np.full(d, 0.125)  # not 0: the step adds to it
    expected_o, expected_dh, expected_h = o.copy(), dh.copy(), h.copy()
    loss = _testing.train_pair(h, o, dh, label, 0.7)
    assert loss == pytest.approx(
        ref.sgd_pair(expected_h, expected_o, expected_dh, label, 0.7), rel=1e-12
    )
    np.testing.assert_allclose(o, expected_o, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(dh, expected_dh, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(h, expected_h)


def test_dh_is_computed_from_the_old_target():
    """The order of the two updates: dh += e o comes before o += e h."""
    h, o, dh = np.array([2.0, 0.0]), np.array([0.0, 3.0]), np.zeros(2)
    _testing.train_pair(h, o, dh, 1, 1.0)
    np.testing.assert_array_equal(dh, [0.0, 1.5])
    np.testing.assert_array_equal(o, [1.0, 3.0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("d", [1, 7, 100])
def test_a_dot_product_of_exactly_minus_one(d, dtype):
    """Cython takes -1 for an exception if a declaration lacks `noexcept`."""
    h, o, dh = np.zeros(d, dtype), np.zeros(d, dtype), np.zeros(d, dtype)
    h[-1], o[-1] = 4, -0.25
    loss = _testing.train_pair(h, o, dh, 1, 0.5)
    e = 0.5 * ref.sigmoid(1.0)
    assert loss == pytest.approx(np.log1p(np.e), abs=PAIR_LOSS)
    assert o[-1] == pytest.approx(-0.25 + 4 * e, abs=4 * TABLE)
    assert dh[-1] == pytest.approx(-0.25 * e, abs=TABLE)


@pytest.mark.parametrize("score", [6.0, 6.5, 50.0, 1e6])
def test_float_saturates_and_is_not_skipped(score):
    """Far outside the table, a wrong pair gets the full update and a right one none."""
    for label, sign in ((1, 1), (0, -1)):
        h, dh = np.array([score], np.float32), np.zeros(1, np.float32)
        right, wrong = np.array([sign], np.float32), np.array([-sign], np.float32)
        assert _testing.train_pair(h, right, dh, label, 0.5) == 0
        assert (right[0], dh[0]) == (sign, 0)
        assert _testing.train_pair(h, wrong, dh, label, 0.5) == score
        assert dh[0] == sign * 0.5 * -sign
        assert wrong[0] == np.float32(-sign + sign * 0.5 * score)


@pytest.mark.parametrize("score", [6.0, 50.0, 800.0, -6.0, -50.0, -800.0])
@pytest.mark.parametrize("label", [0, 1])
def test_double_does_not_saturate_and_does_not_overflow(score, label):
    h, o, dh = np.array([score]), np.array([1.0]), np.zeros(1)
    expected = [x.copy() for x in (h, o, dh)]
    loss = _testing.train_pair(h, o, dh, label, 0.5)
    assert loss == pytest.approx(ref.sgd_pair(*expected, label, 0.5), rel=1e-12)
    np.testing.assert_allclose([o, dh], expected[1:], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_infinities_and_nans_make_the_loss_not_finite(dtype, bad):
    h, o, dh = np.array([bad, 1], dtype), np.array([1, -np.inf], dtype), np.zeros(2, dtype)
    assert not np.isfinite(_testing.train_pair(h, o, dh, 1, 0.5))


# --- a window, in double --------------------------------------------------------------------------

WINDOWS = {
    "distinct": ([5], [7, 2, 9, 4]),
    "repeated inputs": ([5, 8, 5, 5], [7, 2, 9]),
    "repeated negatives": ([5, 8], [7, 2, 2, 9, 2]),
    "negative equal to the target": ([5, 8, 5], [7, 2, 7, 9]),
    "all the same": ([3, 3, 3], [3, 3, 3, 3]),
    "one target": ([6, 1, 6], [4]),
}


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("d", DIMS)
def test_double_window_equals_the_sequential_reference(d, window):
    inputs, targets = (ids(*part) for part in WINDOWS[window])
    w_in, w_out = rows(1, d), rows(2, d)
    expected_in, expected_out = w_in.copy(), w_out.copy()
    loss = pair_step(w_in, w_out, inputs, targets, 0.6)
    assert loss == pytest.approx(
        reference_step(expected_in, expected_out, inputs, targets, 0.6), rel=1e-12
    )
    np.testing.assert_allclose(w_in, expected_in, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w_out, expected_out, rtol=1e-12, atol=1e-12)


def test_double_window_equals_train_window_pair():
    w_in, w_out = rows(1, 16), rows(2, 16)
    expected_in, expected_out = w_in.copy(), w_out.copy()
    negatives = [[2, 9, 2], [4, 4, 0], [11, 3, 8]]
    loss = sum(
        pair_step(w_in, w_out, ids(context), ids(7, *some), 0.4)
        for context, some in zip([5, 8, 5], negatives, strict=True)
    )
    expected = ref.train_window_pair(expected_in, expected_out, [5, 8, 5], 7, negatives, 0.4)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(w_in, expected_in, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w_out, expected_out, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("d", DIMS)
def test_double_step_is_the_gradient_where_targets_are_distinct(d):
    w_in, w_out = rows(1, d), rows(2, d)
    loss, grad_h, grad_out = ref.negative_sampling(w_in[5], 7, [2, 9, 4], w_out)
    moved_in, moved_out = w_in.copy(), w_out.copy()
    assert pair_step(moved_in, moved_out, ids(5), ids(7, 2, 9, 4), 1.0) == pytest.approx(
        loss, rel=1e-12
    )
    grad_in = np.zeros_like(w_in)
    grad_in[5] = grad_h
    np.testing.assert_allclose(w_in - moved_in, grad_in, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(w_out - moved_out, grad_out, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("side", ["w_in", "w_out"])
@pytest.mark.parametrize("d", DIMS)
def test_gradcheck_double_pair(d, side):
    """The kernel's step compared with central differences of its own loss."""
    whole_in, whole_out = rows(1, d), rows(2, d)
    inputs, targets = ids(5), ids(7, 2, 9, 4)
    row, whole = ([5], whole_in) if side == "w_in" else (targets, whole_out)

    def kernel(x):
        w_in, w_out = whole_in.copy(), whole_out.copy()
        moving = w_in if side == "w_in" else w_out
        moving[row] = x
        loss = pair_step(w_in, w_out, inputs, targets, 1.0)
        return loss, x - moving[row]

    assert ref.gradcheck(kernel, whole[row]) < 1e-8


@pytest.mark.parametrize("labels", [(1, 0, 0, 1, 0), (0, 0, 1, 1, 1)])
def test_gradcheck_double_path(labels):
    """Hierarchical softmax: any labels, one step down the path."""
    whole_in, whole_out = rows(1, 7), rows(2, 7)
    path = ids(11, 8, 6, 3, 1)

    def kernel(x):
        w_in, w_out = whole_in.copy(), x.copy()
        loss = _testing.train_step(w_in, w_out, ids(4), path, ids(*labels), 1.0)
        return loss, x - w_out

    assert ref.gradcheck(kernel, whole_out) < 1e-8
    codes = 1 - np.array(labels)
    expected, _, gradient = ref.hierarchical_softmax(whole_in[4], path, codes, whole_out)
    loss, step = kernel(whole_out)
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(step, gradient, rtol=1e-12, atol=1e-12)


# --- in float -------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("d", DIMS)
def test_float_window_within_the_tables_error(d, window):
    """A pair changes a row by lr sigmoid(.) times another, with an error of at most lr TABLE |row|.

    The factor 1.5 covers the effect on later pairs at this learning rate.
    """
    inputs, targets = (ids(*part) for part in WINDOWS[window])
    w_in, w_out = rows(1, d, np.float32), rows(2, d, np.float32)
    expected_in, expected_out = w_in.astype(np.float64), w_out.astype(np.float64)
    lr, pairs = 0.1, len(inputs) * len(targets)
    reach = 1.5 * lr * TABLE * pairs * max(np.abs(expected_in).max(), np.abs(expected_out).max())
    loss = pair_step(w_in, w_out, inputs, targets, lr)
    expected = reference_step(expected_in, expected_out, inputs, targets, lr)
    assert loss == pytest.approx(expected, abs=1.5 * PAIR_LOSS * pairs)
    np.testing.assert_allclose(w_in, expected_in, rtol=0, atol=reach)
    np.testing.assert_allclose(w_out, expected_out, rtol=0, atol=reach)
    untouched = np.setdiff1d(np.arange(V), targets)
    np.testing.assert_array_equal(w_out[untouched], rows(2, d, np.float32)[untouched])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_keep_dh_does_not_change_the_inputs(dtype):
    w_in, w_out = rows(1, 16, dtype), rows(2, 16, dtype)
    kept_in, kept_out = w_in.copy(), w_out.copy()
    loss = pair_step(w_in, w_out, ids(5, 8), ids(7, 2, 9), 0.6)
    kept_loss, dh = pair_step(kept_in, kept_out, ids(5, 8), ids(7, 2, 9), 0.6, keep_dh=True)
    assert loss == kept_loss
    np.testing.assert_array_equal(kept_in, rows(1, 16, dtype))
    np.testing.assert_array_equal(kept_out, w_out)
    np.testing.assert_allclose(kept_in[[5, 8]] + dh, w_in[[5, 8]], rtol=1e-6)


def test_repetition_gives_the_same_bytes():
    runs = []
    for _ in range(2):
        w_in, w_out = rows(1, 100, np.float32), rows(2, 100, np.float32)
        loss = pair_step(w_in, w_out, ids(5, 8, 5), ids(7, 2, 7), 0.6)
        runs.append((loss, w_in.tobytes(), w_out.tobytes()))
    assert runs[0] == runs[1]


# --- the test hooks -------------------------------------------------------------------------------


def test_the_hooks_check_their_arguments():
    w_in, w_out = rows(1, 16, np.float32), rows(2, 16, np.float32)
    for inputs, targets, message in (
        (ids(V), ids(0), r"inputs\[0\] = 13 is not a row: there are 13"),
        (ids(1), ids(3, -1), r"targets\[1\] = -1 is not a row"),
        (ids(), ids(1), "inputs is empty"),
    ):
        with pytest.raises(ValueError, match=message):
            pair_step(w_in, w_out, inputs, targets, 0.1)
    with pytest.raises(ValueError, match="lengths differ"):
        _testing.train_step(w_in, w_out, ids(1), ids(2, 3), ids(1), 0.1)
    with pytest.raises(ValueError, match="lengths differ"):
        _testing.train_pair(w_in[0], w_out[0], w_out[0][:7].copy(), 1, 0.1)
    with pytest.raises(ValueError, match="'mmx' is not an instruction set"):
        _testing.train_step(w_in, w_out, ids(1), ids(2), ids(1), 0.1, kernel="mmx")


def test_the_block_step_needs_padded_float32_rows():
    isa = _dispatch.isa()
    for w_in, w_out in (
        (rows(1, 15, np.float32), rows(2, 15, np.float32)),
        (rows(1, 16), rows(2, 16)),
    ):
        with pytest.raises(ValueError, match="float32 rows of a multiple of 16"):
            _testing.train_step(w_in, w_out, ids(1), ids(2), ids(1), 0.1, kernel=isa)


def test_isa_is_the_chosen_or_the_best():
    assert _dispatch.isas()[-1] == "generic"
    assert _dispatch.isa() == (os.environ.get("W2VEXT_ISA") or _dispatch.isas()[0])


@pytest.mark.parametrize("wanted", ["generic", "mmx"])
def test_isa_is_chosen_at_import(wanted, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", "from w2vext.kernels import _dispatch as d; print(d.isa())"],
        env={**os.environ, "W2VEXT_ISA": wanted, "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=tmp_path,  # the source folder may have no compiled modules
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if wanted == "generic":
        assert ran.stdout.strip() == "generic", ran.stderr
    else:
        assert ran.returncode == 1
        assert "W2VEXT_ISA='mmx': this machine runs" in ran.stderr


PREFETCHING = (
    "kernels._dispatch",
    "training._loop",
    "training._shard",
    "training._merger",
    "training._compose",
    "text._words",
    "text._phrases",
    "graph._walks",
)


@pytest.mark.skipif(not shutil.which("objdump"), reason="needs objdump")
@pytest.mark.parametrize("name", PREFETCHING)
def test_the_compiler_has_not_removed_the_prefetches(name):
    """GCC takes a function that only prefetches for one without effect, and removes its calls."""
    path = importlib.import_module(f"w2vext.{name}").__file__
    code = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"\t(prefetch\w+|prfm) ", code)
