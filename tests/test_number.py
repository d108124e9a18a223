"""Shortest printing and correctly rounded parsing of float32, through the Cython binding."""

import locale
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2vext.formats import _numbers

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


def bits(x):
    return np.float32(x).view(np.uint32)


@given(FINITE)
def test_printed_numbers_are_parsed_to_the_same_bits(x):
    assert bits(_numbers.parse_number(_numbers.print_number(x).encode())) == bits(x)


@given(FINITE)
def test_numpy_parses_printed_numbers_to_the_same_bits(x):
    assert bits(np.float32(_numbers.print_number(x))) == bits(x)


def test_the_number_of_digits_equals_numpys():
    rng = np.random.default_rng(3)
    normal = rng.integers(0, 0x7F800000, 20_000).astype(np.uint32)
    subnormal = np.arange(1, 500, dtype=np.uint32)
    powers = np.arange(1, 255, dtype=np.uint32) << 23
    for x in np.concatenate([normal, subnormal, powers]).view(np.float32):
        ours = _numbers.print_number(float(x))
        assert Decimal(ours) == Decimal(np.format_float_scientific(x, unique=True)), ours


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_is_rounded_once(x):
    exact = Decimal(x)
    got = np.float32(_numbers.parse_number(repr(x).encode()))
    if abs(exact) >= Decimal(2) ** 128 - Decimal(2) ** 103:
        assert np.isinf(got)
        return
    got = Decimal(float(got))
    for neighbour in (np.nextafter(np.float32(got), s) for s in (np.float32(-np.inf), np.inf)):
        if np.isfinite(neighbour):
            assert abs(got - Decimal(repr(x))) <= abs(Decimal(float(neighbour)) - Decimal(repr(x)))


@pytest.mark.parametrize("text", [b"", b"-", b".", b"1,5", b"0x1p3", b"1e", b"1_000", b" 1", b"1 "])
def test_text_that_is_not_one_number(text):
    assert _numbers.parse_number(text) is None


@pytest.mark.parametrize("text", [b"nan", b"NaN", b"-inf", b"Infinity", b"1e39", b"-1e400"])
def test_values_that_are_not_finite_are_parsed(text):
    assert not np.isfinite(_numbers.parse_number(text))


def test_the_decimal_comma_of_a_locale_has_no_effect():
    before = locale.setlocale(locale.LC_NUMERIC)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "German_Germany.1252"):
        try:
            locale.setlocale(locale.LC_NUMERIC, name)
            break
        except locale.Error:
            continue
    else:
        pytest.skip("no locale with a decimal comma is installed")
    try:
        assert _numbers.print_number(0.5) == "0.5"
        assert _numbers.parse_number(b"0.5") == 0.5
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)
