"""Fusion: what both searches like comes first, whatever their scales."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.retrieval.fusion import fuse, normalised, reciprocal_rank

results = st.dictionaries(st.integers(0, 50), st.floats(-5, 50, allow_nan=False), max_size=30)


def test_that_a_passage_high_in_both_beats_one_that_is_first_in_one():
    dense = {1: 0.9, 2: 0.85, 3: 0.1}
    lexical = {4: 12.0, 2: 11.0, 3: 1.0}
    assert fuse(dense, lexical, "normalised")[0][0] == 2
    assert fuse(dense, lexical, "reciprocal_rank")[0][0] == 2


def test_that_normalised_scores_do_not_depend_on_the_scale_of_bm25():
    dense, lexical = {1: 0.9, 2: 0.2}, {1: 3.0, 2: 8.0, 3: 1.0}
    larger = {key: 100 * score for key, score in lexical.items()}
    assert normalised(dense, lexical) == pytest.approx(normalised(dense, larger))


def test_that_reciprocal_rank_is_the_published_sum():
    assert reciprocal_rank([{7: 0.5, 8: 0.4}, {8: 2.0}]) == pytest.approx({7: 1 / 61, 8: 1 / 62 + 1 / 61})


@given(results, results, st.sampled_from(["normalised", "reciprocal_rank"]))
def test_that_fusing_keeps_every_key_once_in_falling_order(dense, lexical, method):
    fused = fuse(dense, lexical, method)
    assert {key for key, _ in fused} == dense.keys() | lexical.keys()
    assert len(fused) == len(dense.keys() | lexical.keys())
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(results, results)
def test_that_normalised_scores_lie_between_zero_and_one(dense, lexical):
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in normalised(dense, lexical).values())
