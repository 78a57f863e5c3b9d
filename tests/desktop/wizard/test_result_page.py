"""The last page of the wizard: one result after another."""

import pytest

from core.protocol import RunStateChanged
from core.tuning.recipe import Recipe
from tests.fakes.tiny_runs import make_finished_run

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # the plugin without a screen


def test_that_insisting_on_one_result_is_not_insisting_on_the_next(open_window, home, tiny_llama):
    one, other = (make_finished_run(home, tiny_llama, Recipe(name=name), "worse") for name in ("one", "two"))
    one.record(RunStateChanged("judged"))
    desktop = open_window()
    desktop.rebuilding.show_run(one.id)
    outcome = desktop.rebuilding.wizard.outcome
    outcome.which.addItem("other", other.id)
    outcome.activate.click()
    assert outcome.activate.text() == "Yes, use the worse model"
    outcome.which.setCurrentIndex(1)
    assert outcome.activate.text() == "Use it anyway…"
    desktop.rebuilding.wizard.close()
