"""Krippendorff's alpha, against the example that he published."""

import pytest

from core.evaluation.agreement import krippendorff_alpha

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section E: four observers, twelve units,
# some values missing; alpha with interval distance is 0.849.
OBSERVERS = {
    "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}


def ratings(observers):
    return [
        (name, str(unit), value)
        for name, values in observers.items()
        for unit, value in enumerate(values)
        if value is not None
    ]


def test_that_the_published_example_comes_out():
    assert krippendorff_alpha(ratings(OBSERVERS)) == pytest.approx(0.849, abs=0.0005)


def test_that_full_agreement_is_one_and_opposition_is_below_chance():
    assert krippendorff_alpha(ratings({"A": [1, 5, 3], "B": [1, 5, 3]})) == 1.0
    assert krippendorff_alpha(ratings({"A": [1, 5, 1], "B": [5, 1, 5]})) < 0


def test_that_there_is_no_agreement_to_speak_of_with_one_rater_or_one_value():
    assert krippendorff_alpha(ratings({"A": [1, 5, 3]})) is None
    assert krippendorff_alpha(ratings({"A": [4, 4], "B": [4, 4]})) is None
    assert krippendorff_alpha([]) is None
