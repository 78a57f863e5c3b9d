"""Rankings, worked out by hand."""

from math import log2

import pytest

from core.evaluation.ranking import ndcg, recall, reciprocal_rank


def test_that_the_first_place_counts_most():
    assert ndcg([True, False, False], 1) == 1.0
    assert ndcg([False, True, False], 1) == pytest.approx(1 / log2(3))
    assert ndcg([True, False, True], 2) == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))


def test_that_what_stands_below_ten_does_not_count():
    hits = [False] * 10 + [True]
    assert ndcg(hits, 1) == 0
    assert reciprocal_rank(hits) == 0
    assert recall(hits, 1) == 1


def test_that_more_right_ones_than_places_can_still_be_perfect():
    assert ndcg([True] * 10, 30) == 1.0


def test_that_nothing_right_gives_nothing():
    assert ndcg([], 0) == recall([], 0) == reciprocal_rank([]) == 0.0
    assert recall([True, False], 4) == 0.25
    assert reciprocal_rank([False, False, True]) == pytest.approx(1 / 3)
