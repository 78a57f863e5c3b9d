"""Rating, correcting and opening sources: kept only when the user wants it, and in the user's hands."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog

from core.settings import read_settings
from core.tuning.collected import CollectedPairs
from desktop.collected.review import Review
from tests.desktop.window_fakes import CONCLUSION, RESULTS, answering, cite, make_answer, make_passage, worker

QUESTION = "Do beta blockers help?"
QUOTE = RESULTS[: RESULTS.index("0.97).") + 6]


@pytest.fixture
def ask(qtbot, open_window, documents):
    """Open the window, let answers be kept or not, and ask; return window and view."""
    answer = make_answer(
        QUESTION,
        "They lowered mortality [1].\nOther drugs do too [2].",
        (cite(documents[0], QUOTE, 1, 0), cite(documents[1], CONCLUSION, 2, 1)),
    )
    script = answering(answer, *(make_passage(document) for document in documents))

    def run(allowed=True):
        desktop = open_window(worker(script))
        desktop.settings.change(replace(desktop.settings.now, collect=allowed))
        desktop.ask.ask(QUESTION)
        qtbot.waitUntil(lambda: not desktop.session.busy)
        return desktop, desktop.ask.turns.views[0]

    return run


def click_button(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_nothing_is_asked_or_kept_unless_the_user_wants_it(qtbot, ask, home):
    desktop, view = ask(allowed=False)
    assert not view.feedback.isVisible()
    view.text.citation_activated.emit(0)
    assert not (home.root / "collected.jsonl").exists()
    desktop.settings.change(replace(desktop.settings.now, collect=True))
    assert view.feedback.good.isVisible()
    desktop.settings.change(replace(desktop.settings.now, collect=False))
    assert not view.feedback.isVisible()


def test_that_the_switch_is_in_the_settings(qtbot, ask, home):
    desktop, _ = ask(allowed=False)
    box = desktop.preferences.editors[("collect",)]
    assert not box.isChecked()
    desktop.window.show_page(desktop.preferences)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(10, box.height() // 2))
    assert read_settings(home.settings).collect


def test_that_a_good_answer_is_kept_with_the_passages_it_was_written_from(qtbot, ask, home, documents):
    _, view = ask()
    click_button(qtbot, view.feedback.good)
    (item,) = CollectedPairs(home).all()
    assert (item.kind, item.question, item.answer) == ("good", QUESTION, view.answer.answer)
    assert [part.text for part in item.evidence] == [document.text for document in documents]
    assert "good answer" in view.feedback.said.text()
    assert view.feedback.undo.hasFocus()
    click_button(qtbot, view.feedback.undo)
    assert CollectedPairs(home).all() == []
    assert view.feedback.good.isVisible()


def test_that_a_bad_answer_teaches_nothing(qtbot, ask, home):
    _, view = ask()
    click_button(qtbot, view.feedback.bad)
    (item,) = CollectedPairs(home).all()
    assert (item.kind, item.answer) == ("bad", "")
    assert "nothing is learned" in view.feedback.said.text()


def test_that_a_correction_is_written_in_place_of_the_answer(qtbot, ask, home):
    _, view = ask()
    feedback = view.feedback
    click_button(qtbot, feedback.correct)
    assert feedback.editor.hasFocus()
    assert feedback.editor.toPlainText() == view.answer.answer
    feedback.editor.setPlainText(" ")
    assert not feedback.save.isEnabled()
    feedback.editor.setPlainText("They lowered it in sinus rhythm [1].")
    click_button(qtbot, feedback.save)
    (item,) = CollectedPairs(home).all()
    assert (item.kind, item.answer) == ("corrected", "They lowered it in sinus rhythm [1].")
    assert item.shown == view.answer.answer
    assert not feedback.editor.isVisible()


def test_that_a_correction_can_be_given_up(qtbot, ask, home):
    _, view = ask()
    click_button(qtbot, view.feedback.correct)
    cancel = next(
        b for b in view.feedback.findChildren(type(view.feedback.save).__base__) if b.text() == "Cancel"
    )
    click_button(qtbot, cancel)
    assert view.feedback.good.isVisible()
    assert CollectedPairs(home).all() == []


def test_that_what_was_said_is_still_there_when_the_conversation_is_opened_again(qtbot, ask, open_window):
    desktop, view = ask()
    click_button(qtbot, view.feedback.good)
    conversation = desktop.session.shown
    again = open_window()
    again.session.open(conversation)
    assert "good answer" in again.ask.turns.views[0].feedback.said.text()


def test_that_an_opened_source_is_kept_once(qtbot, ask, home, documents):
    desktop, view = ask()
    view.text.citation_activated.emit(0)
    view.text.citation_activated.emit(0)
    desktop.ask.side.evidence.chosen.emit(desktop.ask.side.evidence.cards[1].source)
    kept = CollectedPairs(home).all()
    assert [(item.kind, item.question) for item in kept] == [("click", QUESTION)] * 2
    assert kept[0].evidence[0].text == QUOTE
    assert kept[0].evidence[0].document == documents[0].pmid


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # the plugin without a screen
def test_that_all_of_it_can_be_read_deleted_brought_back_and_taken_along(
    qtbot, ask, home, tmp_path, monkeypatch
):
    desktop, view = ask()
    click_button(qtbot, view.feedback.good)
    view.text.citation_activated.emit(1)
    desktop.preferences.collected_wanted.emit()
    review = desktop.window.findChild(Review)
    assert review.heading.text() == "2 kept on this computer"
    assert [review.model.cell(row, 1) for row in (0, 1)] == ["Source opened", "Good answer"]
    review.table.selectRow(1)
    assert view.answer.answer in review.detail.toPlainText()
    assert QUESTION in review.detail.toPlainText()
    click_button(qtbot, review.delete)
    assert [item.kind for item in CollectedPairs(home).all()] == ["click"]
    assert view.feedback.good.isVisible()  # behind the dialog, the answer can be rated again
    click_button(qtbot, review.undo)
    click_button(qtbot, review.delete_all)
    assert CollectedPairs(home).all() == []
    assert review.heading.text() == "Nothing is kept yet"
    assert not review.delete.isEnabled()
    click_button(qtbot, review.undo)
    assert len(CollectedPairs(home).all()) == 2
    target = tmp_path / "out.jsonl"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    click_button(qtbot, review.export)
    assert len([json.loads(line) for line in target.read_text("utf-8").splitlines()]) == 2
    assert "2 exported" in review.said.text()
    review.close()


def test_that_a_disk_that_fails_is_said_and_nothing_is_claimed(qtbot, ask, home):
    desktop, view = ask()
    (home.root / "collected.jsonl.new").mkdir()
    click_button(qtbot, view.feedback.good)
    assert "could not be saved" in desktop.window.toast.label.text()
    assert view.feedback.good.isVisible()
