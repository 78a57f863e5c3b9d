"""Curves that can be read, however noisy."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.wizard.plots import SMOOTHED_FROM, CurvePlot, smoothed


def test_that_a_long_noisy_curve_is_drawn_as_its_running_mean(qtbot):
    plot = CurvePlot("Loss", ("training", "held out"))
    qtbot.addWidget(plot)
    noisy = {step: 1.0 + (step % 2) for step in range(SMOOTHED_FROM * 2)}
    plot.show_curves(noisy, {})
    _, drawn = plot.items[0].getData()
    assert max(drawn[10:]) - min(drawn[10:]) < 0.2
    assert plot.curves[0] == noisy


def test_that_a_short_curve_is_drawn_as_it_is(qtbot):
    plot = CurvePlot("Loss", ("training",))
    qtbot.addWidget(plot)
    plot.show_curves({1: 2.0, 2: 1.0, 3: 3.0})
    assert list(plot.items[0].getData()[1]) == [2.0, 1.0, 3.0]


@given(st.dictionaries(st.integers(0, 10_000), st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_that_a_mean_has_every_step_and_stays_between_the_values(curve):
    mean = smoothed(curve)
    assert mean.keys() == curve.keys()
    low, high = min(curve.values()), max(curve.values())
    assert all(low - 1e-3 <= value <= high + 1e-3 for value in mean.values())
