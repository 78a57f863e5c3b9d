"""Means with intervals, and McNemar's exact test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.estimates import macro_f1, mcnemar, mean, ratio, statistic


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_that_the_mean_lies_in_its_interval(values):
    found = mean(values)
    assert found.value == pytest.approx(np.mean(values), abs=1e-4)
    assert found.low - 1e-3 <= found.value <= found.high + 1e-3


def test_that_the_interval_of_a_share_is_as_wide_as_theory_says():
    found = mean([1.0] * 60 + [0.0] * 40)
    half = 1.96 * (0.6 * 0.4 / 100) ** 0.5  # 0.096
    assert found.low == pytest.approx(0.6 - half, abs=0.015)
    assert found.high == pytest.approx(0.6 + half, abs=0.015)


def test_that_a_ratio_weighs_items_by_what_they_hold():
    assert ratio([1, 0], [3, 1]).value == 0.25
    assert ratio([], []) is None
    assert ratio([0, 0], [0, 0]) is None


def test_that_a_statistic_is_of_all_items_and_none_without_items():
    assert statistic(lambda places: float(len(set(places.tolist()))), 7).value == 7
    assert statistic(lambda places: 0.0, 0) is None


def test_that_mcnemar_is_the_exact_binomial_test():
    # 2 x (C(10,0) + C(10,1) + C(10,2)) / 2^10
    assert mcnemar(2, 8) == pytest.approx(2 * (1 + 10 + 45) / 1024)
    assert mcnemar(8, 2) == mcnemar(2, 8)
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(0, 0) == 1.0


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["a", "b", "c", ""])), min_size=1, max_size=30)
)
def test_that_macro_f1_is_that_of_scikit_learn(pairs):
    from sklearn.metrics import f1_score

    right, said = zip(*pairs, strict=True)
    theirs = f1_score(right, said, labels=sorted(set(right)), average="macro", zero_division=0.0)
    found = macro_f1(right, said)
    assert found.value == pytest.approx(theirs, abs=1e-4)
    assert found.low <= found.high
    assert macro_f1([], []) is None
