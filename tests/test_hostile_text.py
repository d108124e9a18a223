"""Texts made to harm: words that collide in the tables."""

import collisions
import pytest


@pytest.fixture(scope="module")
def times(tmp_path_factory):
    return {
        name: (slow, fast)
        for name, slow, fast in collisions.compare(30_000, tmp_path_factory.mktemp("words"))
    }


@pytest.mark.parametrize("table", ["text", "exact", "numbers"])
def test_chosen_words_cost_no_more_than_others(table, times):
    slow, fast = times[table]
    assert slow <= 3 * fast + 0.005
