"""The real wizard on the real processes: a tiny model is tuned from files, compared, used and taken back."""

from __future__ import annotations

import gc
import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from core.paths import Home
from core.settings import read_settings
from desktop.app import Desktop, Programs
from desktop.wizard.wizard import PageId
from tests.desktop.conftest import WATCHED, running
from tests.desktop.wizard.rebuild_hands import RebuildHands
from tests.fakes.tiny_home import make_tiny_home

pytestmark = pytest.mark.slow
LONG_MS = 120_000  # a process that loads torch on a busy computer


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_llama, tiny_embedder) -> Home:
    return make_tiny_home(tmp_path_factory.mktemp("home") / "data", tiny_llama, tiny_embedder)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    rows = [
        {
            "question": f"Does tea number {number} help {'sleep' if number % 2 else 'walking'}?",
            "answer": f"Yes. Tea number {number} helped.",
            "context": f"People drank tea number {number}. Tea number {number} helped. Nobody was ill.",
            "document": f"tea-{number}",
        }
        for number in range(24)
    ]
    path = tmp_path_factory.mktemp("pairs") / "teas.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


class OpenWindow:
    """The window on its real processes; ``again`` closes it and opens another on the same home."""

    def __init__(self, app, qtbot, home: Home) -> None:
        self._app, self._qtbot, self._home = app, qtbot, home
        self.hands = self._open()

    def again(self) -> RebuildHands:
        self.close()
        self.hands = self._open()
        return self.hands

    def close(self) -> None:
        desktop = self.hands.desktop
        desktop.shut_down(grace_ms=30_000)
        desktop.window.may_close = lambda: True
        desktop.window.close()
        desktop.window.deleteLater()
        desktop.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _open(self) -> RebuildHands:
        desktop = Desktop(self._app, self._home, Programs())
        desktop.window.show()
        desktop.window.show_page(desktop.rebuilding.page)
        return RebuildHands(desktop, self._qtbot, LONG_MS)


@pytest.fixture
def opened(qapp, qtbot, home):
    opened = OpenWindow(qapp, qtbot, home)
    yield opened
    opened.close()
    gc.collect()
    left = [one for one in gc.get_objects() if issubclass(type(one), WATCHED) and running(one)]
    assert not left, left


def set_recipe(hands: RebuildHands, name: str, **training) -> None:
    """Make a recipe that suits a model of some thousand numbers."""
    recipe = hands.draft.recipe
    choice = replace(recipe.training, accumulation=1, evaluations=2, checkpoints=2, **training)
    data = replace(recipe.data, max_length=1024, validation=0.25, passages=2, packing=False)
    hands.draft.set_recipe(replace(recipe, name=name, training=choice, data=data))
    hands.draft.set_base("tiny-llama", "full")


def test_that_files_become_a_model_in_use_through_stop_close_resume_a_failing_gate_and_revert(
    opened, home, pairs, tmp_path
):
    hands = opened.hands
    set_recipe(hands, "teas", max_steps=16, learning_rate=1e-3)
    nothing = tmp_path / "empty.jsonl"
    nothing.touch()
    hands.start(pairs, nothing)
    assert "empty" in hands.wizard.files.cards[1].found.text()  # told, and no obstacle
    hands.wait(lambda: hands.trainer.story.step >= 3)
    hands.click(hands.wizard.running.stop)
    hands.wait(lambda: not hands.trainer.busy)
    stopped = hands.trainer.story.step
    assert 3 <= stopped < 16

    hands = opened.again()
    hands.click(hands.page.open)
    assert hands.wizard.currentId() == PageId.RUN
    assert max(hands.wizard.running.loss.curves[0]) == stopped
    hands.click(hands.wizard.running.resume)
    hands.wait(lambda: hands.trainer.story.step > stopped)
    hands.wizard.close()  # it goes on
    hands.wait(lambda: not hands.trainer.busy)
    hands.click(hands.page.open)
    assert hands.wizard.currentId() == PageId.RESULT

    outcome = hands.wizard.outcome
    report = hands.part.runs.all()[0].report()
    assert report.verdict == "better"
    assert len(outcome.measures.rows) == len(report.measures) > 0
    hands.click(outcome.activate)
    hands.wait(lambda: hands.desktop.settings.now.model.language == "teas")
    assert (home.models / "teas" / "model.safetensors").is_file()
    hands.wizard.close()

    # hardly anything learned, it cannot be as good as the model that is now in use
    set_recipe(hands, "lazy", max_steps=1, learning_rate=1e-9)
    hands.start(pairs)
    hands.finish()
    assert outcome.verdict.text().endswith("The current model stays in use.")
    hands.click(outcome.activate)
    assert not hands.part.switcher.busy  # it would take a second click
    hands.click(outcome.discard)
    assert [run.recipe().name for run in hands.part.runs.all()] == ["teas"]
    assert read_settings(home.settings).model.language == "teas"

    hands.click(hands.page.banners[0].button)
    hands.wait(lambda: hands.desktop.settings.now.model.language == "tiny-llama")
    assert read_settings(home.settings).model.language == "tiny-llama"
