"""Answering less makes answers better, if the score means something; the curve says by how much."""

from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.coverage import Point, coverage_curve, threshold_for

CURVE = coverage_curve([0.9, 0.8, 0.8, 0.3], [True, True, False, False])


def test_that_the_curve_counts_what_reaches_each_threshold():
    expected = [(0.9, 0.25, 1.0), (0.8, 0.75, 2 / 3), (0.3, 1.0, 0.5)]
    assert list(CURVE) == [Point(*values) for values in expected]


def test_that_the_threshold_covers_most_at_the_precision_that_is_asked_for():
    assert threshold_for(CURVE, 0.6) == CURVE[1]
    assert threshold_for(CURVE, 0.9) == CURVE[0]
    assert threshold_for(CURVE[1:], 0.9) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_that_the_last_point_answers_everything(pairs):
    curve = coverage_curve([score for score, _ in pairs], [right for _, right in pairs])
    assert curve[-1].coverage == 1.0
    assert curve[-1].precision == sum(right for _, right in pairs) / len(pairs)
    assert [point.coverage for point in curve] == sorted(point.coverage for point in curve)
