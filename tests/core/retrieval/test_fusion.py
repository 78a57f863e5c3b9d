"""Fusion: what both searches like comes first, whatever their scales."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retrieval.fusion import by_score, fuse

results = st.dictionaries(st.integers(0, 50), st.floats(-5, 50, allow_nan=False), max_size=30)


def ranking(scores):
    return by_score(np.array(list(scores), np.int64), np.array(list(scores.values()), np.float64))


def fused(dense, lexical, method):
    return list(fuse([ranking(dense), ranking(lexical)], method))


def test_that_a_passage_high_in_both_beats_one_that_is_first_in_one():
    dense = {1: 0.9, 2: 0.85, 3: 0.1}
    lexical = {4: 12.0, 2: 11.0, 3: 1.0}
    assert fused(dense, lexical, "normalised")[0][0] == 2
    assert fused(dense, lexical, "reciprocal_rank")[0][0] == 2


def test_that_normalised_scores_do_not_depend_on_the_scale_of_bm25():
    dense, lexical = {1: 0.9, 2: 0.2}, {1: 3.0, 2: 8.0, 3: 1.0}
    larger = {key: 100 * score for key, score in lexical.items()}
    expected = pytest.approx(dict(fused(dense, larger, "normalised")))
    assert dict(fused(dense, lexical, "normalised")) == expected


def test_that_reciprocal_rank_is_the_published_sum():
    expected = pytest.approx({7: 1 / 61, 8: 1 / 62 + 1 / 61})
    assert dict(fused({7: 0.5, 8: 0.4}, {8: 2.0}, "reciprocal_rank")) == expected


def test_that_equal_scores_are_in_the_order_of_keys():
    assert [key for key, _ in fused({5: 1.0, 3: 1.0, 4: 1.0}, {}, "normalised")] == [3, 4, 5]


@given(results, results, st.sampled_from(["normalised", "reciprocal_rank"]))
def test_that_fusing_keeps_every_key_once_in_falling_order(dense, lexical, method):
    found = fused(dense, lexical, method)
    assert {key for key, _ in found} == dense.keys() | lexical.keys()
    assert len(found) == len(dense.keys() | lexical.keys())
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


@given(results, results)
def test_that_normalised_scores_lie_between_zero_and_one(dense, lexical):
    assert all(-1e-9 <= score <= 1 + 1e-9 for _, score in fused(dense, lexical, "normalised"))
